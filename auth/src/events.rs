//! What happened to accounts: to the log, to the site's own functions, and to a table that users see (OWASP ASVS 5.0, 16.3).

use nuages::chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use nuages::futures_util::future::BoxFuture;
use nuages::{Database, Model, RequestExt, Result};
use poem::Request;
use poem::http::header;
use std::net::IpAddr;
use std::sync::Arc;

/// Characters of the visitor's browser that are kept.
const USER_AGENT: usize = 200;
/// How long rows of the table stay.
const AGE: TimeDelta = TimeDelta::days(90);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Somebody logged in.
    Login,
    /// Name and password did not fit, or the user may not log in.
    LoginFailed,
    /// There were too many attempts, so nothing was looked at.
    Throttled,
    /// Somebody logged out.
    Logout,
    /// An account was made.
    Signup,
    /// An e-mail address was confirmed.
    EmailConfirmed,
    /// The password was changed by its owner.
    PasswordChanged,
    /// A mail was asked for, by which the password can be set anew.
    PasswordResetRequested,
    /// The password was set anew, by such a mail.
    PasswordReset,
    /// Another e-mail address was asked for.
    EmailChangeRequested,
    /// The e-mail address was changed.
    EmailChanged,
    /// A session was ended from another one.
    SessionEnded,
    /// The account was deleted by its owner.
    AccountDeleted,
    /// Two-factor authentication was turned on.
    TwoFactorOn,
    /// It was turned off.
    TwoFactorOff,
    /// The password was right, and the code was not.
    TwoFactorFailed,
    /// New recovery codes were made.
    RecoveryCodesMade,
    /// A recovery code was used to log in.
    RecoveryCodeUsed,
    /// Somebody asked for what they may not do.
    Denied,
}

impl EventKind {
    /// All kinds, with the word that the log and the table know each by, and what its user reads.
    const WORDS: [(Self, &'static str, &'static str); 19] = [
        (Self::Login, "login", "Logged in"),
        (Self::LoginFailed, "login_failed", "A login failed"),
        (Self::Throttled, "throttled", "Too many attempts"),
        (Self::Logout, "logout", "Logged out"),
        (Self::Signup, "signup", "The account was made"),
        (Self::EmailConfirmed, "email_confirmed", "The e-mail address was confirmed"),
        (Self::PasswordChanged, "password_changed", "The password was changed"),
        (
            Self::PasswordResetRequested,
            "password_reset_requested",
            "A mail to reset the password was asked for",
        ),
        (Self::PasswordReset, "password_reset", "The password was reset by mail"),
        (Self::EmailChangeRequested, "email_change_requested", "Another e-mail address was asked for"),
        (Self::EmailChanged, "email_changed", "The e-mail address was changed"),
        (Self::SessionEnded, "session_ended", "A session was ended"),
        (Self::AccountDeleted, "account_deleted", "The account was deleted"),
        (Self::TwoFactorOn, "two_factor_on", "Two-factor authentication was turned on"),
        (Self::TwoFactorOff, "two_factor_off", "Two-factor authentication was turned off"),
        (Self::TwoFactorFailed, "two_factor_failed", "The password was right, and the code was not"),
        (Self::RecoveryCodesMade, "recovery_codes_made", "New recovery codes were made"),
        (Self::RecoveryCodeUsed, "recovery_code_used", "A recovery code was used"),
        (Self::Denied, "denied", "Access was denied"),
    ];

    fn words(self) -> (&'static str, &'static str) {
        let found = Self::WORDS.iter().find(|(kind, ..)| *kind == self);
        found.map_or(("", ""), |(_, word, text)| (word, text))
    }

    /// The word that the log and the table know it by, such as `login_failed`.
    pub fn word(self) -> &'static str {
        self.words().0
    }

    /// What its user reads.
    pub fn text(self) -> &'static str {
        self.words().1
    }

    /// The kind of this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known, _)| *known == word).map(|(kind, ..)| *kind)
    }

    /// Whether somebody should look at it if there are many.
    fn is_warning(self) -> bool {
        matches!(self, Self::LoginFailed | Self::TwoFactorFailed | Self::Throttled | Self::Denied)
    }

    /// Whether the table keeps it: what is not the user's own doing is kept in the log alone.
    fn is_kept(self) -> bool {
        !matches!(self, Self::Denied | Self::Throttled)
    }
}

/// Something that happened to an account, or to none that is known.
///
/// It holds no secret: no password, no token, and of a session the first 8 characters of its key's hash.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// The user's key, if there is one.
    pub user_id: Option<String>,
    /// What was denied: the path without its query. Of other events it is left out, since links of mails have secrets in theirs.
    pub path: Option<String>,
    /// The visitor's address.
    pub address: Option<IpAddr>,
    /// The visitor's browser.
    pub user_agent: String,
    /// The first 8 characters of the session's public id.
    pub session: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Event {
    pub(crate) fn new(request: &Request, kind: EventKind, user_id: Option<String>) -> Self {
        let user_agent = request.header(header::USER_AGENT).unwrap_or_default();
        Self {
            kind,
            user_id,
            path: (kind == EventKind::Denied).then(|| request.original_uri().path().to_owned()),
            address: request.client_ip(),
            user_agent: user_agent.chars().filter(|letter| !letter.is_control()).take(USER_AGENT).collect(),
            session: request.session().id().map(|id| id.chars().take(8).collect()),
            at: Utc::now().trunc_subsecs(6),
        }
    }
}

