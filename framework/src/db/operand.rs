//! What a column is compared with, or set to: a value, another column, or arithmetic on columns.

use super::column::Column;
use super::field::Number;
use super::{Field, Model};
use sea_query::{Expr, ExprTrait};
use std::marker::PhantomData;
use std::ops::{Add, Mul, Sub};

/// What may be compared with a column of `T` of the model `M`.
#[diagnostic::on_unimplemented(message = "a column of `{T}` cannot be compared with `{Self}`")]
pub trait Operand<M, T> {
    /// Whether it may be NULL.
    const NULL: bool = false;
    /// It as SQL.
    fn operand(self) -> Expr;
}

impl<M, T: Field> Operand<M, T> for T {
    fn operand(self) -> Expr {
        Expr::val(self.value())
    }
}

impl<M, T: Field + Clone> Operand<M, T> for &T {
    fn operand(self) -> Expr {
        Expr::val(self.value())
    }
}

impl<M> Operand<M, String> for &str {
    fn operand(self) -> Expr {
        Expr::val(self)
    }
}

impl<M, T: Field> Operand<M, T> for Option<T> {
    const NULL: bool = true;
    fn operand(self) -> Expr {
        Expr::val(self.map_or_else(T::null, |value| value.value()))
    }
}

impl<M> Operand<M, String> for Option<&str> {
    const NULL: bool = true;
    fn operand(self) -> Expr {
        Expr::val(self)
    }
}

impl<M: Model, F: Field> Operand<M, F::Inner> for Column<M, F> {
    fn operand(self) -> Expr {
        self.expr()
    }
}

impl<M, T> Operand<M, T> for Term<M, T> {
    fn operand(self) -> Expr {
        self.expr
    }
}

/// Arithmetic on the columns of a row: `Post::VIEWS + 1`.
pub struct Term<M, T> {
    expr: Expr,
    types: PhantomData<fn() -> (M, T)>,
}

macro_rules! arithmetic {
    ($($operation:ident, $method:ident;)*) => {$(
        impl<M: Model, F: Field, V: Operand<M, F::Inner>> $operation<V> for Column<M, F>
        where
            F::Inner: Number,
        {
            type Output = Term<M, F::Inner>;
            fn $method(self, value: V) -> Self::Output {
                Term { expr: ExprTrait::$method(self.expr(), value.operand()), types: PhantomData }
            }
        }

        impl<M: Model, T: Number, V: Operand<M, T>> $operation<V> for Term<M, T> {
            type Output = Self;
            fn $method(self, value: V) -> Self {
                Term { expr: ExprTrait::$method(self.expr, value.operand()), types: PhantomData }
            }
        }
    )*};
}
arithmetic! {
    Add, add;
    Sub, sub;
    Mul, mul;
}
