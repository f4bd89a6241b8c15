//! A foreign key: the key of another model's row, and the row itself once it is loaded.

use super::column::Column;
use super::condition::Condition;
use super::queryset::{Home, QuerySet};
use super::schema::Kind;
use super::{Database, Dialect, Field, Model, Row};
use crate::error::Result;
use minijinja::value::{Object, Value as TemplateValue};
use sea_query::{ExprTrait, Query, SelectStatement, Value};
use serde::{Serialize, Serializer};
use std::collections::HashMap;
use std::sync::Arc;

/// Points to a row of `M`.
///
/// `select_related` loads the row; until then a template that reads one of its fields gets an error that says so.
pub struct ForeignKey<M: Model> {
    /// The key of the row that is pointed to.
    pub key: M::Key,
    row: Option<Arc<M>>,
}

impl<M: Model> ForeignKey<M> {
    /// Points to the row with this key.
    pub fn new(key: M::Key) -> Self {
        Self { key, row: None }
    }

    /// Points to this row.
    pub fn to(row: &M) -> Self {
        Self { key: row.key().clone(), row: Some(Arc::new(row.clone())) }
    }

    /// The row, if `select_related` has loaded it.
    pub fn row(&self) -> Option<&M> {
        self.row.as_deref()
    }

    /// The row, from the database if it was not loaded yet.
    pub async fn fetch(&self, db: &Database) -> Result<Arc<M>> {
        match &self.row {
            Some(row) => Ok(Arc::clone(row)),
            None => Ok(Arc::new(M::find(db, &self.key).await?)),
        }
    }
}

/// A foreign key, or an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no foreign key",
    note = "only the column of a `ForeignKey<..>` has rows behind it"
)]
pub trait Related: Field<Inner = <Self::Target as Model>::Key> {
    /// The model that it points to.
    type Target: Model;
    /// Takes the row of the other model out of a joined row, which is read from `position` on.
    fn relate(&mut self, row: &Row<'_>, position: usize) -> sqlx::Result<()>;
    /// How the other table is joined: its name, its key column, its columns.
    fn target() -> (&'static str, &'static str, Vec<&'static str>);
}

impl<M: Model> Related for ForeignKey<M> {
    type Target = M;

    fn relate(&mut self, row: &Row<'_>, position: usize) -> sqlx::Result<()> {
        self.row = Some(Arc::new(M::read(&row.from(position))?));
        Ok(())
    }

    fn target() -> (&'static str, &'static str, Vec<&'static str>) {
        (M::TABLE, M::KEY, M::column_names())
    }
}

impl<M: Model> Related for Option<ForeignKey<M>>
where
    Self: Field<Inner = M::Key>,
{
    type Target = M;

    fn relate(&mut self, row: &Row<'_>, position: usize) -> sqlx::Result<()> {
        self.as_mut().map_or(Ok(()), |key| key.relate(row, position))
    }

    fn target() -> (&'static str, &'static str, Vec<&'static str>) {
        ForeignKey::<M>::target()
    }
}

impl<M: Model, F: Related> Column<M, F> {
    /// The row behind it is such a one: `Post::AUTHOR.is(User::EMAIL.endswith("@site.example"))`.
    pub fn is(self, condition: Condition<F::Target>) -> Condition<M> {
        Condition::new(move |dialect| self.expr().in_subquery(keys_of(&condition, dialect)))
    }

    /// The rows that point to this one: `Post::AUTHOR.of(&db, &ann)` is Django's `ann.post_set`.
    pub fn of(self, db: &Database, row: &F::Target) -> QuerySet<M> {
        M::objects(db).filter(self.eq(row.key().clone()))
    }

    /// The rows that point to each of these, in one query, by their keys. Each of them is there, if with an empty list.
    pub async fn prefetch<'r>(
        self,
        db: &Database,
        rows: impl IntoIterator<Item = &'r F::Target>,
    ) -> Result<HashMap<F::Inner, Vec<M>>> {
        let keys: Vec<_> = rows.into_iter().map(|row| row.key().clone()).collect();
        let home = Home { table: M::TABLE.into(), column: self.name().into(), points_by: None };
        M::objects(db).grouped(keys, &home).await
    }
}

/// The keys of the rows for which a condition holds.
pub(super) fn keys_of<M: Model>(condition: &Condition<M>, dialect: Dialect) -> SelectStatement {
    let mut keys = Query::select();
    keys.column((M::TABLE, M::KEY)).from(M::TABLE).and_where(condition.build(dialect)).take()
}

impl<M: Model> Clone for ForeignKey<M> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), row: self.row.clone() }
    }
}

impl<M: Model> std::fmt::Debug for ForeignKey<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", M::NAME, self.key)
    }
}

impl<M: Model> PartialEq for ForeignKey<M> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<M: Model> Default for ForeignKey<M> {
    fn default() -> Self {
        Self::new(M::Key::default())
    }
}

impl<M: Model> From<&M> for ForeignKey<M> {
    fn from(row: &M) -> Self {
        Self::to(row)
    }
}

impl<M: Model> Field for ForeignKey<M> {
    type Inner = M::Key;
    type Stored = M::Key;
    const KIND: Kind = M::Key::KIND;

    fn value(&self) -> Value {
        self.key.value()
    }
    fn null() -> Value {
        M::Key::null()
    }
    fn read(row: &Row<'_>, name: &str) -> sqlx::Result<Self> {
        Ok(Self::new(M::Key::read(row, name)?))
    }
}

impl<M: Model> Field for Option<ForeignKey<M>>
where
    Option<M::Key>: Field,
{
    type Inner = M::Key;
    type Stored = Option<M::Key>;
    const KIND: Kind = M::Key::KIND;
    const NULL: bool = true;

    fn value(&self) -> Value {
        self.as_ref().map_or_else(M::Key::null, Field::value)
    }
    fn null() -> Value {
        M::Key::null()
    }
    fn read(row: &Row<'_>, name: &str) -> sqlx::Result<Self> {
        Ok(<Option<M::Key>>::read(row, name)?.map(ForeignKey::new))
    }
}

impl<M: Model> Serialize for ForeignKey<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.row {
            Some(row) => row.serialize(serializer),
            None if minijinja::value::serializing_for_value() => {
                TemplateValue::from_object(NotLoaded(M::NAME, self.key.to_string())).serialize(serializer)
            }
            None => serializer.collect_str(&self.key),
        }
    }
}

/// Stands in a template for a row that was not loaded.
#[derive(Debug)]
struct NotLoaded(&'static str, String);

impl Object for NotLoaded {
    fn get_value(self: &Arc<Self>, field: &TemplateValue) -> Option<TemplateValue> {
        let text = format!(
            "the {} was not loaded, so it has no `{field}`; add `select_related` to the query",
            self.0
        );
        Some(TemplateValue::from(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, text)))
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.1)
    }
}
