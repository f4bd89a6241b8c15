//! The auth app: everything that a site gets by one line.

use crate::backends::Backends;
use crate::events::{self, Event, EventRow, Events, Listener};
use crate::groups::{ContentType, Group, Permission, groups, user_permissions};
use crate::hashers::PasswordHashers;
use crate::passwords::Choices;
use crate::throttle::{AttemptRow, Throttle};
use crate::two_factor::{RecoveryCodeRow, TwoFactorRow};
use crate::validation::PasswordValidator;
use crate::{
    AbstractUser, AuthBackend, MODEL_BACKEND, ModelBackend, Passwords, RemoteUserHeader, access, checks,
    commands, declared, layer, migrations, template,
};
use nuages::app::{Beside, Provider};
use nuages::db::Field;
use nuages::migrations::{UserTable, user_model_checker};
use nuages::{App, Database, Result, Settings};
use std::sync::Arc;
use std::time::Duration;

/// From one look at what is over to the next.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// The auth app for this user model: `.app(nuages_auth::app::<AuthUserModel>())`, behind the sessions' app.
///
/// A site with choices of its own begins with [`AuthApp::new`] instead.
pub fn app<U: AbstractUser>() -> App {
    AuthApp::<U>::new().app()
}

/// Whether a user has to show a second factor.
type TwoFactorTest<U> = Arc<dyn Fn(&U) -> bool + Send + Sync>;

/// The auth app, with what a site chooses about it.
#[must_use = "the site has no auth before `app` is called"]
pub struct AuthApp<U> {
    passwords: Choices,
    backends: Vec<Arc<dyn AuthBackend<U>>>,
    remote_user: Option<RemoteUserHeader>,
    login_required: bool,
    two_factor_required: Option<TwoFactorTest<U>>,
    listeners: Vec<Listener>,
}

impl<U: AbstractUser> Default for AuthApp<U> {
    fn default() -> Self {
        Self {
            passwords: Choices::default(),
            backends: vec![Arc::new(ModelBackend)],
            remote_user: None,
            login_required: false,
            two_factor_required: None,
            listeners: Vec::new(),
        }
    }
}

impl<U: AbstractUser> AuthApp<U> {
    /// As [`app`] has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// The backends, in the order in which they are asked; without it [`ModelBackend`] alone.
    ///
    /// ```no_run
    /// # use nuages::Model;
    /// # use nuages_auth::{AbstractUser, UserFields};
    /// # #[derive(Clone, Debug, Model, AbstractUser)]
    /// # #[model(app = "accounts")]
    /// # pub struct User { #[model(flatten)] pub fields: UserFields }
    /// use nuages_auth::{AuthApp, EmailOrUsernameBackend, RemoteUserBackend};
    ///
    /// let auth = AuthApp::<User>::new()
    ///     .backends(vec![Box::new(RemoteUserBackend::new()), Box::new(EmailOrUsernameBackend)])
    ///     .app();
    /// ```
    pub fn backends(self, backends: Vec<Box<dyn AuthBackend<U>>>) -> Self {
        Self { backends: backends.into_iter().map(Arc::from).collect(), ..self }
    }

    /// Signs visitors in and out as a header of the site's own proxy says; the backends must have a
    /// [`RemoteUserBackend`](crate::RemoteUserBackend), or another one that knows a [`RemoteUser`](crate::RemoteUser).
    pub fn remote_user(self, header: RemoteUserHeader) -> Self {
        Self { remote_user: Some(header), ..self }
    }

    /// Sends strangers to log in, whichever page they ask for: but not from the login page, from routes that are
    /// [open](crate::LoginNotRequired), from static files, nor from a path that there is not, which stays 404.
    pub fn login_required(self) -> Self {
        Self { login_required: true, ..self }
    }

    /// Asks these users for a [second factor](crate::two_factor) on every page that is not open to strangers; who has none is sent to
    /// set it up: `.two_factor_required(|user| user.is_staff)`. Django has it from add-ons alone.
    pub fn two_factor_required(self, test: impl Fn(&U) -> bool + Send + Sync + 'static) -> Self {
        Self { two_factor_required: Some(Arc::new(test)), ..self }
    }

