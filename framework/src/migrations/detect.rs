//! What has to be done so that the tables become those of the models. Pure, but for the questions.

mod columns;
mod creations;
mod normal;
mod removals;
mod renames;

pub(super) use renames::is_between;

use super::defaults;
use super::operations::{Alteration, Operation};
use super::questions::Questions;
use super::state::State;
use super::user::UserTable;
use crate::db::schema::Table;
use crate::error::{Error, Result};

/// The operations that lead from the migrations' tables of an app to the tables of its models.
///
/// Models that were renamed, made and removed; fields renamed, added, altered and removed; what is unique together, indexes,
/// checks and the default order. The login name of a new user model is kept unique in any case.
///
/// # Errors
/// [`Error::Refused`] for a default that does not fit its field, for what no database can do to a table with rows, and
/// for what `questions` refuses.
pub fn detect(
    app: &str,
    state: &State,
    models: &[Table],
    user: Option<&UserTable>,
    questions: &mut dyn Questions,
) -> Result<Vec<Operation>> {
    let models: Vec<_> = models.iter().map(|table| normal::table(table, user)).collect();
    models.iter().try_for_each(|model| {
        defaults::check(model)
            .map_err(|text| Error::Refused(format!("{text}; correct `#[model(default = …)]`")))
    })?;
    let mut detector =
        Detector { app, state: state.draft(), models: &models, user, questions, operations: Vec::new() };
    detector.check_owners()?;
    detector.rename_models()?;
    detector.rename_columns()?;
    detector.loosen()?;
    detector.create_tables()?;
    detector.add_and_alter_columns()?;
    detector.drop_columns()?;
    detector.tighten()?;
    detector.drop_tables()?;
    Ok(detector.operations)
}

/// Finds one difference after the other; the tables follow, so that the next one is seen as it is then.
struct Detector<'a> {
    app: &'a str,
    state: State,
    models: &'a [Table],
    user: Option<&'a UserTable>,
    questions: &'a mut dyn Questions,
    operations: Vec<Operation>,
}

impl<'a> Detector<'a> {
    fn push(&mut self, operation: Operation) -> Result<()> {
        let wrong = |text| Error::Refused(format!("app `{}`: {text}", self.app));
        self.state.apply(self.app, &operation, self.user).map_err(wrong)?;
        self.operations.push(operation);
        Ok(())
    }

    fn alter(&mut self, table: &Table, alteration: Alteration) -> Result<()> {
        self.push(alteration.of(&table.name))
    }

    /// The models that have a table, each with the table as it is now.
    fn known(&self) -> Vec<(&'a Table, Table)> {
        let found = |model: &&'a Table| self.state.table(&model.name).is_some();
        let pair = |model: &'a Table| (model, self.now(&model.name));
        self.models.iter().filter(found).map(pair).collect()
    }

    /// A table as it is now, in the form that is compared.
    fn now(&self, name: &str) -> Table {
        let table = self.state.table(name).cloned().unwrap_or_else(|| Table::new("", "", name));
        normal::table(&table, self.user)
    }

    /// The models that have no table.
    fn new_models(&self) -> Vec<&'a Table> {
        self.models.iter().filter(|model| self.state.table(&model.name).is_none()).collect()
    }

    /// The tables whose models are gone.
    fn gone(&self) -> Vec<Table> {
        let has_model = |table: &Table| self.models.iter().any(|model| model.name == table.name);
        let tables = self.state.tables_of(self.app);
        let gone = tables.filter(|table| !table.model.is_empty() && !has_model(table));
        gone.map(|table| normal::table(table, self.user)).collect()
    }

    fn check_owners(&self) -> Result<()> {
        let is_anothers =
            |model: &&Table| self.state.table(&model.name).is_some_and(|table| table.app != self.app);
        match self.models.iter().find(is_anothers) {
            Some(model) => Err(Error::Refused(format!(
                "the table `{}` of `{}` is made by app `{}`; give it another",
                model.name,
                model.model,
                self.state.table(&model.name).map_or("", |table| &table.app)
            ))),
            None => Ok(()),
        }
    }

    /// What keeps columns from changing goes first.
    fn loosen(&mut self) -> Result<()> {
        for (model, now) in self.known() {
            for check in now.checks.iter().filter(|check| !model.checks.contains(check)) {
                self.alter(model, Alteration::DropCheck(check.name.clone()))?;
            }
            for columns in missing(&now.unique_together, &model.unique_together) {
                self.alter(model, Alteration::DropUnique(columns))?;
            }
            for index in missing(&now.indexes, &model.indexes) {
                self.alter(model, Alteration::DropIndex(index))?;
            }
        }
        Ok(())
    }

    /// What needs the columns to be there comes last.
    fn tighten(&mut self) -> Result<()> {
        for (model, now) in self.known() {
            for columns in missing(&model.unique_together, &now.unique_together) {
                self.alter(model, Alteration::AddUnique(columns))?;
            }
            for index in missing(&model.indexes, &now.indexes) {
                self.alter(model, Alteration::AddIndex(index))?;
            }
            for check in missing(&model.checks, &now.checks) {
                self.alter(model, Alteration::AddCheck(check))?;
            }
            if model.ordering != now.ordering {
                self.alter(model, Alteration::Ordering(model.ordering.clone()))?;
            }
        }
        Ok(())
    }
}

/// Those of the first list that the second has not.
fn missing<T: Clone + PartialEq>(all: &[T], others: &[T]) -> Vec<T> {
    all.iter().filter(|one| !others.contains(one)).cloned().collect()
}

#[cfg(test)]
mod tests;
