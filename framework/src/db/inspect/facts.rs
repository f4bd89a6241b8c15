//! What a catalogue says of a table, in words that are the same for every database.

use super::Inspected;
use super::literals::default_of;
use super::types::Type;
use crate::db::schema::{ColumnDef, OnDelete, Reference, Table, Target};

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
    pub(super) unique: bool,
    pub(super) columns: Vec<String>,
}

/// One column of an index, as catalogues list them.
pub(super) struct IndexPart {
    pub(super) index: String,
    pub(super) unique: bool,
    /// None for an expression.
    pub(super) column: Option<String>,
}

impl Index {
    /// Puts the parts of indexes together, which come one index after the other. One over expressions is left out.
    pub(super) fn of_parts(parts: Vec<IndexPart>) -> Vec<Self> {
        let indexes = parts.chunk_by(|one, other| one.index == other.index);
        let index = |parts: &[IndexPart]| {
            let columns = parts.iter().map(|part| part.column.clone()).collect::<Option<Vec<_>>>()?;
            Some(Self { unique: parts.first()?.unique, columns })
        };
        indexes.filter_map(index).collect()
    }
}

impl Facts {
    pub(super) fn inspected(&self, name: &str) -> Inspected {
        let (computed, kept): (Vec<_>, Vec<_>) = self.columns.iter().partition(|column| column.computed);
        let own_type = |column: &&Column| Some((column.name.clone(), column.of_type.own.clone()?));
        let mut table = Table::new("", "", name);
        table.columns = kept.iter().map(|column| self.column(column)).collect();
        table.unique_together = self.sets(true).map(<[String]>::to_vec).collect();
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
        let alone = |index: &Index| index.columns.len() == 1 && index.columns[0] == column;
        self.indexes.iter().any(|index| index.unique == unique && alone(index))
    }

    /// The sets of several columns that are indexed together.
    fn sets(&self, unique: bool) -> impl Iterator<Item = &[String]> {
        let sets = self.indexes.iter().filter(move |index| index.unique == unique);
        sets.map(|index| index.columns.as_slice()).filter(|columns| columns.len() > 1)
    }
}

impl ForeignKey {
    fn reference(&self) -> Reference {
        let (app, table, column) = (String::new(), self.table.clone(), self.target.clone());
        Reference { target: Target::Table { app, table, column }, on_delete: self.on_delete }
    }
}
