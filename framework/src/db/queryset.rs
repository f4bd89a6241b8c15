//! A query that is built step by step and runs when it is awaited.

use super::column::{Assignment, Condition, ForeignKeyColumn, Ordering};
use super::model::Model;
use super::statement::Limited;
use super::{Database, Row};
use crate::error::{Error, Result};
use sea_query::{Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement};
use std::marker::PhantomData;

/// Rows of `M`: `Post::objects(&db).filter(Post::AUTHOR.eq(7)).order_by(Post::ID.desc()).limit(20).all().await?`.
#[must_use = "a query does nothing until `all`, `get`, `count` or another of its ends is awaited"]
pub struct QuerySet<M> {
    db: Database,
    conditions: Vec<Condition<M>>,
    orderings: Vec<Ordering<M>>,
    related: Vec<&'static str>,
    limit: Option<u64>,
    offset: Option<u64>,
}

impl<M: Model> QuerySet<M> {
    pub(super) fn new(db: Database) -> Self {
        Self {
            db,
            conditions: Vec::new(),
            orderings: Vec::new(),
            related: Vec::new(),
            limit: None,
            offset: None,
        }
    }

    /// Keeps the rows for which the condition holds.
    pub fn filter(mut self, condition: Condition<M>) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Leaves out the rows for which the condition holds; rows with NULL, for which it neither holds nor fails, stay.
    pub fn exclude(self, condition: Condition<M>) -> Self {
        let holds = Func::coalesce([condition.0, Expr::Constant(false.into())]);
        self.filter(Condition(Expr::expr(holds).not(), PhantomData))
    }

    /// Orders the rows; called again, it orders those that are equal so far. Replaces the model's own ordering.
    pub fn order_by(mut self, ordering: Ordering<M>) -> Self {
        self.orderings.push(ordering);
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Passes over so many rows.
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = Some(rows);
        self
    }

    /// Loads the rows that a foreign key points to in the same query.
    pub fn select_related<T: Model>(mut self, column: ForeignKeyColumn<M, T>) -> Self {
        if !self.related.contains(&column.name()) {
            self.related.push(column.name());
        }
        self
    }

    /// The rows.
    pub async fn all(self) -> Result<Vec<M>> {
        self.db.fetch_all(&self.statement(), |row| self.read(row)).await
    }

    /// The first row, if there is one.
    pub async fn first(self) -> Result<Option<M>> {
        let first = self.limit(1);
        first.db.fetch_optional(&first.statement(), |row| first.read(row)).await
    }

    /// The one row for which the condition holds.
    ///
    /// # Errors
    /// [`Error::DoesNotExist`] (404 in a view) or [`Error::MultipleObjects`].
    pub async fn get(self, condition: Condition<M>) -> Result<M> {
        let mut rows = self.filter(condition).limit(2).all().await?;
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(row),
            (None, _) => Err(Error::DoesNotExist(M::NAME)),
            (Some(_), false) => Err(Error::MultipleObjects(M::NAME)),
        }
    }

    /// How many rows there are.
    pub async fn count(self) -> Result<u64> {
        let mut rows = Query::select();
        rows.expr_as(Expr::val(1_i64), "found").from(M::TABLE);
        self.restrict(&mut rows);
        if self.limit.is_some() || self.offset.is_some() {
            let rows = Limited { select: rows, limit: self.limit, offset: self.offset };
            return Ok(self.db.fetch_all(&rows, |_| Ok(())).await?.len() as u64);
        }
        rows.clear_selects().expr_as(Func::count(Expr::col(sea_query::Asterisk)), "rows");
        let count = self.db.fetch_optional(&rows, |row| row.get::<i64>("rows")).await?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// Whether there is any row.
    pub async fn exists(self) -> Result<bool> {
        let mut statement = Query::select();
        statement.expr_as(Expr::val(1_i64), "found").from(M::TABLE);
        self.restrict(&mut statement);
        let limit = self.limit.filter(|rows| *rows == 0).or(Some(1));
        let statement = Limited { select: statement, limit, offset: self.offset };
        Ok(self.db.fetch_optional(&statement, |_| Ok(())).await?.is_some())
    }

    /// Sets columns of all these rows and says how many there were.
    ///
    /// # Errors
    /// [`Error::Refused`] with a limit or an offset, which SQL does not know here.
    pub async fn update(self, assignments: impl IntoIterator<Item = Assignment<M>>) -> Result<u64> {
        self.refuse_a_part()?;
        let mut statement = Query::update();
        statement.table(M::TABLE);
        let values: Vec<_> =
            assignments.into_iter().map(|Assignment(name, value, _)| (name, Expr::val(value))).collect();
        if values.is_empty() {
            return self.count().await;
        }
        statement.values(values);
        for condition in self.conditions {
            statement.and_where(condition.0);
        }
        self.db.execute(&statement).await
    }

    /// Deletes all these rows and says how many there were.
    ///
    /// # Errors
    /// [`Error::Refused`] with a limit or an offset, which SQL does not know here.
    pub async fn delete(self) -> Result<u64> {
        self.refuse_a_part()?;
        let mut statement = Query::delete();
        statement.from_table(M::TABLE);
        for condition in self.conditions {
            statement.and_where(condition.0);
        }
        self.db.execute(&statement).await
    }

    fn refuse_a_part(&self) -> Result<()> {
        match (self.limit, self.offset) {
            (None, None) => Ok(()),
            _ => Err(Error::Refused(
                "`update` and `delete` take no limit or offset; filter by key instead".into(),
            )),
        }
    }

    fn statement(&self) -> Limited {
        Limited { select: self.select(), limit: self.limit, offset: self.offset }
    }

    fn select(&self) -> SelectStatement {
        let mut statement = Query::select();
        statement.columns(M::column_names().into_iter().map(|name| (M::TABLE, name))).from(M::TABLE);
        for column in &self.related {
            join::<M>(&mut statement, column);
        }
        self.restrict(&mut statement);
        self.order(&mut statement);
        statement
    }

    fn restrict(&self, statement: &mut SelectStatement) {
        for condition in &self.conditions {
            statement.and_where(condition.0.clone());
        }
    }

    fn order(&self, statement: &mut SelectStatement) {
        for Ordering(name, order, _) in &self.orderings {
            statement.order_by((M::TABLE, *name), order.clone());
        }
        let default = if self.orderings.is_empty() { M::ORDERING } else { &[] };
        for name in default {
            let (name, order) =
                name.strip_prefix('-').map_or((*name, Order::Asc), |name| (name, Order::Desc));
            statement.order_by((M::TABLE, name), order);
        }
    }

    fn read(&self, row: &Row<'_>) -> sqlx::Result<M> {
        let mut model = M::read(&row.from(0))?;
        let mut position = M::column_names().len();
        for column in &self.related {
            model.relate(column, row, position)?;
            position += M::target(column).map_or(0, |(_, _, columns)| columns.len());
        }
        Ok(model)
    }
}

/// Joins the table that a foreign key points to, under the key's own name, so that two keys may point to one table.
fn join<M: Model>(statement: &mut SelectStatement, column: &&'static str) {
    let Some((table, key, columns)) = M::target(column) else { return };
    let on = Expr::col((M::TABLE, *column)).equals((*column, key));
    statement.join_as(JoinType::LeftJoin, table, *column, on);
    statement.columns(columns.into_iter().map(|name| (*column, name)));
}
