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
    touched: Arc<AtomicBool>,
}

#[derive(Debug)]
enum Slot {
    Ready(Value),
    Lazy(Arc<Lazy>, Global),
}

impl Scope {
    pub(super) fn new(request: &Request, globals: &[(&'static str, Global)], context: Value) -> Self {
        let touched = Arc::new(AtomicBool::new(false));
        let slot = |global: &Global| match (global.now)(request) {
            Some(value) => Slot::Ready(value),
            None => Slot::Lazy(
                Arc::new(Lazy { value: OnceLock::new(), touched: touched.clone() }),
                global.clone(),
            ),
        };
        let globals = globals.iter().map(|(name, global)| (*name, slot(global))).collect();
        Self(Arc::new(Names { context, globals, touched }))
    }

    pub(super) fn value(&self) -> Value {
        Value::from_dyn_object(Arc::clone(&self.0))
    }

    pub(super) fn was_touched(&self) -> bool {
        self.0.touched.load(Relaxed)
    }

    /// Loads everything that was left open, so that one more rendering is enough.
    pub(super) async fn load(&self, request: &Request) -> Result<()> {
        for (_, slot) in &self.0.globals {
            if let Slot::Lazy(lazy, Global { load: Some(load), .. }) = slot {
                let _ = lazy.value.set(load(request).await?);
            }
        }
        Ok(())
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
#[derive(Debug)]
struct Lazy {
    value: OnceLock<Value>,
    touched: Arc<AtomicBool>,
}

impl Lazy {
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
