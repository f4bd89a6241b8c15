//! What can go wrong, and which HTTP status or exit code it is.

use crate::cookies::CookieError;
use poem::error::ResponseError;
use poem::http::StatusCode;

/// A result whose error is [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that the framework's functions can fail with.
///
/// In a view, `?` turns it into the page of its [status](Error::status); in a command, into one line and an
/// [exit code](Error::exit_code).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `get` found no row (404 in a view).
    #[error("no {0} matches the query")]
    DoesNotExist(&'static str),
    /// `get` found more than one row.
    #[error("more than one {0} matches the query; filter by a unique column or use `first`")]
    MultipleObjects(&'static str),
    /// There is no such page (404).
    #[error("{0}")]
    NotFound(String),
    /// The visitor is to go to this address first, such as the login page (302).
    #[error("go to {0} first")]
    Redirect(String),
    /// The visitor may not do this (403); the text is the reason.
    #[error("{0}")]
    PermissionDenied(String),
    /// The request makes no sense (400).
    #[error("{0}")]
    BadRequest(String),
    /// The request body is larger than allowed (413).
    #[error(
        "the request body is larger than {0} bytes; raise `data_upload_max_memory_size` if it should pass"
    )]
    TooLarge(usize),
    /// The request body did not arrive in time (408).
    #[error("the request body did not arrive within {0} seconds")]
    TooSlow(u64),
    /// Too many attempts (429); the number is the seconds until the next one counts.
    #[error("too many attempts; try again in {}", in_words(*.0))]
    TooManyRequests(u64),
    /// The session ended while this request was running (409).
    #[error("the session was ended by another request while this one was running; reload the page")]
    SessionInterrupted,
    /// Something needed is busy or unreachable for now (503).
    #[error("{0}")]
    Unavailable(String),
    /// A setting, or something else the site is made of, is wrong; the site does not start (exit code 3).
    #[error("{0}")]
    NotReady(String),
    /// A command declines to do what it was asked to (exit code 1).
    #[error("{0}")]
    Refused(String),
    /// A command was called in a wrong way (exit code 2).
    #[error("{0}")]
    Usage(String),
    /// A view or a layer panicked (500).
    #[error("the site's code panicked: {0}; the log says where")]
    Panicked(String),
    /// The database answered with an error.
    #[error("{}", database_text(.0))]
    Database(#[source] sqlx::Error),
    /// A template is missing or wrong.
    #[error("{0}")]
    Template(#[from] minijinja::Error),
    /// A value does not fit the JSON of a session or a message.
    #[error("the value cannot be stored as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A cookie cannot be sent as it was described.
    #[error("{0}")]
    Cookie(#[from] CookieError),
    /// A file or socket failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Error {
    /// The HTTP status of the page that a view answers with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::DoesNotExist(_) | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Redirect(_) => StatusCode::FOUND,
            Self::PermissionDenied(_) => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::SessionInterrupted => StatusCode::CONFLICT,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Database(error) if is_unreachable(error) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The seconds after which it is worth trying again, for `Retry-After` (RFC 9110, 10.2.3).
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests(seconds) => Some(*seconds),
            _ => None,
        }
    }

    /// The exit code of a command that ends with this error: 1 refused or failed, 2 wrong usage, 3 not ready.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::NotReady(_) => 3,
            _ => 1,
        }
    }

    /// Whether the database refused a row because another has the same unique value.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    /// Whether the database refused a row because it points to one that is not there.
    pub fn is_foreign_key_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_foreign_key_violation())
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl ResponseError for Error {
    fn status(&self) -> StatusCode {
        Error::status(self)
    }
}

/// Seconds as people say them, rounded up.
fn in_words(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".into(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn is_unreachable(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
}

/// PostgreSQL's code for it. MySQL's is that of many errors, so there the number tells.
const NO_SUCH_DATABASE: &str = "3D000";
#[cfg(feature = "mysql")]
const NO_SUCH_DATABASE_NUMBER: u16 = 1049;
/// SQLite's code for it: the folder is missing, or may not be written to.
const CANNOT_OPEN: &str = "14";

fn is_no_such_database(error: &dyn sqlx::error::DatabaseError) -> bool {
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return error.number() == NO_SUCH_DATABASE_NUMBER;
    }
    error.code().as_deref() == Some(NO_SUCH_DATABASE)
}

fn database_text(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::PoolTimedOut => {
            "no database connection became free in time; another transaction may hold it".into()
        }
        sqlx::Error::Io(io) => {
            format!("the database is not reachable: {io}; check DATABASE_URL and that the server runs")
        }
        sqlx::Error::Database(error) if is_no_such_database(&**error) => {
            format!("{}; make it first, with `CREATE DATABASE` for example", error.message())
        }
        sqlx::Error::Database(error) if error.code().as_deref() == Some(CANNOT_OPEN) => {
            "the database file cannot be opened; check DATABASE_URL, and that its folder may be written to"
                .into()
        }
        sqlx::Error::Database(error) => format!("the database refused: {}", error.message()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_row_is_a_missing_page() {
        assert_eq!(Error::DoesNotExist("Post").status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_database_that_is_away_is_unavailable_not_broken() {
        let away = Error::from(sqlx::Error::Io(std::io::Error::other("connection refused")));
        assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(away.to_string().contains("DATABASE_URL"));
    }

    #[test]
    fn each_kind_of_failure_has_its_exit_code() {
        assert_eq!(Error::Refused("no".into()).exit_code(), 1);
        assert_eq!(Error::Usage("what?".into()).exit_code(), 2);
        assert_eq!(Error::NotReady("SECRET_KEY".into()).exit_code(), 3);
    }
}
