//! Fields that are new, that changed, and that are gone.

use super::Detector;
use crate::db::schema::{ColumnDef, Kind, Table};
use crate::error::{Error, Result};
use crate::migrations::operations::Alteration;

impl Detector<'_> {
    pub(super) fn add_and_alter_columns(&mut self) -> Result<()> {
        for (model, now) in self.known() {
            for column in &model.columns {
                match now.column(&column.name) {
                    None => self.add_column(model, column)?,
                    Some(before) if before != column => self.alter_column(model, before, column)?,
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    fn add_column(&mut self, model: &Table, column: &ColumnDef) -> Result<()> {
        if column.primary_key {
            let what = "is a new primary key of a table that has one";
            return Err(refused(model, column, what, "make a new model instead"));
        }
        let needs_value = !column.null && column.default.is_none();
        let asked = self.with_kind(model, column)?;
        let fill = needs_value.then(|| self.questions.fill_new(model, &asked)).transpose()?;
        self.alter(model, Alteration::AddColumn { column: column.clone(), fill })
    }

    fn alter_column(&mut self, model: &Table, before: &ColumnDef, after: &ColumnDef) -> Result<()> {
        check_key(model, before, after)?;
        let needs_value = before.null && !after.null && after.default.is_none();
        let asked = self.with_kind(model, after)?;
        let fill = if needs_value { self.questions.fill_null(model, &asked)? } else { None };
        self.alter(model, Alteration::AlterColumn { column: after.clone(), fill })
    }

    /// The column with what it really holds: for a foreign key, that is known from the key it points to.
    fn with_kind(&self, model: &Table, column: &ColumnDef) -> Result<ColumnDef> {
        let kind = self.state.kind_of(column, model, self.user).map_err(Error::Refused)?;
        Ok(ColumnDef { kind, ..column.clone() })
    }

    pub(super) fn drop_columns(&mut self) -> Result<()> {
        for (model, now) in self.known() {
            for column in now.columns.iter().filter(|column| model.column(&column.name).is_none()) {
                if column.primary_key {
                    let what = "is the primary key, and gone from the model";
                    return Err(refused(model, column, what, "put it back, or make a new model"));
                }
                self.alter(model, Alteration::DropColumn(column.name.clone()))?;
            }
        }
        Ok(())
    }
}

/// A primary key may get wider, and nothing else: rows are known by it.
fn check_key(model: &Table, before: &ColumnDef, after: &ColumnDef) -> Result<()> {
    let is_same_role = (before.primary_key, before.auto) == (after.primary_key, after.auto);
    if is_same_role && (!before.primary_key || is_wider(before.kind, after.kind)) {
        return Ok(());
    }
    let what = "cannot become, or no longer be, that primary key: rows are known by it";
    Err(refused(model, after, what, "make a new model, and move the rows by `run_sql`"))
}

fn is_wider(before: Kind, after: Kind) -> bool {
    let rank = |kind| match kind {
        Kind::SmallInt => Some((0, 0)),
        Kind::Integer => Some((0, 1)),
        Kind::BigInt => Some((0, 2)),
        Kind::Char(length) => Some((1, length)),
        _ => None,
    };
    match (rank(before), rank(after)) {
        (Some((kind, before)), Some((other, after))) => kind == other && before <= after,
        _ => before == after,
    }
}

fn refused(model: &Table, column: &ColumnDef, what: &str, remedy: &str) -> Error {
    Error::Refused(format!("`{}.{}` {what}; {remedy}", model.model, column.name))
}
