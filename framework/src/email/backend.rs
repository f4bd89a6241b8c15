//! What takes a letter: the door for backends of one's own.

use super::console::Console;
use super::file::Folder;
use super::smtp::Smtp;
use super::{Letter, Outbox};
use crate::error::{Error, Result};
use crate::settings::{EmailBackendKind, Settings};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// What takes a site's mail. A site names one of its own with [`Project::email`](crate::Project::email).
///
/// ```
/// use nuages::email::{EmailBackend, Letter, Undelivered};
/// use nuages::futures_util::future::BoxFuture;
///
/// struct Nowhere;
///
/// impl EmailBackend for Nowhere {
///     fn deliver<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>> {
///         Box::pin(async move {
///             println!("{} bytes to {} people", letter.bytes().len(), letter.recipients().count());
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait EmailBackend: Send + Sync {
    /// Delivers a letter.
    ///
    /// # Errors
    /// [`Undelivered`]: whether it is worth trying again.
    fn deliver<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>>;
}

/// Why a letter was not delivered. The text goes to the log: it must hold no address and nothing of the letter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It may succeed later.
    #[error("{0}")]
    ForNow(String),
    /// It will not succeed later either.
    #[error("{0}")]
    ForGood(String),
}

impl From<Undelivered> for Error {
    fn from(why: Undelivered) -> Self {
        let text = format!("the mail was not sent: {why}");
        match why {
            Undelivered::ForNow(_) => Self::Unavailable(text),
            Undelivered::ForGood(_) => Self::Refused(text),
        }
    }
}

/// Makes the backend of a site's own.
pub(crate) type MakeBackend = Arc<dyn Fn(&Settings) -> Result<Arc<dyn EmailBackend>> + Send + Sync>;

/// The backend that the settings name.
///
/// # Errors
/// [`Error::NotReady`] if a setting of it is missing or wrong.
pub(crate) fn from_settings(settings: &Settings) -> Result<Arc<dyn EmailBackend>> {
    Ok(match settings.email_backend_kind() {
        EmailBackendKind::Smtp => Arc::new(Smtp::of(settings)?),
        EmailBackendKind::Console => Arc::new(Console),
        EmailBackendKind::File => Arc::new(Folder::of(settings)?),
        EmailBackendKind::Memory => Arc::new(Outbox::default()),
    })
}
