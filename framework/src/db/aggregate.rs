//! One value made of many rows: their count, their sum.

use super::column::Column;
use super::field::{Number, Ordered};
use super::schema::Kind;
use super::{Dialect, Field, Model};
use sea_query::{Asterisk, Expr, ExprTrait};
use std::marker::PhantomData;

/// A value of type `A` made of the rows of a query: `Post::VIEWS.sum()`.
pub struct Aggregate<M, A> {
    expr: Expr,
    /// Whether a database makes a decimal of it.
    decimal: bool,
    types: PhantomData<fn() -> (M, A)>,
}

impl<M, A: Field> Aggregate<M, A> {
    fn new(expr: Expr) -> Self {
        Self { expr, decimal: false, types: PhantomData }
    }

    fn decimal(expr: Expr) -> Self {
        Self { decimal: true, ..Self::new(expr) }
    }

    /// It in SQL, in the type that it is read as.
    pub(super) fn expr(&self, dialect: Dialect) -> Expr {
        let expr = self.expr.clone();
        if self.decimal { dialect.number(expr, A::KIND) } else { expr }
    }
}

impl<M> Aggregate<M, i64> {
    /// How many rows there are.
    pub(super) fn rows() -> Self {
        Self::new(Expr::col(Asterisk).count())
    }
}

impl<M: Model, F: Field> Column<M, F> {
    /// How many rows have a value here that is not NULL.
    pub fn count(self) -> Aggregate<M, i64> {
        Aggregate::new(self.expr().count())
    }

    /// How many different values there are.
    pub fn count_distinct(self) -> Aggregate<M, i64> {
        Aggregate::new(self.expr().count_distinct())
    }

    /// The sum; of whole numbers an `i64`, which is an error if it does not fit. `None` without rows.
    pub fn sum(self) -> Aggregate<M, <F::Inner as Number>::Sum>
    where
        F::Inner: Number,
    {
        Aggregate::decimal(self.expr().sum())
    }

    /// The mean. `None` without rows.
    pub fn avg(self) -> Aggregate<M, Option<f64>>
    where
        F::Inner: Number,
    {
        Aggregate::decimal(self.expr().avg())
    }

    /// The least value. `None` without rows.
    pub fn min(self) -> Aggregate<M, Option<F::Inner>>
    where
        F::Inner: Ordered,
        Option<F::Inner>: Field,
    {
        Aggregate::new(self.expr().min())
    }

    /// The greatest value. `None` without rows.
    pub fn max(self) -> Aggregate<M, Option<F::Inner>>
    where
        F::Inner: Ordered,
        Option<F::Inner>: Field,
    {
        Aggregate::new(self.expr().max())
    }
}

impl Dialect {
    /// A decimal as a number of this kind. What does not fit is an error, where a cast of MySQL would answer the largest
    /// number there is.
    fn number(self, expr: Expr, kind: Kind) -> Expr {
        match (self, kind) {
            #[cfg(feature = "postgres")]
            (Self::Postgres, Kind::BigInt) => expr.cast_as("bigint"),
            #[cfg(feature = "postgres")]
            (Self::Postgres, Kind::Double) => expr.cast_as("double precision"),
            #[cfg(feature = "mysql")]
            (Self::MySql, Kind::BigInt) => Expr::cust_with_expr("? DIV 1", expr),
            #[cfg(feature = "mysql")]
            (Self::MySql, Kind::Double) => expr.cast_as("double"),
            _ => expr,
        }
    }
}
