//! The constant of a many-to-many field, and the table between the two models.

use super::column::Column;
use super::condition::Condition;
use super::foreign_key::keys_of;
use super::many_to_many::ManyToMany;
use super::queryset::{Home, QuerySet};
use super::schema::{ColumnDef, OnDelete, Table, Target};
use super::{Database, Field, Key, Model};
use crate::error::{Error, Result};
use sea_query::{DynIden, Expr, ExprTrait, OnConflict, Query, SelectStatement};
use std::collections::{HashMap, HashSet};

/// A many-to-many field of `M`, which leads to rows of `T`: `Post::TAGS`.
///
/// ```no_run
/// # use nuages::{Database, ManyToMany, Model, Result};
/// #[derive(Clone, Debug, Model)]
/// #[model(app = "blog")]
/// pub struct Post {
///     pub id: i64,
///     pub tags: ManyToMany<Tag>,
/// }
///
/// #[derive(Clone, Debug, Model)]
/// #[model(app = "blog")]
/// pub struct Tag {
///     pub id: i64,
///     pub name: String,
/// }
///
/// # async fn run(db: Database, post: Post, swing: Tag) -> Result<()> {
/// Post::TAGS.add(&db, &post, [&swing]).await?;
/// let tags = Post::TAGS.of(&db, &post).all().await?;
/// let posts = Post::objects(&db).filter(Post::TAGS.is(Tag::NAME.eq("swing"))).all().await?;
/// # Ok(()) }
/// ```
pub struct ManyToManyField<M, T> {
    name: &'static str,
    table: Option<fn() -> Table>,
    place: Option<fn(&mut M) -> &mut ManyToMany<T>>,
}

impl<M, T> Clone for ManyToManyField<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for ManyToManyField<M, T> {}

/// The table between the models, by its names.
struct Through {
    table: DynIden,
    /// The column that points to `M`.
    one: DynIden,
    /// The column that points to `T`.
    other: DynIden,
}

impl<M: Model, T: Model> ManyToManyField<M, T> {
    /// The field of this name, with Django's table `<table>_<field>`; derives write these.
    pub const fn new(name: &'static str) -> Self {
        Self { name, table: None, place: None }
    }

    /// With a model of the site's own as the table.
    pub const fn through<X: Model>(self) -> Self {
        Self { table: Some(X::table), ..self }
    }

    /// Where the rows are kept that [`load`](Self::load) finds.
    pub const fn kept_in(self, place: fn(&mut M) -> &mut ManyToMany<T>) -> Self {
        Self { place: Some(place), ..self }
    }

    /// The table between the models, with Django's names.
    pub fn table(self) -> Table {
        self.table.map_or_else(|| self.own_table(), |table| table())
    }

    fn own_table(self) -> Table {
        let (model, name) = (format!("{}_{}", M::NAME, self.name), format!("{}_{}", M::TABLE, self.name));
        let [one, other] = own_columns::<M, T>();
        Table::new(M::APP, model, name).between(pointing_to::<M>(one), pointing_to::<T>(other))
    }

    /// A model of the site's own calls its columns as it likes, so they are found by what they point to.
    fn between(self) -> Through {
        let table = self.table();
        let points_to = |target: &str, column: &&ColumnDef| match &column.references {
            Some(reference) => matches!(&reference.target, Target::Table { table, .. } if table == target),
            None => false,
        };
        let mut one = table.columns.iter().filter(|column| points_to(M::TABLE, column));
        let mut other = table.columns.iter().filter(|column| points_to(T::TABLE, column));
        if M::TABLE == T::TABLE {
            other.next();
        }
        let [default_one, default_other] = own_columns::<M, T>();
        let name = |column: Option<&ColumnDef>, default| column.map_or(default, |column| column.name.clone());
        Through {
            one: name(one.next(), default_one).into(),
            other: name(other.next(), default_other).into(),
            table: table.name.into(),
        }
    }

    /// The rows on the other side of this one.
    pub fn of(self, db: &Database, row: &M) -> QuerySet<T> {
        T::objects(db).filter(self.among(row))
    }

    /// Is on the other side of this row: `Tag::objects(&db).exclude(Post::TAGS.among(&post))`.
    pub fn among(self, row: &M) -> Condition<T> {
        let between = self.between();
        let others = between.select(&between.other, &between.one, Expr::val(row.key().value()));
        Condition::plain(Expr::col((T::TABLE, T::KEY)).in_subquery(others))
    }

    /// Is on the other side of such a row: `Post::TAGS.among_those_of(Post::AUTHOR.eq(ann.id))`.
    pub fn among_those_of(self, condition: Condition<M>) -> Condition<T> {
        Condition::new(move |dialect| {
            let between = self.between();
            let mut others = Query::select();
            others.column(between.column(&between.other)).from(between.table.clone());
            others
                .and_where(Expr::col(between.column(&between.one)).in_subquery(keys_of(&condition, dialect)));
            Expr::col((T::TABLE, T::KEY)).in_subquery(others)
        })
    }

    /// The rows that this one of the other side belongs to.
    pub fn reverse(self, db: &Database, other: &T) -> QuerySet<M> {
        M::objects(db).filter(self.contains(other))
    }

    /// This row is among those on the other side.
    pub fn contains(self, other: &T) -> Condition<M> {
        let between = self.between();
        let ones = between.select(&between.one, &between.other, Expr::val(other.key().value()));
        Condition::plain(Expr::col((M::TABLE, M::KEY)).in_subquery(ones))
    }

