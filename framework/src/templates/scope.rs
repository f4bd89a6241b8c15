//! What one rendering sees: the view's own context, and behind it the names that every template may use.

use super::Global;
use crate::error::Result;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, ErrorKind, Value};
use poem::Request;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

pub(super) struct Scope(Arc<Names>);

#[derive(Debug)]
struct Names {
    context: Value,
    globals: Vec<(&'static str, Slot)>,
}

#[derive(Debug)]
enum Slot {
    Ready(Value),
    Lazy(Arc<Lazy>, Global),
}

impl Scope {
    pub(super) fn new(request: &Request, globals: &[(&'static str, Global)], context: Value) -> Self {
        let slot = |global: &Global| match (global.now)(request) {
            Some(value) => Slot::Ready(value),
            None => Slot::Lazy(Arc::default(), global.clone()),
        };
        let globals = globals.iter().map(|(name, global)| (*name, slot(global))).collect();
        Self(Arc::new(Names { context, globals }))
    }

    pub(super) fn value(&self) -> Value {
        Value::from_dyn_object(Arc::clone(&self.0))
    }

    /// Whether something was touched that is not loaded yet.
    pub(super) fn was_touched(&self) -> bool {
        self.0.lazy().any(|(lazy, _)| lazy.is_wanted())
    }

    /// Loads everything that was left open, so that one more rendering is enough; but what stands apart only if it was touched.
    pub(super) async fn load(&self, request: &Request) -> Result<()> {
        for (lazy, global) in self.0.lazy().filter(|(lazy, global)| !global.apart || lazy.is_wanted()) {
            if let (None, Some(load)) = (lazy.value.get(), &global.load) {
                let _ = lazy.value.set(load(request).await?);
            }
        }
        Ok(())
    }
}

impl Names {
    fn lazy(&self) -> impl Iterator<Item = (&Lazy, &Global)> {
        self.globals.iter().filter_map(|(_, slot)| match slot {
            Slot::Lazy(lazy, global) => Some((&**lazy, global)),
            Slot::Ready(_) => None,
        })
    }
}

impl Object for Names {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        if let Ok(value) = self.context.get_attr(name)
            && !value.is_undefined()
        {
            return Some(value);
        }
        self.globals.iter().find(|(known, _)| *known == name).map(|(_, slot)| slot.value())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&[])
    }
}

impl Slot {
    fn value(&self) -> Value {
        match self {
            Self::Ready(value) => value.clone(),
            Self::Lazy(lazy, _) => match lazy.value.get() {
                Some(value) => value.clone(),
                None => Value::from_dyn_object(Arc::clone(lazy)),
            },
        }
    }
}

/// Stands for a value that was not loaded yet: the first touch ends the rendering.
#[derive(Debug, Default)]
struct Lazy {
    value: OnceLock<Value>,
    touched: AtomicBool,
}

impl Lazy {
    fn is_wanted(&self) -> bool {
        self.touched.load(Relaxed) && self.value.get().is_none()
    }

    fn touch(&self) -> Error {
        self.touched.store(true, Relaxed);
        Error::new(ErrorKind::InvalidOperation, "the value is loaded, and the template rendered again")
    }
}

impl Object for Lazy {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Value::from(self.touch()))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.touch();
        false
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.touch();
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, _: &mut minijinja::State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        Err(self.touch())
    }

    /// No error: `to_string` would panic at one. The flag is enough.
    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.touch();
        Ok(())
    }
}

impl fmt::Debug for Global {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Global")
    }
}
