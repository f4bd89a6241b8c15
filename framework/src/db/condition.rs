//! Conditions: what a query keeps, and how conditions are put together.

use super::Dialect;
use sea_query::{Expr, ExprTrait, Func, Value};
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};
use std::sync::Arc;

/// A condition on rows of `M`; combine with `&`, `|` and `!`.
///
/// Which SQL it is, is decided when the query is built for its database.
pub struct Condition<M> {
    build: Arc<dyn Fn(Dialect) -> Expr + Send + Sync>,
    model: PhantomData<fn() -> M>,
}

impl<M: 'static> Condition<M> {
    pub(super) fn new(build: impl Fn(Dialect) -> Expr + Send + Sync + 'static) -> Self {
        Self { build: Arc::new(build), model: PhantomData }
    }

    /// The same on every database.
    pub(super) fn plain(expr: Expr) -> Self {
        Self::new(move |_| expr.clone())
    }

    /// A column holds this value, whichever type it has.
    pub(crate) fn holds(table: &'static str, column: &'static str, value: Value) -> Self {
        Self::plain(Expr::col((table, column)).eq(value))
    }

    pub(super) fn build(&self, dialect: Dialect) -> Expr {
        (self.build)(dialect)
    }

    /// Every one of these; holds for all rows if there is none.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        conditions.into_iter().reduce(Self::bitand).unwrap_or_else(|| Self::plain(constant(true)))
    }

    /// At least one of these; holds for no row if there is none.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        conditions.into_iter().reduce(Self::bitor).unwrap_or_else(|| Self::plain(constant(false)))
    }

    /// Does not hold, or is neither true nor false because of a NULL.
    pub(super) fn fails(self) -> Self {
        Self::new(move |dialect| Expr::expr(Func::coalesce([self.build(dialect), constant(false)])).not())
    }
}

fn constant(truth: bool) -> Expr {
    Expr::Constant(truth.into())
}

impl<M> Clone for Condition<M> {
    fn clone(&self) -> Self {
        Self { build: Arc::clone(&self.build), model: PhantomData }
    }
}

impl<M: 'static> BitAnd for Condition<M> {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self::new(move |dialect| self.build(dialect).and(other.build(dialect)))
    }
}

impl<M: 'static> BitOr for Condition<M> {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self::new(move |dialect| self.build(dialect).or(other.build(dialect)))
    }
}

impl<M: 'static> Not for Condition<M> {
    type Output = Self;
    fn not(self) -> Self {
        Self::new(move |dialect| self.build(dialect).not())
    }
}
