//! What a catalogue says of a table, in words that are the same for every database.

use super::Inspected;
use super::calls::arguments_of;
use super::literals::default_of;
use super::types::Type;
use crate::db::schema::{self, ColumnDef, OnDelete, Reference, Table, Target};

/// All that a catalogue says of a table.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) columns: Vec<Column>,
    pub(super) primary_key: Vec<String>,
    pub(super) foreign_keys: Vec<ForeignKey>,
    pub(super) indexes: Vec<Index>,
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) of_type: Type,
    pub(super) null: bool,
    /// The default as an expression of SQL.
    pub(super) default: Option<String>,
    /// Whether the database counts its value up.
    pub(super) auto: bool,
    /// Whether the database computes it from others.
    pub(super) computed: bool,
}

/// A foreign key of one column.
#[derive(Debug)]
pub(super) struct ForeignKey {
    pub(super) column: String,
    pub(super) table: String,
    pub(super) target: String,
    pub(super) on_delete: OnDelete,
}

/// An index over the whole table.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) unique: bool,
    pub(super) parts: Vec<Part>,
}

/// What an index orders rows by.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Ascending(String),
    Descending(String),
    Expression(String),
}

impl Part {
    /// The column, with `-` in front if it descends.
    fn column(&self) -> Option<String> {
        match self {
            Self::Ascending(column) => Some(column.clone()),
            Self::Descending(column) => Some(format!("-{column}")),
            Self::Expression(_) => None,
        }
    }
}

impl Index {
    /// Puts the parts of indexes together, which come one index after the other.
    pub(super) fn of_parts(parts: Vec<(String, bool, Part)>) -> Vec<Self> {
        let mut indexes: Vec<Self> = Vec::new();
        for (name, unique, part) in parts {
            match indexes.last_mut().filter(|index| index.name == name) {
                Some(index) => index.parts.push(part),
                None => indexes.push(Self { name, unique, parts: vec![part] }),
            }
        }
        indexes
    }

    /// The columns, if there are no expressions.
    fn columns(&self) -> Option<Vec<String>> {
        self.parts.iter().map(Part::column).collect()
    }

    /// Whether it is over this column alone; for what is unique the order does not matter.
    fn is_of(&self, column: &str) -> bool {
        match self.parts.as_slice() {
            [Part::Ascending(only)] => only == column,
            [Part::Descending(only)] => self.unique && only == column,
            _ => false,
        }
    }
}

impl Facts {
    pub(super) fn inspected(&self, name: &str) -> Inspected {
        let (computed, kept): (Vec<_>, Vec<_>) = self.columns.iter().partition(|column| column.computed);
        let own_type = |column: &&Column| Some((column.name.clone(), column.of_type.own.clone()?));
        let mut table = Table::new("", "", name);
        table.columns = kept.iter().map(|column| self.column(column)).collect();
        table.unique_together = self.unique_together();
        table.unique_lower = self.unique_lower();
        table.indexes = self.more_indexes();
        Inspected {
            table,
            own_types: kept.iter().filter_map(own_type).collect(),
            computed: computed.iter().map(|column| column.name.clone()).collect(),
        }
    }

    /// A foreign key has an index in any case, and a primary key is unique.
    fn column(&self, column: &Column) -> ColumnDef {
        let references = self.foreign_keys.iter().find(|key| key.column == column.name);
        let primary_key = self.primary_key.contains(&column.name);
        let unique = !primary_key && self.is_indexed(&column.name, true);
        let has_index = primary_key || unique || references.is_some();
        ColumnDef {
            null: column.null && !primary_key,
            unique,
            index: !has_index && self.is_indexed(&column.name, false),
            primary_key,
            auto: column.auto,
            default: column.default.as_deref().and_then(|sql| default_of(sql, column.of_type.kind)),
            references: references.map(ForeignKey::reference),
            ..ColumnDef::new(&column.name, column.of_type.kind)
        }
    }

    fn is_indexed(&self, column: &str, unique: bool) -> bool {
        self.indexes.iter().any(|index| index.unique == unique && index.is_of(column))
    }

    fn unique_together(&self) -> Vec<Vec<String>> {
        let sets = self.indexes.iter().filter(|index| index.unique && index.parts.len() > 1);
        let plain = |column: String| column.trim_start_matches('-').to_owned();
        sets.filter_map(Index::columns).map(|columns| columns.into_iter().map(plain).collect()).collect()
    }

    /// The indexes that no column has of its own.
    fn more_indexes(&self) -> Vec<schema::Index> {
        let is_own = |index: &Index| matches!(index.parts.as_slice(), [Part::Ascending(_)]);
        let more = self.indexes.iter().filter(|index| !index.unique && !is_own(index));
        more.filter_map(|index| {
            Some(schema::Index { name: Some(index.name.clone()), columns: index.columns()? })
        })
        .collect()
    }

    /// The columns that are kept unique by an index on `lower(column)`.
    fn unique_lower(&self) -> Vec<String> {
        let lower = |index: &Index| match index.parts.as_slice() {
            [Part::Expression(sql)] if index.unique => arguments_of(sql, "lower").next(),
            _ => None,
        };
        let lowered: Vec<_> = self.indexes.iter().filter_map(lower).collect();
        let names = self.columns.iter().map(|column| column.name.clone());
        names.filter(|name| lowered.contains(&name.to_lowercase())).collect()
    }
}

impl ForeignKey {
    fn reference(&self) -> Reference {
        let (app, table, column) = (String::new(), self.table.clone(), self.target.clone());
        Reference { target: Target::Table { app, table, column }, on_delete: self.on_delete }
    }
}
