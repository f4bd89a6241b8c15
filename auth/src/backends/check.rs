//! Who someone is: all backends are asked, and a password is checked once.

use super::{Answer, Attempt, AuthBackend, Authenticated, Backends, PasswordCredentials};
use crate::events::{Event, EventKind, Events};
use crate::hash_pool::PoolError;
use crate::hashers::Verdict;
use crate::layer::Auth;
use crate::names::normalize_username;
use crate::throttle::{Attempter, Counted, Throttle};
use crate::{AbstractUser, PasswordHash, passwords, proof};
use nuages::futures_util::future::BoxFuture;
use nuages::sessions::SessionStore;
use nuages::{Database, Error, Result, Settings};
use poem::Request;
use std::any::Any;
use std::sync::Arc;

/// Asks the site's backends about a name and a password; `None` if they do not fit, the user may not log in, or there is none.
///
/// Every failure costs exactly one hash, whoever the name belongs to and however many backends there are, and counts as an attempt.
///
/// # Errors
/// [`Error::TooManyRequests`] (429) past the limit of attempts, which costs no hash; [`Error::Unavailable`] (503) if too many passwords are being checked.
pub async fn authenticate<U: AbstractUser>(
    request: &Request,
    username: &str,
    password: &str,
) -> Result<Option<Authenticated<U>>> {
    Check::of(request).run(username, password).await
}

/// Asks the site's backends about credentials of another kind than name and password; `None` if no backend recognises anybody by
/// them. No password is checked, so a failure costs no hash.
///
/// # Errors
/// Those of the backends.
pub async fn authenticate_by<U: AbstractUser>(
    request: &Request,
    credentials: impl Any + Send + Sync,
) -> Result<Option<Authenticated<U>>> {
    Check::of(request).ask(&credentials, &mut None).await
}

/// What logging in is called where attempts are counted.
pub(crate) const LOGIN: &str = "login";

/// What a check of credentials needs, kept from the request.
#[derive(Clone)]
pub(crate) struct Check {
    pub(crate) auth: Auth,
    pub(crate) db: Database,
    pub(crate) settings: Arc<Settings>,
    sessions: Arc<dyn SessionStore>,
    throttle: Throttle,
    who: Attempter,
    events: Events,
    failure: Event,
}

impl Check {
    pub(crate) fn of(request: &Request) -> Self {
        use nuages::RequestExt;
        Self {
            auth: Auth::of(request).clone(),
            db: request.db(),
            settings: Arc::clone(request.settings()),
            sessions: Arc::clone(request.session().store()),
            throttle: request.provided::<Throttle>().clone(),
            who: Attempter::of(request),
            events: request.provided::<Events>().clone(),
            failure: Event::new(request, EventKind::LoginFailed, None),
        }
    }

    /// Counts an attempt at an account before anything else is done about it.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] past the limit.
    pub(crate) async fn count(&self, action: &str, account: &str) -> Result<Counted> {
        self.noted(self.throttle.count(action, account, &self.who).await).await
    }

    /// Counts an attempt at nobody's account: the network alone has a limit.
    ///
    /// # Errors
    /// As [`count`](Check::count).
    pub(crate) async fn count_from_network(&self, action: &str) -> Result<()> {
        self.noted(self.throttle.count_from_network(action, &self.who).await).await
    }

    /// Tells of it if there were too many.
    async fn noted<T>(&self, counted: Result<T>) -> Result<T> {
        if let Err(Error::TooManyRequests(_)) = counted {
            self.tell(EventKind::Throttled, None).await;
        }
        counted
    }

    /// Whether it is the password of this user, who is signed in: an attempt like any other.
    ///
    /// # Errors
    /// As [`authenticate`].
    pub(crate) async fn is_password_of<U: AbstractUser>(&self, user: &U, password: &str) -> Result<bool> {
        let counted = self.count(LOGIN, user.get_username()).await?;
        let is_right = self.auth.passwords().verify(password, user.password_hash()).await?;
        if is_right {
            counted.forgive().await?;
        }
        Ok(is_right)
    }

    /// Tells of something that happened in the request.
    pub(crate) async fn tell(&self, kind: EventKind, user_id: Option<String>) {
        let event = Event { kind, user_id, ..self.failure.clone() };
        self.events.tell(&self.db, event).await;
    }

