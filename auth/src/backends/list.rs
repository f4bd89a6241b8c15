//! The backends of a site, in their order.

use super::AuthBackend;
use crate::AbstractUser;
use crate::layer::Auth;
use nuages::{Error, Result};
use std::sync::Arc;

/// The backends of a site, in the order in which they are asked.
pub(crate) struct Backends<U>(Vec<Arc<dyn AuthBackend<U>>>);

impl<U: AbstractUser> Backends<U> {
    pub(crate) fn new(backends: Vec<Arc<dyn AuthBackend<U>>>) -> Self {
        Self(backends)
    }

    /// Those of the site that answers this request.
    ///
    /// # Panics
    /// If the site's auth app is for another user model.
    pub(crate) fn of(auth: &Auth) -> Arc<Self> {
        auth.backends().downcast().expect("the site has one user model: ask for that one")
    }

    /// Refuses an empty list, and two backends of one name.
    pub(crate) fn check(&self) -> Result<()> {
        let names: Vec<_> = self.iter().map(|backend| backend.name()).collect();
        let twice = names.iter().enumerate().find(|(position, name)| names[..*position].contains(name));
        let text = match (names.is_empty(), twice) {
            (true, _) => "no backend is there to recognise users; give `AuthApp::backends` one".to_owned(),
            (_, Some((_, name))) => format!("two backends are called `{name}`; rename one, or leave it out"),
            _ => return Ok(()),
        };
        Err(Error::NotReady(text))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<dyn AuthBackend<U>>> {
        self.0.iter()
    }

    /// The backend of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<dyn AuthBackend<U>>> {
        self.iter().find(|backend| backend.name() == name)
    }
}