/// A function of the site's own that hears of what happens: Django's signals.
pub type Listener = Arc<dyn Fn(Event, Database) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Those who hear of what happens.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Vec<Listener>>);

impl Events {
    pub(crate) fn new(listeners: Vec<Listener>) -> Self {
        Self(Arc::new(listeners))
    }

    /// Tells of it. What goes wrong in doing so is logged, and stops nobody. Its type is hidden, since it is waited for deep inside of views.
    pub(crate) fn tell<'a>(&'a self, db: &'a Database, event: Event) -> BoxFuture<'a, ()> {
        Box::pin(self.tell_all(db, event))
    }

    async fn tell_all(&self, db: &Database, event: Event) {
        log(&event);
        if event.kind.is_kept()
            && let Err(error) = EventRow::of(&event).create(db).await
        {
            tracing::error!("an event could not be written down: {error}");
        }
        for listener in self.0.iter() {
            if let Err(error) = listener(event.clone(), db.clone()).await {
                tracing::error!(event = event.kind.word(), "a listener failed: {error}");
            }
        }
    }
}

/// Tells of something that happened in this request.
pub(crate) async fn tell(request: &Request, kind: EventKind, user_id: Option<String>) {
    tell_of(request, Event::new(request, kind, user_id)).await;
}

/// The same, of an event that was noted before.
pub(crate) async fn tell_of(request: &Request, event: Event) {
    request.provided::<Events>().tell(&request.db(), event).await;
}

fn log(event: &Event) {
    let (kind, user) = (event.kind.word(), event.user_id.as_deref());
    let address = event.address.map(|address| address.to_string());
    let (path, address, session) = (event.path.as_deref(), address.as_deref(), event.session.as_deref());
    match event.kind.is_warning() {
        true => tracing::warn!(target: "nuages_auth::events", event = kind, user, path, address, session),
        false => tracing::info!(target: "nuages_auth::events", event = kind, user, path, address, session),
    }
}

/// An event as the table `auth_event` keeps it, for 90 days.
#[derive(Clone, Debug, Model)]
#[model(app = "auth", table = "auth_event", default_permissions())]
pub struct EventRow {
    /// The key.
    pub id: i64,
    /// The user's key as text.
    #[model(max_length = 64, index)]
    pub user_id: Option<String>,
    /// The word of the [`EventKind`].
    #[model(max_length = 40)]
    pub kind: String,
    /// The visitor's address.
    #[model(max_length = 64)]
    pub address: String,
    /// The visitor's browser.
    #[model(max_length = 200)]
    pub user_agent: String,
    /// The first 8 characters of the session's public id.
    #[model(max_length = 8)]
    pub session: String,
    /// When.
    #[model(index)]
    pub at: DateTime<Utc>,
}

impl EventRow {
    fn of(event: &Event) -> Self {
        Self {
            id: 0,
            user_id: event.user_id.clone(),
            kind: event.kind.word().to_owned(),
            address: event.address.map(|address| address.to_string()).unwrap_or_default(),
            user_agent: event.user_agent.clone(),
            session: event.session.clone().unwrap_or_default(),
            at: event.at,
        }
    }

    /// What its user reads.
    pub fn text(&self) -> &str {
        match EventKind::named(&self.kind) {
            Some(kind) => kind.text(),
            None => &self.kind,
        }
    }
}

/// The last events of a user, the newest first.
pub async fn events_of(db: &Database, user_id: &str, limit: u64) -> Result<Vec<EventRow>> {
    EventRow::objects(db)
        .filter(EventRow::USER_ID.eq(user_id))
        .order_by(EventRow::ID.desc())
        .limit(limit)
        .all()
        .await
}

/// Whether this has happened to a user, as far as the table remembers.
pub(crate) async fn has_happened(db: &Database, user_id: &str, kind: EventKind) -> Result<bool> {
    let of_user = EventRow::objects(db).filter(EventRow::USER_ID.eq(user_id));
    of_user.filter(EventRow::KIND.eq(kind.word())).exists().await
}

/// Forgets all events of a user.
pub(crate) async fn forget(db: &Database, user_id: &str) -> Result<u64> {
    EventRow::objects(db).filter(EventRow::USER_ID.eq(user_id)).delete().await
}

/// Removes what is older than 90 days, and says how many that were.
pub(crate) async fn clear_old(db: &Database) -> Result<u64> {
    EventRow::objects(db).filter(EventRow::AT.lt(Utc::now() - AGE)).delete_in_batches().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_words_of_its_own() {
        let words: std::collections::HashSet<_> = EventKind::WORDS.iter().map(|(_, word, _)| word).collect();
        assert_eq!(words.len(), EventKind::WORDS.len());
        for (kind, word, _) in EventKind::WORDS {
            assert_eq!((kind.word(), EventKind::named(word)), (word, Some(kind)));
            assert!(word.len() <= 40 && !kind.text().is_empty());
        }
    }
}
