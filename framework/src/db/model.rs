//! The trait that `#[derive(Model)]` writes: a struct that is a row of a table.

use super::schema::{ColumnDef, Table};
use super::{Condition, Database, Field, Key, QuerySet, Row, Statement};
use crate::error::{Error, Result};
use chrono::{DateTime, SubsecRound, Utc};
use sea_query::{Expr, ExprTrait, InsertStatement, Query, Value};
use serde::Serialize;
use serde::ser::SerializeStruct;

/// The columns of a struct, be it a table of its own or flattened into one.
pub trait Fields: Sized + Clone + Send + Sync + Unpin + 'static {
    /// How many fields may be seen.
    const SHOWN: usize;
    /// The columns as migrations see them.
    fn column_defs() -> Vec<ColumnDef>;
    /// The columns' names, in the order of the fields.
    fn column_names() -> Vec<&'static str>;
    /// Reads the struct from a row.
    fn read(row: &Row<'_>) -> sqlx::Result<Self>;
    /// The values to bind, in the order of the columns.
    fn values(&self) -> Vec<Value>;
    /// Sets the fields that follow the clock; `adding` is false when a row is saved again.
    fn stamp(&mut self, now: DateTime<Utc>, adding: bool);
    /// Writes every field that may be seen.
    fn serialize_fields<S: SerializeStruct>(&self, fields: &mut S) -> Result<(), S::Error>;
    /// Fills a foreign key from a joined row; `false` if there is none of this column.
    fn relate(&mut self, column: &str, row: &Row<'_>, position: usize) -> sqlx::Result<bool>;
    /// How the table behind a foreign key is joined.
    fn target(column: &str) -> Option<(&'static str, &'static str, Vec<&'static str>)>;
}

/// A struct to be flattened that brings the primary key with it.
pub trait Keyed {
    /// The primary key's type.
    type Key: Key;
    /// The primary key's column.
    const KEY: &'static str;
    /// The primary key's value.
    fn key(&self) -> &Self::Key;
    /// Sets the primary key.
    fn set_key(&mut self, key: Self::Key);
}

/// A row of a table. Derive it:
///
/// ```
/// use nuages::Model;
///
/// #[derive(Clone, Debug, Model)]
/// #[model(app = "blog", ordering = "-id")]
/// pub struct Post {
///     pub id: i64,
///     #[model(max_length = 200)]
///     pub title: String,
///     pub body: Option<String>,
/// }
/// assert_eq!(Post::TABLE, "blog_post");
/// assert_eq!(Post::TITLE.name(), "title");
/// ```
///
/// On the struct: `app` (needed), `table`, `ordering`, `unique_together("a", "b")`, `index("a", "-b")` (with a name of its own:
/// `index(recent = ("-a"))`), `check(price_is_positive = "price > 0")`; they name columns. On a field: `max_length`, `unique`,
/// `index`, `default`, `auto_now_add`, `auto_now`, `primary_key`, `column`, `on_delete`, `flatten`.
pub trait Model: Fields + Serialize + std::fmt::Debug {
    /// The primary key's type.
    type Key: Key;
    /// The label of the app that the model belongs to.
    const APP: &'static str;
    /// The struct's name.
    const NAME: &'static str;
    /// The table's name.
    const TABLE: &'static str;
    /// The primary key's column.
    const KEY: &'static str;
    /// The default order: column names, `-` in front for descending.
    const ORDERING: &'static [&'static str];

    /// The primary key's value.
    fn key(&self) -> &Self::Key;
    /// Sets the primary key.
    fn set_key(&mut self, key: Self::Key);
    /// The table as migrations see it.
    fn table() -> Table;

    /// All rows, to be narrowed down.
    fn objects(db: &Database) -> QuerySet<Self> {
        QuerySet::new(db.clone())
    }

    /// The row with this primary key.
    ///
    /// # Errors
    /// [`Error::DoesNotExist`], which a view turns into 404.
    fn find(db: &Database, key: &Self::Key) -> impl Future<Output = Result<Self>> + Send {
        let query = Self::objects(db).filter(Self::has_key(key));
        async move { query.first().await?.ok_or(Error::DoesNotExist(Self::NAME)) }
    }

    /// The condition that holds for the row with this primary key alone.
    fn has_key(key: &Self::Key) -> Condition<Self> {
        super::Column::<Self, Self::Key>::new(Self::KEY).eq(key.clone())
    }

    /// Inserts a new row and answers it as saved: with its key, and its `auto_now_add` fields set.
    fn create(mut self, db: &Database) -> impl Future<Output = Result<Self>> + Send {
        async move {
            self.stamp(now(), true);
            if let (true, Some(key)) = (self.key().is_unset(), Self::Key::fresh()) {
                self.set_key(key);
            }
            match Self::Key::AUTO && self.key().is_unset() {
                true => self.set_key(db.insert(&insert(&self, |name| name != Self::KEY), Self::KEY).await?),
                false => drop(db.execute(&insert(&self, |_| true)).await?),
            }
            Ok(self)
        }
    }

    /// Writes all fields to the row with this key.
    ///
    /// # Errors
    /// [`Error::DoesNotExist`] if the row is gone: a save never brings one back.
    fn save(&mut self, db: &Database) -> impl Future<Output = Result<()>> + Send {
        async move {
            self.stamp(now(), false);
            match db.execute(&update(self)).await? {
                0 => Err(Error::DoesNotExist(Self::NAME)),
                _ => Ok(()),
            }
        }
    }

    /// Deletes the row with this key, and says whether it was there.
    fn delete(&self, db: &Database) -> impl Future<Output = Result<bool>> + Send {
        let query = Self::objects(db).filter(Self::has_key(self.key()));
        async move { Ok(query.delete().await? > 0) }
    }
}

/// The moment as a column keeps it.
fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

fn insert<M: Model>(row: &M, wanted: impl Fn(&str) -> bool) -> InsertStatement {
    let pairs = M::column_names().into_iter().zip(row.values());
    let (columns, values): (Vec<_>, Vec<_>) = pairs.filter(|(name, _)| wanted(name)).unzip();
    let mut query = Query::insert();
    query.into_table(M::TABLE).columns(columns);
    query.values_panic(values.into_iter().map(Expr::val));
    query
}

fn update<M: Model>(row: &M) -> impl Statement {
    let pairs = M::column_names().into_iter().zip(row.values()).filter(|(name, _)| *name != M::KEY);
    let mut query = Query::update();
    query.table(M::TABLE).values(pairs.map(|(name, value)| (name, Expr::val(value))));
    query.and_where(Expr::col(M::KEY).eq(row.key().value()));
    query
}

/// Writes one field of a model.
pub fn serialize_field<S: SerializeStruct, T: Serialize>(
    fields: &mut S,
    name: &'static str,
    value: &T,
) -> Result<(), S::Error> {
    fields.serialize_field(name, value)
}
