//! HTML that is made when a template writes it.

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Environment, Error, Output, State, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

/// HTML that is made when a template writes it, and goes out unescaped.
#[derive(Clone)]
pub struct Html {
    text: Text,
    object: Value,
}

#[derive(Clone)]
enum Text {
    Made(Arc<dyn Fn() -> String + Send + Sync>),
    /// By the template of this name, which sees the object under that name.
    Template(&'static str, &'static str),
}

impl Html {
    /// HTML made by this function; it must escape what it puts in.
    pub fn new(make: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { text: Text::Made(Arc::new(make)), object: Value::UNDEFINED }
    }

    /// An object that a template writes, which a site may put its own in the place of. The template sees it as `variable`.
    pub(crate) fn by_template(template: &'static str, variable: &'static str, object: Value) -> Value {
        Value::from_object(Self { text: Text::Template(template, variable), object })
    }

    /// `value` is the one that this is the object of.
    pub(super) fn write(&self, out: &mut Output, state: &State, value: &Value) -> Result<(), Error> {
        Ok(out.write_str(&self.text(state.env(), value)?)?)
    }

    fn text(&self, environment: &Environment<'_>, value: &Value) -> Result<String, Error> {
        match self.text {
            Text::Made(ref make) => Ok(make()),
            Text::Template(template, variable) => {
                let context = BTreeMap::from([(variable, value.clone())]);
                environment.get_template(template)?.render(Value::from(context))
            }
        }
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

    /// Outside a site's templates: as the framework's own write it.
    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        static OWN: LazyLock<Environment<'static>> = LazyLock::new(|| super::environment(vec![super::own()]));
        let text = self.text(&OWN, &Value::from_dyn_object(Arc::clone(self))).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
