//! Columns as typed constants: what a query compares, orders by and sets.

use super::Field;
use super::condition::Condition;
use super::model::Model;
use super::operand::Operand;
use sea_query::{Expr, ExprTrait, Order};
use std::marker::PhantomData;

/// The column of a field `F` of model `M`: `Post::TITLE`.
pub struct Column<M, F> {
    name: &'static str,
    types: PhantomData<fn() -> (M, F)>,
}

impl<M, F> Clone for Column<M, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, F> Copy for Column<M, F> {}

/// How rows of `M` are ordered.
pub struct Ordering<M> {
    pub(super) column: &'static str,
    pub(super) order: Order,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Ordering<M> {
    fn clone(&self) -> Self {
        Self::new(self.column, self.order.clone())
    }
}

impl<M> Ordering<M> {
    pub(super) fn new(column: &'static str, order: Order) -> Self {
        Self { column, order, model: PhantomData }
    }

    /// A column's name, with `-` in front for descending.
    pub(super) fn parse(text: &'static str) -> Self {
        match text.strip_prefix('-') {
            Some(column) => Self::new(column, Order::Desc),
            None => Self::new(text, Order::Asc),
        }
    }

    /// The other way round.
    pub(super) fn reversed(self) -> Self {
        let order = if self.order == Order::Asc { Order::Desc } else { Order::Asc };
        Self { order, ..self }
    }
}

/// A new value for a column, for `update`.
pub struct Assignment<M> {
    pub(super) column: &'static str,
    pub(super) value: Expr,
    model: PhantomData<fn() -> M>,
}

impl<M: Model, F: Field> Column<M, F> {
    /// The column of this name; derives write these.
    pub const fn new(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }

    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        self.name
    }

    pub(super) fn expr(self) -> Expr {
        Expr::col((M::TABLE, self.name))
    }

    /// Equal; `None` finds NULL.
    pub fn eq(self, value: impl Operand<M, F::Inner>) -> Condition<M> {
        match value.operand() {
            null if null == Expr::val(F::null()) => self.is_null(),
            value => Condition::plain(self.expr().eq(value)),
        }
    }

    /// Not equal; rows with NULL are left out, as in SQL.
    pub fn ne(self, value: impl Operand<M, F::Inner>) -> Condition<M> {
        match value.operand() {
            null if null == Expr::val(F::null()) => self.is_not_null(),
            value => Condition::plain(self.expr().ne(value)),
        }
    }

    /// Less than.
    pub fn lt(self, value: impl Operand<M, F::Inner>) -> Condition<M> {
        Condition::plain(self.expr().lt(value.operand()))
    }

    /// Less than or equal.
    pub fn lte(self, value: impl Operand<M, F::Inner>) -> Condition<M> {
        Condition::plain(self.expr().lte(value.operand()))
    }

    /// Greater than.
    pub fn gt(self, value: impl Operand<M, F::Inner>) -> Condition<M> {
        Condition::plain(self.expr().gt(value.operand()))
    }

    /// Greater than or equal.
    pub fn gte(self, value: impl Operand<M, F::Inner>) -> Condition<M> {
        Condition::plain(self.expr().gte(value.operand()))
    }

    /// From the one to the other, both included.
    pub fn between(self, low: impl Operand<M, F::Inner>, high: impl Operand<M, F::Inner>) -> Condition<M> {
        Condition::plain(self.expr().between(low.operand(), high.operand()))
    }

    /// One of these values; none of them if the list is empty.
    pub fn is_in<V: Operand<M, F::Inner>>(self, values: impl IntoIterator<Item = V>) -> Condition<M> {
        Condition::plain(self.expr().is_in(values.into_iter().map(Operand::operand)))
    }

    /// None of these values; rows with NULL are left out unless the list is empty.
    pub fn not_in<V: Operand<M, F::Inner>>(self, values: impl IntoIterator<Item = V>) -> Condition<M> {
        Condition::plain(self.expr().is_not_in(values.into_iter().map(Operand::operand)))
    }

    /// NULL.
    pub fn is_null(self) -> Condition<M> {
        Condition::plain(self.expr().is_null())
    }

    /// Not NULL.
    pub fn is_not_null(self) -> Condition<M> {
        Condition::plain(self.expr().is_not_null())
    }

    /// Ascending order.
    pub fn asc(self) -> Ordering<M> {
        Ordering::new(self.name, Order::Asc)
    }

    /// Descending order.
    pub fn desc(self) -> Ordering<M> {
        Ordering::new(self.name, Order::Desc)
    }

    /// A new value for `update`: a value, another column, or arithmetic such as `Post::VIEWS + 1`.
    pub fn set<V: Operand<M, F::Inner>>(self, value: V) -> Assignment<M> {
        const { assert!(F::NULL || !V::NULL, "this column may not be NULL: its field is no Option") };
        Assignment { column: self.name, value: value.operand(), model: PhantomData }
    }
}

impl<M: Model, T> Column<M, Option<T>>
where
    Option<T>: Field,
{
    /// NULL as the new value for `update`.
    pub fn set_null(self) -> Assignment<M> {
        Assignment { column: self.name, value: Expr::val(<Option<T>>::null()), model: PhantomData }
    }
}
