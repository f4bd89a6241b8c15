//! How a migration says what a table is made of.

use crate::db::schema::{
    CheckConstraint, ColumnDef, DefaultValue, Index, Kind, OnDelete, Reference, Table, Target,
};

/// A table that is being described, column after column.
#[derive(Debug)]
pub struct TableBuilder {
    table: Table,
    columns: Vec<ColumnBuilder>,
}

/// A column that is being described.
#[derive(Debug)]
pub struct ColumnBuilder(ColumnDef, Option<DefaultValue>);

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident => $kind:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, name: &str) -> &mut ColumnBuilder {
            self.column(name, $kind)
        }
    )*};
}

impl TableBuilder {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self { table: Table::new("", "", name), columns: Vec::new() }
    }

    pub(super) fn build(self) -> Table {
        let columns = self.columns.into_iter().map(|column| column.0).collect();
        Table { columns, ..self.table }
    }

    /// The model whose rows the table holds; a table without one is not compared with the models.
    pub fn for_model(&mut self, model: &str) -> &mut Self {
        model.clone_into(&mut self.table.model);
        self
    }

    /// A primary key of 64 bits that counts up.
    pub fn big_auto(&mut self, name: &str) -> &mut ColumnBuilder {
        self.column(name, Kind::BigInt).counts_up()
    }

    /// A primary key of 32 bits that counts up, as in Django's own tables.
    pub fn auto(&mut self, name: &str) -> &mut ColumnBuilder {
        self.column(name, Kind::Integer).counts_up()
    }

    kinds! {
        /// True or false.
        boolean => Kind::Bool;
        /// A whole number of 16 bits.
        small_integer => Kind::SmallInt;
        /// A whole number of 32 bits.
        integer => Kind::Integer;
        /// A whole number of 64 bits.
        big_integer => Kind::BigInt;
        /// A floating-point number of 64 bits.
        double => Kind::Double;
        /// Text, of any length unless [`max_length`](ColumnBuilder::max_length) follows.
        text => Kind::Text;
        /// A day.
        date => Kind::Date;
        /// A moment.
        datetime => Kind::DateTime;
        /// A UUID.
        uuid => Kind::Uuid;
        /// A JSON document.
        json => Kind::Json;
        /// Bytes.
        binary => Kind::Binary;
    }

    /// A foreign key; its type is that of the key it points to.
    pub fn foreign_key(&mut self, name: &str, target: Target) -> &mut ColumnBuilder {
        let column = self.column(name, Kind::BigInt);
        column.0.references = Some(Reference { target, on_delete: OnDelete::default() });
        column
    }

    /// Columns whose values must be unique together.
    pub fn unique_together(&mut self, columns: impl IntoIterator<Item = impl AsRef<str>>) -> &mut Self {
        self.table.unique_together.push(owned(columns));
        self
    }

    /// An index over columns, `-` in front for descending.
    pub fn index(&mut self, columns: impl IntoIterator<Item = impl AsRef<str>>) -> &mut Self {
        self.table.indexes.push(Index { name: None, columns: owned(columns) });
        self
    }

    /// An index of this name.
    pub fn named_index(
        &mut self,
        name: &str,
        columns: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> &mut Self {
        self.table.indexes.push(Index { name: Some(name.to_owned()), columns: owned(columns) });
        self
    }

    /// A condition that every row must meet, as SQL: `table.check("price_is_positive", "price > 0")`.
    pub fn check(&mut self, name: &str, condition: &str) -> &mut Self {
        self.table.checks.push(CheckConstraint { name: name.to_owned(), condition: condition.to_owned() });
        self
    }

    /// The default order of the model's rows: columns, `-` in front for descending.
    pub fn ordering(&mut self, columns: impl IntoIterator<Item = impl AsRef<str>>) -> &mut Self {
        self.table.ordering = owned(columns);
        self
    }

    fn column(&mut self, name: &str, kind: Kind) -> &mut ColumnBuilder {
        self.columns.push(ColumnBuilder(ColumnDef::new(name, kind), None));
        self.columns.last_mut().expect("it was pushed in the line before")
    }
}

/// Names of one's own.
pub(super) fn owned(names: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    names.into_iter().map(|name| name.as_ref().to_owned()).collect()
}

impl ColumnBuilder {
    pub(super) fn build(&self) -> ColumnDef {
        self.0.clone()
    }

    /// What rows that exist get, once.
    pub(super) fn filling(&self) -> Option<DefaultValue> {
        self.1.clone()
    }

    /// The longest text allowed, in characters; only text has one.
    pub fn max_length(&mut self, characters: u32) -> &mut Self {
        if self.0.kind == Kind::Text {
            self.0.kind = Kind::Char(characters);
        }
        self
    }

    /// May be NULL.
    pub fn null(&mut self) -> &mut Self {
        self.0.null = true;
        self
    }

    /// No two rows have the same value.
    pub fn unique(&mut self) -> &mut Self {
        self.0.unique = true;
        self
    }

    /// An index is kept; foreign keys have one anyway.
    pub fn index(&mut self) -> &mut Self {
        self.0.index = true;
        self
    }

    /// The table's primary key.
    pub fn primary_key(&mut self) -> &mut Self {
        self.0.primary_key = true;
        self
    }

    /// What rows get when nothing is given.
    pub fn default(&mut self, value: impl Into<DefaultValue>) -> &mut Self {
        self.0.default = Some(value.into());
        self
    }

    /// Rows get the current time when nothing is given.
    pub fn default_now(&mut self) -> &mut Self {
        self.default(DefaultValue::Now)
    }

    /// What the rows that exist get, once, where the column has no default: new rows must bring a value.
    pub fn fill_with(&mut self, value: impl Into<DefaultValue>) -> &mut Self {
        self.1 = Some(value.into());
        self
    }

    /// What happens to a row when the one that its foreign key points to is deleted; it goes too unless this is said.
    pub fn on_delete(&mut self, action: OnDelete) -> &mut Self {
        if let Some(reference) = &mut self.0.references {
            reference.on_delete = action;
        }
        self
    }

    fn counts_up(&mut self) -> &mut Self {
        self.0.auto = true;
        self.primary_key()
    }
}

macro_rules! default_from {
    ($($type:ty => $variant:ident;)*) => {$(
        impl From<$type> for DefaultValue {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}
default_from! {
    bool => Bool;
    i32 => Int;
    i64 => Int;
    f64 => Float;
    &str => Text;
}
