//! A name that every template may use.

use crate::error::Result;
use futures_util::future::BoxFuture;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Output, Value};
use poem::Request;
use std::fmt;
use std::sync::Arc;

type Now = Arc<dyn Fn(&Request) -> Option<Value> + Send + Sync>;
type Discard = Arc<dyn Fn(&Request) + Send + Sync>;
type Load = Arc<dyn for<'r> Fn(&'r Request) -> BoxFuture<'r, Result<Value>> + Send + Sync>;

/// What stands behind a name such as `user` or `csrf_token` in every template.
#[derive(Clone)]
pub struct Global {
    pub(super) now: Now,
    pub(super) load: Option<Load>,
    pub(super) discard: Option<Discard>,
}

impl Global {
    /// A value that is at hand.
    pub fn ready(value: impl Fn(&Request) -> Value + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(move |request| Some(value(request))), load: None, discard: None }
    }

    /// A value that `load` fetches once a template touches it, unless `now` knows it without waiting.
    pub fn lazy(
        now: impl Fn(&Request) -> Option<Value> + Send + Sync + 'static,
        load: impl for<'r> Fn(&'r Request) -> BoxFuture<'r, Result<Value>> + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), load: Some(Arc::new(load)), discard: None }
    }

    /// What undoes the effects of a rendering that is thrown away because something had to be loaded.
    pub fn on_discard(self, undo: impl Fn(&Request) + Send + Sync + 'static) -> Self {
        Self { discard: Some(Arc::new(undo)), ..self }
    }
}

/// HTML that is made when a template writes it, and goes out unescaped.
#[derive(Clone)]
pub struct Html {
    make: Arc<dyn Fn() -> String + Send + Sync>,
    object: Value,
}

impl Html {
    /// HTML made by this function; it must escape what it puts in.
    pub fn new(make: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(make), object: Value::UNDEFINED }
    }

    /// The object whose attributes and items the HTML has in a template.
    pub fn with_object(self, object: Value) -> Self {
        Self { object, ..self }
    }

    pub(super) fn write(&self, out: &mut Output) -> Result<(), minijinja::Error> {
        Ok(out.write_str(&(self.make)())?)
    }
}

impl fmt::Debug for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Html")
    }
}

impl Object for Html {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        self.object.as_object().map_or(ObjectRepr::Plain, |object| object.repr())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.object.as_object()?.get_value(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.object.as_object().map_or(Enumerator::NonEnumerable, |object| object.enumerate())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&(self.make)())
    }
}
