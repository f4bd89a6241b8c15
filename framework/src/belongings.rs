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
        Self::all_of(request).get()
    }

    /// All that the site gave to this request.
    ///
    /// # Panics
    /// If the request did not come through the framework's handler.
    pub(crate) fn all_of(request: &Request) -> &Self {
        request.extensions().get().expect("the handler gives each request what the site has for it")
    }

    /// What the site gives to its requests, of this type.
    ///
    /// # Panics
    /// If no app provides it.
    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> &T {
        self.0.get().unwrap_or_else(|| panic!("no app of the site provides {}", type_name::<T>()))
    }
}
