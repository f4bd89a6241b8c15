//! A name that every template may use.

use crate::error::Result;
use futures_util::future::BoxFuture;
use minijinja::Value;
use poem::Request;
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
    pub(super) apart: bool,
}

impl Global {
    /// A value that is at hand.
    pub fn ready(value: impl Fn(&Request) -> Value + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(move |request| Some(value(request))), load: None, discard: None, apart: false }
    }

    /// A value that `load` fetches once a template touches it, unless `now` knows it without waiting.
    pub fn lazy(
        now: impl Fn(&Request) -> Option<Value> + Send + Sync + 'static,
        load: impl for<'r> Fn(&'r Request) -> BoxFuture<'r, Result<Value>> + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), load: Some(Arc::new(load)), discard: None, apart: false }
    }

    /// Loads it only if a template touches this name itself, since loading costs more than one more rendering does.
    pub fn apart(self) -> Self {
        Self { apart: true, ..self }
    }

    /// What undoes the effects of a rendering that is thrown away because something had to be loaded.
    pub fn on_discard(self, undo: impl Fn(&Request) + Send + Sync + 'static) -> Self {
        Self { discard: Some(Arc::new(undo)), ..self }
    }
}
