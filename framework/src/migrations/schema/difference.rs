//! What differs between two shapes of a table.

use super::create;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::create::NamedIndex;
use super::words::Words;
use super::{Alteration, ColumnDef, DefaultValue, Table, UserTable};
use crate::db::schema::CheckConstraint;

/// A table as it is and as it is to be.
#[derive(Clone, Copy)]
pub(super) struct Difference<'a> {
    pub(super) from: &'a Table,
    pub(super) to: &'a Table,
    pub(super) filling: Filling<'a>,
    pub(super) user: Option<&'a UserTable>,
}

/// What rows that exist get in a column that is new, or may no longer be NULL, and has no default.
#[derive(Clone, Copy)]
pub(super) enum Filling<'a> {
    /// Nothing: the database refuses if there are rows.
    Nothing,
    /// What the migration says, for this column.
    Given(&'a str, &'a DefaultValue),
    /// The empty value of the column's kind.
    Empty,
}

impl<'a> Filling<'a> {
    pub(super) fn of(alteration: &'a Alteration) -> Self {
        match alteration {
            Alteration::AddColumn { column, fill: Some(fill) }
            | Alteration::AlterColumn { column, fill: Some(fill) } => Self::Given(&column.name, fill),
            _ => Self::Nothing,
        }
    }

    /// The value for rows that exist as SQL, if there is one: what was given, else the column's default.
    pub(super) fn value(self, words: &dyn Words, column: &ColumnDef) -> Option<String> {
        let given = match self {
            Self::Given(name, value) if name == column.name => Some(value),
            _ => column.default.as_ref(),
        };
        match (given, self) {
            (Some(value), _) => Some(create::default(words, value, column.kind)),
            (None, Self::Empty) if column.references.is_none() => Some(words.empty(column.kind)),
            _ => None,
        }
    }
}

impl<'a> Difference<'a> {
    pub(super) fn added(&self) -> impl Iterator<Item = &'a ColumnDef> {
        let from = self.from;
        self.to.columns.iter().filter(move |column| from.column(&column.name).is_none())
    }

    pub(super) fn dropped(&self) -> impl Iterator<Item = &'a ColumnDef> {
        let to = self.to;
        self.from.columns.iter().filter(move |column| to.column(&column.name).is_none())
    }

    /// Columns whose type, default or nullness differs, as they are and as they are to be.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(super) fn altered(&self) -> impl Iterator<Item = (&'a ColumnDef, &'a ColumnDef)> {
        let from = self.from;
        let pairs = self.to.columns.iter().filter_map(|to| Some((from.column(&to.name)?, to)));
        pairs.filter(|(from, to)| (from.kind, from.null, &from.default) != (to.kind, to.null, &to.default))
    }

    /// Sets of columns that are no longer unique, and those that become so.
    pub(super) fn uniques(&self) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
        changes(uniques(self.from), uniques(self.to))
    }

    /// Plain indexes that go and that come.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(super) fn indexes(&self) -> (Vec<NamedIndex>, Vec<NamedIndex>) {
        changes(create::plain_indexes(self.from), create::plain_indexes(self.to))
    }

    /// Columns that are no longer unique without regard to case, and those that become so.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(super) fn lowers(&self) -> (Vec<String>, Vec<String>) {
        changes(self.from.unique_lower.clone(), self.to.unique_lower.clone())
    }

    pub(super) fn checks(&self) -> (Vec<CheckConstraint>, Vec<CheckConstraint>) {
        changes(self.from.checks.clone(), self.to.checks.clone())
    }

    /// Columns that are no longer foreign keys as they were, and those that become so. Of those added, none.
    pub(super) fn foreign_keys(&self) -> (Vec<&'a ColumnDef>, Vec<&'a ColumnDef>) {
        let differs = |column: &ColumnDef, other: &Table| {
            let other = other.column(&column.name);
            other.is_some_and(|other| (&column.references, column.kind) != (&other.references, other.kind))
        };
        let is_key = |column: &&ColumnDef| column.references.is_some();
        let gone = self.from.columns.iter().filter(|column| is_key(column) && differs(column, self.to));
        let new = self.to.columns.iter().filter(|column| is_key(column) && differs(column, self.from));
        (gone.chain(self.dropped().filter(is_key)).collect(), new.collect())
    }
}

fn uniques(table: &Table) -> Vec<Vec<String>> {
    let single = table.columns.iter().filter(|column| create::is_unique(column));
    single.map(|column| vec![column.name.clone()]).chain(table.unique_together.iter().cloned()).collect()
}

fn changes<T: Clone + PartialEq>(from: Vec<T>, to: Vec<T>) -> (Vec<T>, Vec<T>) {
    let gone = from.iter().filter(|one| !to.contains(one)).cloned().collect();
    (gone, to.into_iter().filter(|one| !from.contains(one)).collect())
}