    /// Its type is hidden, or whatever waits for it in a site's views would have the types of all that happens in here inside its own, and
    /// the compiler follows them only so deep.
    pub(crate) fn run<'a, U: AbstractUser>(
        &'a self,
        username: &'a str,
        password: &'a str,
    ) -> BoxFuture<'a, Result<Option<Authenticated<U>>>> {
        Box::pin(self.recognise(username, password))
    }

    async fn recognise<U: AbstractUser>(
        &self,
        username: &str,
        password: &str,
    ) -> Result<Option<Authenticated<U>>> {
        let counted = self.count(LOGIN, &normalize_username(username)).await?;
        let credentials =
            PasswordCredentials { username: username.to_owned(), password: password.to_owned() };
        let mut suspected = None;
        let user = self.ask(&credentials, &mut suspected).await?;
        match user {
            Some(_) => counted.forgive().await?,
            None => self.tell(EventKind::LoginFailed, suspected).await,
        }
        Ok(user)
    }

    /// Asks the backends in their order, until one has recognised the user, or forbids it. The first whose password was looked at is
    /// suspected.
    async fn ask<U: AbstractUser>(
        &self,
        credentials: &(dyn Any + Send + Sync),
        suspected: &mut Option<String>,
    ) -> Result<Option<Authenticated<U>>> {
        let passwords = self.auth.passwords();
        let attempt = Attempt { db: &self.db, settings: &self.settings, passwords, credentials };
        let typed = attempt.credentials::<PasswordCredentials>();
        let mut password = typed.map(|typed| Password { check: self, typed: &typed.password, checked: None });
        for backend in Backends::<U>::of(&self.auth).iter() {
            match (backend.authenticate(&attempt).await?, &mut password) {
                (Answer::Recognised(user), _) if backend.user_can_authenticate(&user) => {
                    return Ok(Some(Authenticated::trust(user, backend.name())));
                }
                (Answer::Candidate(user), Some(password)) => {
                    suspected.get_or_insert_with(|| user.key().to_string());
                    let fits = password.fits(&user).await?;
                    if fits && backend.user_can_authenticate(&user) {
                        return self.accept(user, backend, password, credentials).await;
                    }
                }
                (Answer::Veto, _) => break,
                _ => {}
            }
        }
        if let Some(password) = password {
            password.cost().await?;
        }
        Ok(None)
    }

    async fn accept<U: AbstractUser>(
        &self,
        mut user: U,
        backend: &Arc<dyn AuthBackend<U>>,
        password: &Password<'_, U>,
        credentials: &(dyn Any + Send + Sync),
    ) -> Result<Option<Authenticated<U>>> {
        let may_update = self.auth.passwords().may_upgrade();
        if password.must_update() && may_update && !self.upgrade(&mut user, password.typed).await? {
            // The password was changed while this one was checked: it is judged anew.
            return Box::pin(self.ask(credentials, &mut None)).await;
        }
        Ok(Some(Authenticated::trust(user, backend.name())))
    }

    /// Stores the password as today's hasher writes it, unless it was changed meanwhile; then it answers `false`. The
    /// user's other sessions stay: their proof of the password is renewed in the same step.
    async fn upgrade<U: AbstractUser>(&self, user: &mut U, password: &str) -> Result<bool> {
        let old = user.password_hash().expose().to_owned();
        let before: Vec<_> = self.settings.keys().map(|key| proof::of(user, key)).collect();
        let hash = self.auth.hash_pool().make(password.into()).await?;
        user.set_password_hash(PasswordHash::new(hash));
        let after = proof::of(user, self.settings.secret_key.expose());
        let user = &*user;
        let store = async move |db: Database| {
            if !passwords::write(&db, user, Some(&old)).await? {
                return Ok(false);
            }
            let id = user.key().to_string();
            for before in &before {
                self.sessions.replace_value(&db, &id, proof::NAME, before, &after).await?;
            }
            Ok(true)
        };
        self.db.transaction(store).await
    }
}

/// The password of an attempt, which is checked against one user's at most.
struct Password<'c, U: AbstractUser> {
    check: &'c Check,
    typed: &'c str,
    checked: Option<(U::Key, Verdict)>,
}

impl<U: AbstractUser> Password<'_, U> {
    /// Whether it is this user's. Once it was checked against one user's it is no other's.
    async fn fits(&mut self, user: &U) -> Result<bool> {
        if self.checked.is_none() {
            let encoded = user.password_hash().expose().into();
            let verdict = self.check.auth.hash_pool().verify(self.typed.into(), encoded).await?;
            self.checked = Some((user.key().clone(), verdict));
        }
        Ok(self.checked.as_ref().is_some_and(|(key, verdict)| key == user.key() && verdict.correct))
    }

    fn must_update(&self) -> bool {
        self.checked.as_ref().is_some_and(|(_, verdict)| verdict.must_update)
    }

    /// Costs what a check does, unless there was one.
    async fn cost(self) -> Result<()> {
        match self.checked {
            None => Ok(self.check.auth.hash_pool().burn(self.typed.into()).await?),
            Some(_) => Ok(()),
        }
    }
}

impl From<PoolError> for Error {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::TooLong => Error::BadRequest(error.to_string()),
            PoolError::Busy | PoolError::Failed => Error::Unavailable(error.to_string()),
        }
    }
}
