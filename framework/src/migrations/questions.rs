//! What `makemigrations` cannot know by itself.

use crate::db::schema::{ColumnDef, DefaultValue, Table};
use crate::error::{Error, Result};

/// Answers the questions that come up when models are compared with migrations.
pub trait Questions {
    /// Whether the model that is gone is the one that is new, under another name.
    fn is_model_renamed(&mut self, old: &Table, new: &Table) -> Result<bool>;

    /// Whether the field that is gone is the one that is new, under another name.
    fn is_field_renamed(&mut self, model: &Table, old: &ColumnDef, new: &ColumnDef) -> Result<bool>;

    /// What rows that exist get in a new field that may not be NULL and has no default.
    fn fill_new(&mut self, model: &Table, field: &ColumnDef) -> Result<DefaultValue>;

    /// What rows that have NULL get where it is no longer allowed; `None` if the rows are seen to by other means.
    fn fill_null(&mut self, model: &Table, field: &ColumnDef) -> Result<Option<DefaultValue>>;
}

/// Nobody is there to answer: nothing counts as renamed, and what rows need must stand in the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoInput;

impl Questions for NoInput {
    fn is_model_renamed(&mut self, _: &Table, _: &Table) -> Result<bool> {
        Ok(false)
    }

    fn is_field_renamed(&mut self, _: &Table, _: &ColumnDef, _: &ColumnDef) -> Result<bool> {
        Ok(false)
    }

    fn fill_new(&mut self, model: &Table, field: &ColumnDef) -> Result<DefaultValue> {
        Err(unfillable(model, field, "is new, may not be NULL and has no default"))
    }

    fn fill_null(&mut self, model: &Table, field: &ColumnDef) -> Result<Option<DefaultValue>> {
        Err(unfillable(model, field, "may no longer be NULL and has no default"))
    }
}

fn unfillable(model: &Table, field: &ColumnDef, what: &str) -> Error {
    Error::Refused(format!(
        "`{}.{}` {what}, so rows that exist would have no value; give it `#[model(default = …)]`, make it an `Option`, or run `makemigrations` at a terminal, which asks for one",
        model.model, field.name
    ))
}
