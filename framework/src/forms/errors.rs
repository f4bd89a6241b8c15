//! What is wrong with a form.

use std::collections::BTreeMap;

/// The errors of a form: by field, and those of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    fields: BTreeMap<String, Vec<String>>,
    general: Vec<String>,
}

impl Errors {
    /// Adds an error to a field.
    pub fn add(&mut self, field: &str, error: impl Into<String>) {
        self.fields.entry(field.to_owned()).or_default().push(error.into());
    }

    /// Adds an error that belongs to no field.
    pub fn add_general(&mut self, error: impl Into<String>) {
        self.general.push(error.into());
    }

    pub(super) fn extend(&mut self, other: Self) {
        for (field, errors) in other.fields {
            self.fields.entry(field).or_default().extend(errors);
        }
        self.general.extend(other.general);
    }

    /// The errors of a field.
    pub fn of(&self, field: &str) -> &[String] {
        self.fields.get(field).map_or(&[], Vec::as_slice)
    }

    /// The errors that belong to no field.
    pub fn general(&self) -> &[String] {
        &self.general
    }

    /// The fields that have errors, with them.
    pub fn by_field(&self) -> &BTreeMap<String, Vec<String>> {
        &self.fields
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.general.is_empty()
    }
}
