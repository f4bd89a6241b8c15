//! Models and fields that go on under another name.

use super::Detector;
use crate::db::schema::{ColumnDef, Reference, Table, Target};
use crate::error::Result;
use crate::migrations::operations::{Alteration, Operation};

impl Detector<'_> {
    pub(super) fn rename_models(&mut self) -> Result<()> {
        for new in self.new_models() {
            for old in self.gone() {
                if !is_between(&old) && is_same(&old, new) && self.questions.is_model_renamed(&old, new)? {
                    self.rename_model(&old, new)?;
                    break;
                }
            }
        }
        self.relabel_models()
    }

    fn rename_model(&mut self, old: &Table, new: &Table) -> Result<()> {
        self.push(rename(&old.name, new))?;
        for (through, renamed) in self.through_tables(old, new) {
            self.push(rename(&through.name, &renamed))?;
            for (from, to) in renamed_keys(&through, &renamed) {
                self.alter(&renamed, Alteration::RenameColumn { column: from, to })?;
            }
        }
        Ok(())
    }

    /// The tables between the renamed model and others, as they are and as the models want them.
    fn through_tables(&self, old: &Table, new: &Table) -> Vec<(Table, Table)> {
        let wanted = |through: Table| {
            let field = through.model.strip_prefix(&format!("{}_", old.model))?;
            let name = format!("{}_{field}", new.model);
            let renamed = self.models.iter().find(|model| model.model == name)?;
            Some((through, renamed.clone()))
        };
        self.gone().into_iter().filter_map(wanted).collect()
    }

    /// A model that kept its table and is called otherwise.
    fn relabel_models(&mut self) -> Result<()> {
        for (model, now) in self.known() {
            if model.model != now.model && !now.model.is_empty() {
                self.push(rename(&now.name, model))?;
            }
        }
        Ok(())
    }

    pub(super) fn rename_columns(&mut self) -> Result<()> {
        for (model, now) in self.known() {
            let mut gone: Vec<_> =
                now.columns.iter().filter(|old| model.column(&old.name).is_none()).collect();
            for new in model.columns.iter().filter(|new| now.column(&new.name).is_none()) {
                let mut renamed = None;
                for (position, old) in gone.iter().enumerate().filter(|(_, old)| is_same_column(old, new)) {
                    if is_between(&now) || self.questions.is_field_renamed(model, old, new)? {
                        renamed = Some(position);
                        break;
                    }
                }
                if let Some(old) = renamed.map(|position| gone.remove(position)) {
                    let (column, to) = (old.name.clone(), new.name.clone());
                    self.alter(model, Alteration::RenameColumn { column, to })?;
                }
            }
        }
        Ok(())
    }
}

fn rename(table: &str, new: &Table) -> Operation {
    Operation::RenameTable { table: table.to_owned(), to: new.name.clone(), model: new.model.clone() }
}

/// The table of a many-to-many field follows the models that it lies between, and is not asked about.
pub(in crate::migrations) fn is_between(table: &Table) -> bool {
    table.model.contains('_')
        && table.columns.iter().filter(|column| column.references.is_some()).count() == 2
}

/// Whether the two have the same fields, as far as a name can change that.
fn is_same(old: &Table, new: &Table) -> bool {
    let own = |column: &ColumnDef| {
        let mut column = column.clone();
        if let Some(Reference { target: Target::Table { table, .. }, .. }) = &mut column.references
            && *table == old.name
        {
            new.name.clone_into(table);
        }
        column
    };
    let all = |table: &Table| {
        let mut columns: Vec<_> = table.columns.iter().map(own).collect();
        columns.sort_by(|one, other| one.name.cmp(&other.name));
        columns
    };
    all(old) == all(new)
}

fn is_same_column(old: &ColumnDef, new: &ColumnDef) -> bool {
    ColumnDef { name: new.name.clone(), ..old.clone() } == *new
}

/// The columns that differ by name alone, in order.
fn renamed_keys(old: &Table, new: &Table) -> Vec<(String, String)> {
    let pairs = old.columns.iter().zip(&new.columns);
    pairs
        .filter(|(old, new)| old.name != new.name)
        .map(|(old, new)| (old.name.clone(), new.name.clone()))
        .collect()
}
