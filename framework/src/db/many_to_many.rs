//! The field of a many-to-many relation: the rows on the other side, once they are loaded.

use super::Model;
use minijinja::Value as TemplateValue;
use serde::{Serialize, Serializer};
use std::fmt;

/// Any number of rows of `T`, each of which may belong to others too: `pub tags: ManyToMany<Tag>`.
///
/// It is no column: a table of its own says what belongs together, and `Post::TAGS`, a
/// [`ManyToManyField`](super::ManyToManyField), reads and writes it. The rows are here after `Post::TAGS.load(..)`; until
/// then a template that asks for them gets an error that says so.
pub struct ManyToMany<T> {
    rows: Option<Vec<T>>,
}

impl<T> ManyToMany<T> {
    /// The rows, if they were loaded.
    pub fn rows(&self) -> Option<&[T]> {
        self.rows.as_deref()
    }

    pub(super) fn fill(&mut self, rows: Vec<T>) {
        self.rows = Some(rows);
    }
}

impl<T> Default for ManyToMany<T> {
    fn default() -> Self {
        Self { rows: None }
    }
}

impl<T: Clone> Clone for ManyToMany<T> {
    fn clone(&self) -> Self {
        Self { rows: self.rows.clone() }
    }
}

impl<T: fmt::Debug> fmt::Debug for ManyToMany<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rows {
            Some(rows) => rows.fmt(f),
            None => f.write_str("not loaded"),
        }
    }
}

/// What was loaded does not count: two rows are the same with it or without.
impl<T> PartialEq for ManyToMany<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T: Model> Serialize for ManyToMany<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.rows {
            Some(rows) => rows.serialize(serializer),
            None if minijinja::value::serializing_for_value() => {
                TemplateValue::from(not_loaded::<T>()).serialize(serializer)
            }
            None => serializer.serialize_none(),
        }
    }
}

/// As a value of a template it is an error wherever it is looked at.
fn not_loaded<T: Model>() -> minijinja::Error {
    let text = format!(
        "the rows of {} were not loaded; call `.load(&db, &mut rows)` of the many-to-many field in the view",
        T::NAME
    );
    minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, text)
}