    /// One of the rows on the other side is such a one: `Post::TAGS.is(Tag::NAME.eq("swing"))`.
    pub fn is(self, condition: Condition<T>) -> Condition<M> {
        Condition::new(move |dialect| {
            let between = self.between();
            let mut ones = Query::select();
            ones.column(between.column(&between.one)).from(between.table.clone());
            ones.and_where(
                Expr::col(between.column(&between.other)).in_subquery(keys_of(&condition, dialect)),
            );
            Expr::col((M::TABLE, M::KEY)).in_subquery(ones)
        })
    }

    /// Adds rows to the other side; those that are there already are left alone.
    ///
    /// A model of one's own as the table must have the two foreign keys `unique_together`, and nothing else that has to be
    /// filled in; otherwise create its rows instead.
    pub async fn add<'t>(
        self,
        db: &Database,
        row: &M,
        others: impl IntoIterator<Item = &'t T>,
    ) -> Result<()> {
        self.insert(db, row, others.into_iter().map(|other| other.key().clone()).collect()).await
    }

    /// Takes rows from the other side; they themselves stay.
    pub async fn remove<'t>(
        self,
        db: &Database,
        row: &M,
        others: impl IntoIterator<Item = &'t T>,
    ) -> Result<()> {
        self.delete(db, row, Some(others.into_iter().map(|other| other.key().clone()).collect())).await
    }

    /// Takes all rows from the other side.
    pub async fn clear(self, db: &Database, row: &M) -> Result<()> {
        self.delete(db, row, None).await
    }

    /// Makes these the rows on the other side; only the difference is written.
    pub async fn set<'t>(
        self,
        db: &Database,
        row: &M,
        others: impl IntoIterator<Item = &'t T>,
    ) -> Result<()> {
        let wanted: Vec<T::Key> = others.into_iter().map(|other| other.key().clone()).collect();
        let change = async |db: Database| {
            let there = self.of(&db, row).values(Column::<T, T::Key>::new(T::KEY)).await?;
            self.delete(&db, row, Some(without(&there, &wanted))).await?;
            self.insert(&db, row, without(&wanted, &there)).await
        };
        db.transaction(change).await
    }

    async fn insert(self, db: &Database, row: &M, others: Vec<T::Key>) -> Result<()> {
        let Through { table, one, other } = self.between();
        for others in others.chunks(PAIRS) {
            let mut statement = Query::insert();
            statement.into_table(table.clone()).columns([one.clone(), other.clone()]);
            statement.on_conflict(OnConflict::new().do_nothing_on([one.clone()]).to_owned());
            for key in others {
                statement.values_panic([Expr::val(row.key().value()), Expr::val(key.value())]);
            }
            db.execute(&statement).await?;
        }
        Ok(())
    }

    /// Takes these from the other side, or all.
    async fn delete(self, db: &Database, row: &M, others: Option<Vec<T::Key>>) -> Result<()> {
        let between = self.between();
        let mut statement = Query::delete();
        statement.from_table(between.table.clone());
        statement.and_where(Expr::col(between.column(&between.one)).eq(row.key().value()));
        let Some(others) = others else { return db.execute(&statement).await.map(drop) };
        for others in others.chunks(PAIRS) {
            let is_meant = Expr::col(between.column(&between.other)).is_in(others.iter().map(Field::value));
            db.execute(statement.clone().and_where(is_meant)).await?;
        }
        Ok(())
    }

    /// The rows on the other side of each of these, in one query, by their keys. Each of them is there, if with an empty list.
    pub async fn prefetch<'r>(
        self,
        db: &Database,
        rows: impl IntoIterator<Item = &'r M>,
    ) -> Result<HashMap<M::Key, Vec<T>>> {
        let keys: Vec<_> = rows.into_iter().map(|row| row.key().clone()).collect();
        let Through { table, one, other } = self.between();
        T::objects(db).grouped(keys, &Home { table, column: one, points_by: Some(other) }).await
    }

    /// Loads the rows on the other side into the field of each of these, in one query.
    pub async fn load(self, db: &Database, rows: &mut [M]) -> Result<()> {
        let place = self
            .place
            .ok_or_else(|| Error::Refused(format!("`{}` has no such field; use `prefetch`", M::NAME)))?;
        let mut found = self.prefetch(db, &*rows).await?;
        for row in rows {
            let others = found.remove(row.key()).unwrap_or_default();
            place(row).fill(others);
        }
        Ok(())
    }
}

/// How many rows of the table are written in one statement.
const PAIRS: usize = 10_000;

impl Through {
    fn column(&self, name: &DynIden) -> (DynIden, DynIden) {
        (self.table.clone(), name.clone())
    }

    /// One column of the rows whose other column is this.
    fn select(&self, column: &DynIden, by: &DynIden, value: Expr) -> SelectStatement {
        let mut select = Query::select();
        select.column(self.column(column)).from(self.table.clone());
        select.and_where(Expr::col(self.column(by)).eq(value)).take()
    }
}

/// The columns of the table that Django would make.
fn own_columns<M: Model, T: Model>() -> [String; 2] {
    let (one, other) = (M::NAME.to_lowercase(), T::NAME.to_lowercase());
    match M::TABLE == T::TABLE {
        true => [format!("from_{one}_id"), format!("to_{other}_id")],
        false => [format!("{one}_id"), format!("{other}_id")],
    }
}

/// Those of the keys that are not among the others.
fn without<K: Key>(keys: &[K], others: &[K]) -> Vec<K> {
    let others: HashSet<&K> = others.iter().collect();
    keys.iter().filter(|key| !others.contains(key)).cloned().collect()
}

fn pointing_to<M: Model>(column: String) -> ColumnDef {
    let references = Some(M::reference(OnDelete::Cascade));
    ColumnDef { references, ..ColumnDef::new(column, M::Key::KIND) }
}