    /// Hears of what happens to accounts, such as logins and new passwords: Django's signals. What goes wrong in it is logged.
    ///
    /// ```no_run
    /// # use nuages::Model;
    /// # use nuages_auth::{AbstractUser, UserFields};
    /// # #[derive(Clone, Debug, Model, AbstractUser)]
    /// # #[model(app = "accounts")]
    /// # pub struct User { #[model(flatten)] pub fields: UserFields }
    /// use nuages_auth::AuthApp;
    /// use nuages_auth::events::EventKind;
    ///
    /// let auth = AuthApp::<User>::new().on_event(|event, _db| async move {
    ///     if event.kind == EventKind::Signup {
    ///         println!("user {:?} has signed up", event.user_id);
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn on_event<F: Future<Output = Result<()>> + Send + 'static>(
        mut self,
        listener: impl Fn(Event, Database) -> F + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(move |event, db| Box::pin(listener(event, db))));
        self
    }

    /// Adds rules for passwords to those that the settings name.
    ///
    /// ```no_run
    /// # use nuages::Model;
    /// # use nuages_auth::{AbstractUser, UserFields};
    /// # #[derive(Clone, Debug, Model, AbstractUser)]
    /// # #[model(app = "accounts")]
    /// # pub struct User { #[model(flatten)] pub fields: UserFields }
    /// use nuages_auth::AuthApp;
    /// use nuages_auth::validation::{ContextWords, MinimumLength};
    ///
    /// let auth = AuthApp::<User>::new().password_validators([
    ///     Box::new(MinimumLength(12)),
    ///     Box::new(ContextWords::new(["gadjo", "guitar"])),
    /// ]);
    /// ```
    pub fn password_validators<const N: usize>(
        mut self,
        validators: [Box<dyn PasswordValidator>; N],
    ) -> Self {
        self.passwords.validators.extend(validators.map(Arc::from));
        self
    }

    /// Hashes with these, at costs of the site's own, unless the setting `password_hashers` names others.
    pub fn password_hashers(mut self, hashers: PasswordHashers) -> Self {
        self.passwords.hashers = Some(hashers);
        self
    }

    /// The site's passwords outside a request, for a command of the site's own.
    ///
    /// # Errors
    /// [`Error::NotReady`](nuages::Error::NotReady) if a setting names what is not there.
    pub fn passwords(&self, settings: &Arc<Settings>) -> Result<Passwords> {
        self.passwords.passwords(settings)
    }

    /// The app: `.app(AuthApp::<AuthUserModel>::new().app())`, behind the sessions' app.
    pub fn app(self) -> App {
        let user = user_table::<U>();
        let has_own_backend = self.backends.iter().any(|backend| backend.name() != MODEL_BACKEND);
        let backends = Arc::new(Backends::new(self.backends));
        let app = App::new("auth")
            .user_table(user.clone())
            .model::<ContentType>()
            .model::<Permission>()
            .model::<Group>()
            .model::<AttemptRow>()
            .model::<EventRow>()
            .model::<TwoFactorRow>()
            .model::<RecoveryCodeRow>()
            .migrations(migrations::all())
            .after_migrate(declared::hook())
            .templates(nuages::dir!("templates"))
            .provide(provider(self.passwords.clone(), Events::new(self.listeners)))
            .beside(sweeper())
            .provide(site(Arc::clone(&backends), self.remote_user.clone()))
            .layer(layer::layer::<U>(backends))
            .context("user", template::user::<U>())
            .context("perms", template::perms::<U>())
            .check(user_model_checker(user))
            .check(checks::unique_name::<U>(has_own_backend))
            .check(checks::twins::<U>())
            .check(checks::passwords(self.passwords.clone()))
            .command(commands::createsuperuser::<U>(self.passwords.clone()))
            .command(commands::changepassword::<U>(self.passwords))
            .command(commands::sessions::<U>())
            .command(commands::unlock())
            .command(commands::removetwofactor::<U>())
            .command(commands::remove_stale_permissions::<U>());
        let app = match self.remote_user.and_then(|header| header.read().ok()) {
            Some(reader) => app.layer(reader.layer::<U>()),
            None => app,
        };
        let app = if self.login_required { app.gate(access::gate()) } else { app };
        let app = match self.two_factor_required {
            Some(test) => app.gate(access::two_factor_gate(test)),
            None => app,
        };
        match U::HAS_PERMISSIONS {
            true => app.table(groups::<U>().table()).table(user_permissions::<U>().table()),
            false => app,
        }
    }
}

fn user_table<U: AbstractUser>() -> UserTable {
    let (key, login) = (U::KEY, U::column_name(U::USERNAME_FIELD));
    UserTable { app: U::APP, model: U::NAME, table: U::TABLE, key, login, kind: U::Key::KIND }
}

/// Keeps the site from starting if what it has chosen does not fit.
fn site<U: AbstractUser>(backends: Arc<Backends<U>>, header: Option<RemoteUserHeader>) -> Provider {
    Arc::new(move |_, _, provided| {
        provided.insert(access::Site::of::<U>());
        header.as_ref().map(RemoteUserHeader::read).transpose()?;
        backends.check()
    })
}

fn provider(choices: Choices, events: Events) -> Provider {
    Arc::new(move |settings, db, all| {
        all.insert(choices.passwords(settings)?);
        all.insert(Throttle::from_settings(settings, db)?);
        all.insert(events.clone());
        Ok(())
    })
}

/// Removes what is over, once an hour.
fn sweeper() -> Beside {
    Arc::new(|settings, db| {
        let (throttle, db) = (Throttle::from_settings(settings, db)?, db.clone());
        Ok(Box::pin(async move {
            loop {
                note(throttle.attempts().clear_expired().await, "attempts that are over");
                note(events::clear_old(&db).await, "old events");
                tokio::time::sleep(SWEEP).await;
            }
        }))
    })
}

fn note(outcome: Result<u64>, what: &str) {
    if let Err(error) = outcome {
        tracing::warn!("{what} could not be removed: {error}");
    }
}
