//! The SQL that moves the users to another table: the old table is renamed and altered, so keys, rows and whatever points to
//! them stay as they are.

use super::create;
use super::difference::{Difference, Filling};
use super::text::{drop_table, rename_column, rename_table};
use super::words::words;
use crate::db::Dialect;
use crate::db::schema::{ColumnDef, Kind, OnDelete, Reference, Table, Target};
use crate::error::Result;
use crate::migrations::UserTable;
use std::fmt;

/// The users of one table become those of another.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::migrations) struct Swap {
    /// Whose the users are.
    pub(in crate::migrations) from: UserTable,
    /// Whose they become.
    pub(in crate::migrations) to: UserTable,
    /// The table as it is.
    pub(in crate::migrations) old: Table,
    /// The table as it is to be.
    pub(in crate::migrations) new: Table,
    /// The tables between the new users and others.
    pub(in crate::migrations) between: Vec<Table>,
    /// What points to the former users in tables between them and others; Django calls it after the model.
    pub(in crate::migrations) former_column: String,
    /// Whether this goes back to users that the site had before.
    pub(in crate::migrations) is_undone: bool,
}

/// A foreign key to the users, as the database has it.
pub(in crate::migrations) struct Pointer {
    pub(in crate::migrations) table: String,
    pub(in crate::migrations) column: ColumnDef,
}

impl Swap {
    /// What points to the users in a table between them and others is called so from now on.
    pub(in crate::migrations) fn column_in<'a>(&'a self, between: &'a Table) -> &'a str {
        match self.is_undone {
            true => &self.former_column,
            false => user_column(between).unwrap_or("user_id"),
        }
    }

    /// Gives the old table, or one between users and others, the new name, and its indexes names that go with it; those of
    /// a table between get them when it takes the new shape.
    pub(in crate::migrations) fn rename(&self, dialect: Dialect, end: &str) -> Vec<String> {
        let [from, to] = [&self.from, &self.to].map(|user| format!("{}{end}", user.table));
        let between = || self.between.iter().find(|table| self.is_undone && table.name.ends_with(end));
        let known = if end.is_empty() { Some(&self.old) } else { between() };
        let mut sql = vec![rename_table(&from, &to)];
        if let Some(known) = known {
            let [before, after] = [from, to].map(|name| Table { name, ..known.clone() });
            sql.extend(words(dialect).rename_indexes(&before, &after));
        }
        sql
    }

    pub(in crate::migrations) fn drop(&self, table: &str) -> String {
        drop_table(table)
    }

    pub(in crate::migrations) fn rename_column(table: &str, column: &str, to: &str) -> String {
        rename_column(table, column, to)
    }

    /// The other way round.
    pub(super) fn turn_back(&mut self) {
        std::mem::swap(&mut self.from, &mut self.to);
        std::mem::swap(&mut self.old, &mut self.new);
        self.is_undone = true;
    }

    /// Makes tables, which have their new names already, what they are to be, and foreign keys of the key's type.
    pub(in crate::migrations) fn alter(
        &self,
        dialect: Dialect,
        tables: &[(Table, Table)],
        pointers: &[Pointer],
    ) -> Result<Vec<String>> {
        let kind = self.new.column(self.to.key).map_or(self.to.kind, |key| key.kind);
        let wrong = pointers.iter().filter(|pointer| pointer.column.kind != kind);
        let pointing: Vec<_> = wrong.map(|pointer| (pointer.alone(), pointer.to_users(self, kind))).collect();
        let pairs = tables.iter().chain(&pointing);
        let difference = |(from, to)| Difference { from, to, filling: Filling::Empty, user: Some(&self.to) };
        let all: Vec<_> = pairs.map(|(from, to)| difference((from, to))).collect();
        words(dialect).alter(&all)
    }

    /// The tables that the site's migrations have made, empty again.
    pub(in crate::migrations) fn make(&self, dialect: Dialect, table: &Table) -> Result<Vec<String>> {
        create::table(words(dialect), table, Some(&self.from))
    }
}

/// The column that points to the site's users.
pub(super) fn user_column(between: &Table) -> Option<&str> {
    let points = |column: &&ColumnDef| column.references.as_ref().is_some_and(|to| to.target == Target::User);
    between.columns.iter().find(points).map(|column| column.name.as_str())
}

impl Pointer {
    /// The table with this one column.
    fn alone(&self) -> Table {
        let column = ColumnDef { unique: false, index: false, ..self.column.clone() };
        let mut table = Table::new("", "", &self.table);
        table.columns.push(column);
        table
    }

    /// The same, pointing to the users with a key of this kind.
    fn to_users(&self, swap: &Swap, kind: Kind) -> Table {
        let target = Target::Table {
            app: swap.to.app.to_owned(),
            table: swap.to.table.to_owned(),
            column: swap.to.key.to_owned(),
        };
        let mut table = self.alone();
        for column in &mut table.columns {
            let on_delete =
                column.references.as_ref().map_or(OnDelete::Protect, |reference| reference.on_delete);
            column.kind = kind;
            column.references = Some(Reference { target: target.clone(), on_delete });
        }
        table
    }
}

impl fmt::Display for Swap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "-- Where there is a table {}, it becomes {}, with all that points to it",
            self.old.name, self.new.name
        )
    }
}
