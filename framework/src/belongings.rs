//! What the site gives to each of its requests: one entry among the request's extensions, however much it is.

use poem::Request;
use poem::http::Extensions;
use std::any::type_name;
use std::sync::Arc;

/// Settings, database, templates and URLs, by their types; a clone is the same ones.
#[derive(Clone)]
pub(crate) struct Belongings(Arc<Extensions>);

impl Belongings {
    /// What these extensions hold.
    pub(crate) fn new(belongings: Extensions) -> Self {
        Self(Arc::new(belongings))
    }

    /// What the site gave to this request, of this type.
    ///
    /// # Panics
    /// If the request did not come through the framework's handler.
    pub(crate) fn of<T: Send + Sync + 'static>(request: &Request) -> &T {
        let belongings = request.extensions().get::<Self>();
        belongings
            .and_then(|belongings| belongings.0.get())
            .unwrap_or_else(|| panic!("the handler gives each request its {}", type_name::<T>()))
    }
}
