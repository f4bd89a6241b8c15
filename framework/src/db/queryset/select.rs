//! The select of a query, and how its rows are read.

use super::QuerySet;
use crate::db::Row;
use crate::db::model::Model;
use crate::db::statement::{Limited, MOST};
use sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use std::marker::PhantomData;

impl<M: Model> QuerySet<M> {
    pub(super) fn statement(&self) -> Limited {
        self.limited(self.select())
    }

    pub(super) fn limited(&self, select: SelectStatement) -> Limited {
        let holds = self.holds.then_some(M::TABLE);
        Limited { select, limit: self.limit, offset: self.offset, holds }
    }

    /// All columns, and those of the related rows behind them.
    pub(super) fn select(&self) -> SelectStatement {
        let mut statement = self.select_own();
        for column in &self.related {
            join::<M>(&mut statement, column);
        }
        self.order(&mut statement);
        statement
    }

    /// The piece that limit and offset cut out, to be selected from.
    pub(super) fn piece(&self) -> SelectStatement {
        let mut statement = self.select_own();
        self.order(&mut statement);
        let bound = |rows| Ord::min(rows, MOST);
        statement.limit(bound(self.limit.unwrap_or(MOST))).offset(bound(self.offset.unwrap_or(0)));
        statement
    }

    fn select_own(&self) -> SelectStatement {
        let mut statement = Query::select();
        statement.columns(M::column_names().into_iter().map(|name| (M::TABLE, name)));
        self.restrict(&mut statement);
        statement
    }

    /// From the table, and only the rows that fit.
    pub(super) fn restrict(&self, statement: &mut SelectStatement) {
        statement.from(M::TABLE);
        for condition in &self.conditions {
            statement.and_where(condition.build(self.db.dialect()));
        }
    }

    pub(super) fn order(&self, statement: &mut SelectStatement) {
        for ordering in self.orderings() {
            statement.order_by((M::TABLE, ordering.column), ordering.order);
        }
    }

    pub(super) fn reader(&self) -> Reader<M> {
        let mut width = M::column_names().len();
        let mut related = Vec::new();
        for column in &self.related {
            related.push((*column, width));
            width += M::target(column).map_or(0, |(_, _, columns)| columns.len());
        }
        Reader { related, width, model: PhantomData }
    }
}

/// Reads the rows of a query.
pub(super) struct Reader<M> {
    /// The foreign keys whose rows come along, and where those begin.
    related: Vec<(&'static str, usize)>,
    /// How many columns that is.
    pub(super) width: usize,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> Reader<M> {
    pub(super) fn read(&self, row: &Row<'_>) -> sqlx::Result<M> {
        let mut model = M::read(&row.from(0))?;
        for (column, position) in &self.related {
            model.relate(column, row, *position)?;
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
