//! The trait that `#[derive(Model)]` writes: a struct that is a row of a table.

use super::schema::{ColumnDef, OnDelete, Reference, Table, Target};
use super::{Columns, Condition, Database, Field, Key, QuerySet, Row};
use crate::error::{Error, Result};
use chrono::{DateTime, SubsecRound, Utc};
use sea_query::{Expr, ExprTrait, Query, Value};
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
/// `index(recent = ("-a"))`), `check(price_is_positive = "price > 0")`; they name columns; and `permissions("publish_post" = "Can publish post")`,
/// `default_permissions("add", "view")`. On a field: `max_length`, `unique`,
/// `index`, `default`, `auto_now_add`, `auto_now`, `primary_key`, `column`, `on_delete`, `flatten`, `through`.
///
/// What does not fit is a compile error at the field:
///
/// ```compile_fail
/// # use nuages::Model;
/// #[derive(Clone, Debug, Model)]
/// #[model(app = "blog")]
/// pub struct Post {
///     pub id: i64,
///     #[model(max_length = 200)]
///     pub views: i64,
/// }
/// ```
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
    /// What may be done with any row, each of which is a permission: `add` makes `add_post`, called `Can add post`.
    const DEFAULT_PERMISSIONS: &'static [&'static str] = &["add", "change", "delete", "view"];
    /// Permissions of the model's own, beside those: the codename and what people read.
    const PERMISSIONS: &'static [(&'static str, &'static str)] = &[];

    /// The primary key's value.
    fn key(&self) -> &Self::Key;
    /// Sets the primary key.
    fn set_key(&mut self, key: Self::Key);
    /// The table as migrations see it.
    fn table() -> Table;
    /// The table, and those between this model and others that its many-to-many fields need.
    fn tables() -> Vec<Table>;
    /// What points to a row of this model.
    fn reference(on_delete: OnDelete) -> Reference {
        let target =
            Target::Table { app: Self::APP.into(), table: Self::TABLE.into(), column: Self::KEY.into() };
        Reference { target, on_delete }
    }

    /// All rows, to be narrowed down.
    fn objects(db: &Database) -> QuerySet<Self> {
        QuerySet::new(db.clone())
    }

    /// The row with this primary key.
    ///
    /// # Errors
    /// [`Error::DoesNotExist`], which a view turns into 404.
    fn find(db: &Database, key: &Self::Key) -> impl Future<Output = Result<Self>> + Send {
        Self::objects(db).get(Self::has_key(key))
    }

    /// The condition that holds for the row with this primary key alone.
    fn has_key(key: &Self::Key) -> Condition<Self> {
        super::Column::<Self, Self::Key>::new(Self::KEY).eq(key.clone())
    }

    /// Inserts a new row and answers it as saved: with its key, and its `auto_now_add` fields set.
    fn create(mut self, db: &Database) -> impl Future<Output = Result<Self>> + Send {
        async move {
            prepare(&mut self);
            db.insert_rows(std::slice::from_mut(&mut self)).await?;
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
            write(self, db, |_| true).await
        }
    }

    /// Writes these columns alone to the row with this key, and those that are `auto_now`:
    /// `post.save_fields(&db, (Post::TITLE, Post::BODY))`.
    ///
    /// # Errors
    /// [`Error::DoesNotExist`] if the row is gone.
    fn save_fields(
        &mut self,
        db: &Database,
        columns: impl Columns<Self>,
    ) -> impl Future<Output = Result<()>> + Send {
        async move { save_columns(self, db, &columns.names()).await }
    }

    /// Reads the row with this key again.
    ///
    /// # Errors
    /// [`Error::DoesNotExist`] if the row is gone.
    fn refresh(&mut self, db: &Database) -> impl Future<Output = Result<()>> + Send {
        async move {
            *self = Self::find(db, self.key()).await?;
            Ok(())
        }
    }

    /// Deletes the row with this key, and says whether it was there.
    fn delete(&self, db: &Database) -> impl Future<Output = Result<bool>> + Send {
        let query = Self::objects(db).filter(Self::has_key(self.key()));
        async move { Ok(query.delete().await? > 0) }
    }
}

/// As [`Model::save_fields`], with columns by their names.
pub(crate) async fn save_columns<M: Model>(
    row: &mut M,
    db: &Database,
    columns: &[&'static str],
) -> Result<()> {
    let names = [columns, &touch(row)].concat();
    write(row, db, |name| names.contains(&name)).await
}

/// The moment as a column keeps it.
fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Fills in what a new row gets before it is written: the fields that follow the clock, and a key of ours.
pub(super) fn prepare<M: Model>(row: &mut M) {
    row.stamp(now(), true);
    if let (true, Some(key)) = (row.key().is_unset(), M::Key::fresh()) {
        row.set_key(key);
    }
}

/// Fills in what follows the clock when a row is saved again, and names those columns.
pub(super) fn touch<M: Model>(row: &mut M) -> Vec<&'static str> {
    let before = row.values();
    row.stamp(now(), false);
    let changed = row.values().into_iter().zip(before).map(|(now, before)| now != before);
    M::column_names().into_iter().zip(changed).filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
}

/// Writes the columns of these names to the row with this key.
async fn write<M: Model>(
    row: &M,
    db: &Database,
    is_meant: impl Fn(&'static str) -> bool + Send,
) -> Result<()> {
    let pairs = M::column_names().into_iter().zip(row.values());
    let pairs = pairs.filter(|(name, _)| *name != M::KEY && is_meant(name));
    let mut statement = Query::update();
    statement.table(M::TABLE).values(pairs.map(|(name, value)| (name, Expr::val(value))));
    statement.and_where(Expr::col(M::KEY).eq(row.key().value()));
    match db.execute(&statement).await? {
        0 => Err(Error::DoesNotExist(M::NAME)),
        _ => Ok(()),
    }
}

/// Writes one field of a model.
pub fn serialize_field<S: SerializeStruct, T: Serialize>(
    fields: &mut S,
    name: &'static str,
    value: &T,
) -> Result<(), S::Error> {
    fields.serialize_field(name, value)
}
