//! Checks: what can be seen to be wrong before anyone visits the site.

use crate::command::Context;
use crate::error::Result;
use futures_util::future::BoxFuture;
use std::fmt;
use std::sync::Arc;

/// How bad a finding is; an `Error` keeps the server from starting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// Will bite one day.
    Warning,
    /// The site cannot work.
    Error,
}

/// One finding of `check`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// A stable name, such as `auth.E004`.
    pub id: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Check {
    /// Something that keeps the site from working.
    pub fn error(id: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { id, level: Level::Error, message: message.into(), hint: hint.into() }
    }

    /// Something that will bite one day.
    pub fn warning(id: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(id, message, hint) }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}) {}", self.id, self.message)?;
        if !self.hint.is_empty() {
            write!(f, "\n    hint: {}", self.hint)?;
        }
        Ok(())
    }
}

/// Looks for what is wrong with one part of a site.
#[derive(Clone)]
pub struct Checker(Arc<dyn Fn(Context) -> BoxFuture<'static, Result<Vec<Check>>> + Send + Sync>);

impl Checker {
    /// A checker; it is given the settings and, if it asks, the database.
    pub fn new<F>(look: impl Fn(Context) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<Check>>> + Send + 'static,
    {
        Self(Arc::new(move |context| Box::pin(look(context))))
    }

    /// Looks.
    pub async fn look(&self, context: Context) -> Result<Vec<Check>> {
        (self.0)(context).await
    }
}
