//! The SQL of an operation, in the words of each database.

#[cfg(feature = "postgres")]
mod alter;
mod create;
mod difference;
#[cfg(feature = "mysql")]
mod mysql;
mod names;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod swap;
mod text;
mod words;

use super::operations::{Alteration, Operation, RunRust, RunSql, SwapUser};
use super::state::State;
use super::user::UserTable;
use crate::db::Dialect;
use crate::db::schema::{ColumnDef, DefaultValue, Kind, Table};
use crate::error::{Error, Result};
use difference::{Difference, Filling};
pub(super) use swap::{Pointer, Swap};
use words::words;

/// What is done for an operation, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// SQL, one statement or several.
    Sql(String),
    /// A function of the migration's own.
    Rust(RunRust),
    /// The users of one table become those of another.
    Swap(Box<Swap>),
}

/// The type of a moment.
pub(super) fn moment_type(dialect: Dialect) -> String {
    words(dialect).type_of(&ColumnDef::new("", Kind::DateTime))
}

/// What follows the columns of a new table.
pub(super) fn table_options(dialect: Dialect) -> &'static str {
    words(dialect).table_options()
}

/// What an operation is rendered for: a database, the tables before and after it, and who the users are.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) dialect: Dialect,
    pub(super) before: &'a State,
    pub(super) after: &'a State,
    pub(super) user: Option<&'a UserTable>,
}

impl<'a> Scene<'a> {
    /// What does the operation.
    ///
    /// # Errors
    /// [`Error::Refused`] if this database cannot do it.
    pub(super) fn forwards(&self, operation: &Operation) -> Result<Vec<Action>> {
        match operation {
            Operation::RunSql { forwards, .. } => Ok(self.own_sql(forwards)),
            Operation::RunRust { forwards, .. } => Ok(self.own_rust(forwards)),
            Operation::SwapUser(swap) => self.swap(swap),
            Operation::RenameTable { table, to, .. } => self.rename_table(table, to),
            Operation::Alter { table, alteration: Alteration::RenameColumn { column, to } } => {
                self.rename_column(table, column, to)
            }
            Operation::Alter { alteration, .. } => self.change_tables(Filling::of(alteration)),
            Operation::CreateTable(_) | Operation::DropTable(_) => self.change_tables(Filling::Nothing),
        }
    }

    /// What undoes the operation. Columns that come back are filled with their default, or the empty value of their kind.
    ///
    /// # Errors
    /// [`Error::Refused`] if it cannot be undone.
    pub(super) fn backwards(&self, operation: &Operation) -> Result<Vec<Action>> {
        let back = Self { before: self.after, after: self.before, ..*self };
        match operation {
            Operation::RunSql { backwards: Some(sql), .. } => Ok(self.own_sql(sql)),
            Operation::RunRust { backwards: Some(work), .. } => Ok(self.own_rust(work)),
            Operation::RunSql { .. } => irreversible("runs SQL; say with `.undone_by(…)` how that is undone"),
            Operation::RunRust { .. } => {
                irreversible("runs a function; say with `.undone_by_rust(…)` how that is undone")
            }
            Operation::SwapUser(swap) => self.swap_back(swap),
            Operation::RenameTable { table, to, .. } => back.rename_table(to, table),
            Operation::Alter { table, alteration: Alteration::RenameColumn { column, to } } => {
                back.rename_column(table, to, column)
            }
            _ => back.change_tables(Filling::Empty),
        }
    }

    /// Drops, makes and alters whatever differs between the tables before and after.
    fn change_tables(&self, filling: Filling<'a>) -> Result<Vec<Action>> {
        let words = words(self.dialect);
        let gone = self.before.tables().iter().filter(|table| self.after.table(&table.name).is_none());
        let mut sql: Vec<_> = gone.map(|table| text::drop_table(&table.name)).collect();
        let mut differences = Vec::new();
        for to in self.after.tables() {
            match self.before.table(&to.name) {
                None => sql.extend(create::table(words, to, self.user)?),
                Some(from) if from == to => {}
                Some(from) => differences.push(Difference { from, to, filling, user: self.user }),
            }
        }
        sql.extend(words.alter(&differences)?);
        Ok(sql.into_iter().map(Action::Sql).collect())
    }

    fn swap(&self, swap: &SwapUser) -> Result<Vec<Action>> {
        let Some(user) = self.user else { return Err(Error::Refused(super::state::no_user_model())) };
        let names = user.tables();
        let between = names[1..].iter().filter_map(|name| self.before.table(name).cloned()).collect();
        let former = swap.from.tables().into_iter().skip(1).filter_map(|name| self.before.table(&name));
        let former_column = former.filter_map(swap::user_column).next().map(str::to_owned);
        Ok(vec![Action::Swap(Box::new(Swap {
            from: swap.from.clone(),
            to: user.clone(),
            old: self.before.table(swap.from.table).unwrap_or(&swap.table).clone(),
            new: known(self.before, user.table)?.clone(),
            between,
            former_column: former_column.unwrap_or_else(|| format!("{}_id", swap.from.model.to_lowercase())),
            is_undone: false,
        }))])
    }

    fn swap_back(&self, swap: &SwapUser) -> Result<Vec<Action>> {
        let mut actions = self.swap(swap)?;
        for action in &mut actions {
            if let Action::Swap(swap) = action {
                swap.turn_back();
            }
        }
        Ok(actions)
    }

    fn rename_table(&self, table: &str, to: &str) -> Result<Vec<Action>> {
        if table == to {
            return Ok(Vec::new());
        }
        let mut sql = vec![text::rename_table(table, to)];
        sql.extend(words(self.dialect).rename_indexes(known(self.before, table)?, known(self.after, to)?));
        Ok(sql.into_iter().map(Action::Sql).collect())
    }

    fn rename_column(&self, table: &str, column: &str, to: &str) -> Result<Vec<Action>> {
        let words = words(self.dialect);
        let (before, after) = (known(self.before, table)?, known(self.after, table)?);
        let mut sql = words.rename_column(before, after, column, to);
        sql.extend(words.rename_indexes(before, after));
        Ok(sql.into_iter().map(Action::Sql).collect())
    }

    fn own_sql(&self, sql: &RunSql) -> Vec<Action> {
        let text = sql.text_for(self.dialect).trim();
        let own = (!text.is_empty()).then(|| Action::Sql(text.to_owned()));
        own.into_iter().flat_map(|own| self.settled(own)).collect()
    }

    fn own_rust(&self, work: &RunRust) -> Vec<Action> {
        self.settled(Action::Rust(work.clone())).collect()
    }

    /// PostgreSQL alters no table that has rows with checks still to be made.
    fn settled(&self, action: Action) -> impl Iterator<Item = Action> + use<> {
        let settle = words(self.dialect).settle().map(|sql| Action::Sql(sql.to_owned()));
        std::iter::once(action).chain(settle)
    }
}

fn known<'a>(state: &'a State, table: &str) -> Result<&'a Table> {
    let missing = || Error::Refused(format!("there is no table `{table}` at this point"));
    state.table(table).ok_or_else(missing)
}

fn irreversible<T>(text: &str) -> Result<T> {
    Err(Error::Refused(format!("it cannot be undone: it {text}")))
}

#[cfg(test)]
mod tests;
