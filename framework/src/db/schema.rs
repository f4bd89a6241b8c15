//! Tables and columns as values: what models declare, what migrations build, what is compared.

use super::Model;

/// A table: the shape of a model, or one that stands between two models.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The label of the app whose migrations make the table.
    pub app: String,
    /// The model's name, such as `Post`.
    pub model: String,
    /// The table's name in the database, such as `blog_post`.
    pub name: String,
    /// The columns in order.
    pub columns: Vec<ColumnDef>,
    /// Sets of columns whose values must be unique together.
    pub unique_together: Vec<Vec<String>>,
    /// Text columns whose values must be unique without regard to case.
    pub unique_lower: Vec<String>,
    /// Indexes besides those that columns have of their own.
    pub indexes: Vec<Index>,
    /// Conditions that hold for every row.
    pub checks: Vec<CheckConstraint>,
    /// The default order of the model's rows: columns, `-` in front for descending. The database knows nothing of it.
    pub ordering: Vec<String>,
}

impl Table {
    /// A table without columns.
    pub fn new(app: impl Into<String>, model: impl Into<String>, name: impl Into<String>) -> Self {
        let (app, model, name) = (app.into(), model.into(), name.into());
        Self {
            app,
            model,
            name,
            columns: Vec::new(),
            unique_together: Vec::new(),
            unique_lower: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            ordering: Vec::new(),
        }
    }

    /// The table between two models: a key of its own, and a foreign key to each that are unique together.
    pub fn between(self, one: ColumnDef, other: ColumnDef) -> Self {
        let id = ColumnDef { primary_key: true, auto: true, ..ColumnDef::new("id", Kind::BigInt) };
        let unique_together = vec![vec![one.name.clone(), other.name.clone()]];
        Self { columns: vec![id, one, other], unique_together, ..self }
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&ColumnDef> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A model as permissions see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// The label of the app that the model belongs to.
    pub app: &'static str,
    /// The struct's name.
    pub name: &'static str,
    /// [`Model::DEFAULT_PERMISSIONS`].
    pub default_permissions: &'static [&'static str],
    /// [`Model::PERMISSIONS`].
    pub permissions: &'static [(&'static str, &'static str)],
}

impl ModelInfo {
    /// What there is to know of this model.
    pub fn of<M: Model>() -> Self {
        Self {
            app: M::APP,
            name: M::NAME,
            default_permissions: M::DEFAULT_PERMISSIONS,
            permissions: M::PERMISSIONS,
        }
    }
}

/// An index over columns, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name; without one it is called after the table and the columns.
    pub name: Option<String>,
    /// The columns, `-` in front for descending.
    pub columns: Vec<String>,
}

/// A condition that the database keeps for every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckConstraint {
    /// Its name, which the database's refusals mention.
    pub name: String,
    /// The condition as SQL that all databases understand: `price > 0`.
    pub condition: String,
}

/// One column of a [`Table`].
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDef {
    /// The column's name in the database.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be NULL.
    pub null: bool,
    /// Whether no two rows may have the same value.
    pub unique: bool,
    /// Whether an index is kept for it.
    pub index: bool,
    /// Whether it is the table's primary key.
    pub primary_key: bool,
    /// Whether the database counts its value up by itself.
    pub auto: bool,
    /// What existing rows get when the column is added, and new rows when nothing is given.
    pub default: Option<DefaultValue>,
    /// The table that it points to.
    pub references: Option<Reference>,
}

impl ColumnDef {
    /// A column that may not be NULL and has no index.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            null: false,
            unique: false,
            index: false,
            primary_key: false,
            auto: false,
            default: None,
            references: None,
        }
    }

    /// The table and column that a foreign key points to, unless it points to the site's users, whoever they are.
    pub fn points_to(&self) -> Option<(&str, &str)> {
        match &self.references.as_ref()?.target {
            Target::Table { table, column, .. } => Some((table, column)),
            Target::User => None,
        }
    }

    /// The name of the model's field: a foreign key's column is called after it, with `_id` behind.
    pub(crate) fn field_name(&self) -> &str {
        match self.references {
            Some(_) => self.name.strip_suffix("_id").unwrap_or(&self.name),
            None => &self.name,
        }
    }
}

/// What a column holds, in words that each database has a type for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Bool,
    /// A whole number of 16 bits.
    SmallInt,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    BigInt,
    /// A floating-point number of 64 bits.
    Double,
    /// Text of at most so many characters.
    Char(u32),
    /// Text of any length.
    Text,
    /// A day.
    Date,
    /// A moment, kept in UTC to the microsecond.
    DateTime,
    /// A UUID.
    Uuid,
    /// A JSON document.
    Json,
    /// Bytes.
    Binary,
}

impl Kind {
    /// Whether it is text.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Char(_) | Self::Text)
    }
}

/// A default that the database itself can keep.
#[derive(Clone, Debug, PartialEq)]
pub enum DefaultValue {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(String),
    /// The moment at which the row is written.
    Now,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The table that is pointed to.
    pub target: Target,
    /// What happens to this row when that one is deleted.
    pub on_delete: OnDelete,
}

/// What a foreign key points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The site's user model, whichever that is.
    User,
    /// A table of a named app.
    Table {
        /// The label of the app that makes the table.
        app: String,
        /// The table's name.
        table: String,
        /// The column that is pointed to.
        column: String,
    },
}

/// What happens to a row when the one that it points to is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnDelete {
    /// It is deleted too.
    #[default]
    Cascade,
    /// The deletion is refused.
    Protect,
    /// The column becomes NULL.
    SetNull,
}
