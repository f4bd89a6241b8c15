//! Columns as typed constants: what a query compares, orders by and sets.

#[cfg(feature = "sqlite")]
use super::connect::ANY_CASE;
use super::model::Model;
use super::{Dialect, Field, Key};
use sea_query::{Expr, ExprTrait, Func, LikeExpr, Order, Value};
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Deref, Not};

/// A column of model `M` whose values are compared with `T`: `Post::TITLE`.
pub struct Column<M, T> {
    name: &'static str,
    types: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Clone for Column<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for Column<M, T> {}

/// A value that may be compared with a column of `T`.
#[diagnostic::on_unimplemented(message = "a column of `{T}` cannot be compared with `{Self}`")]
pub trait Operand<T> {
    /// The value to bind.
    fn operand(self) -> Value;
}

impl<T: Field> Operand<T> for T {
    fn operand(self) -> Value {
        self.value()
    }
}

impl<T: Field + Clone> Operand<T> for &T {
    fn operand(self) -> Value {
        self.value()
    }
}

impl Operand<String> for &str {
    fn operand(self) -> Value {
        self.into()
    }
}

/// A condition on rows of `M`; combine with `&`, `|` and `!`.
pub struct Condition<M>(pub(super) Expr, pub(super) PhantomData<fn() -> M>);

/// How rows of `M` are ordered.
pub struct Ordering<M>(pub(super) &'static str, pub(super) Order, pub(super) PhantomData<fn() -> M>);

/// A new value for a column, for `update`.
pub struct Assignment<M>(pub(super) &'static str, pub(super) Value, pub(super) PhantomData<fn() -> M>);

impl<M: Model, T> Column<M, T> {
    /// The column of this name; derives write these.
    pub const fn new(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }

    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        self.name
    }

    fn expr(self) -> Expr {
        Expr::col((M::TABLE, self.name))
    }

    /// Equal.
    pub fn eq(self, value: impl Operand<T>) -> Condition<M> {
        Condition::new(self.expr().eq(value.operand()))
    }

    /// Not equal; rows with NULL are left out, as in SQL.
    pub fn ne(self, value: impl Operand<T>) -> Condition<M> {
        Condition::new(self.expr().ne(value.operand()))
    }

    /// Less than.
    pub fn lt(self, value: impl Operand<T>) -> Condition<M> {
        Condition::new(self.expr().lt(value.operand()))
    }

    /// Less than or equal.
    pub fn lte(self, value: impl Operand<T>) -> Condition<M> {
        Condition::new(self.expr().lte(value.operand()))
    }

    /// Greater than.
    pub fn gt(self, value: impl Operand<T>) -> Condition<M> {
        Condition::new(self.expr().gt(value.operand()))
    }

    /// Greater than or equal.
    pub fn gte(self, value: impl Operand<T>) -> Condition<M> {
        Condition::new(self.expr().gte(value.operand()))
    }

    /// One of these values; none of them if the list is empty.
    pub fn is_in<V: Operand<T>>(self, values: impl IntoIterator<Item = V>) -> Condition<M> {
        Condition::new(self.expr().is_in(values.into_iter().map(Operand::operand)))
    }

    /// NULL.
    pub fn is_null(self) -> Condition<M> {
        Condition::new(self.expr().is_null())
    }

    /// Ascending order.
    pub fn asc(self) -> Ordering<M> {
        Ordering(self.name, Order::Asc, PhantomData)
    }

    /// Descending order.
    pub fn desc(self) -> Ordering<M> {
        Ordering(self.name, Order::Desc, PhantomData)
    }

    /// A new value for `update`.
    pub fn set(self, value: impl Operand<T>) -> Assignment<M> {
        Assignment(self.name, value.operand(), PhantomData)
    }
}

impl<M: Model, T: Field> Column<M, T> {
    /// NULL as the new value for `update`.
    pub fn set_null(self) -> Assignment<M> {
        Assignment(self.name, T::null(), PhantomData)
    }
}

impl<M: Model> Column<M, String> {
    /// Equal without regard to case: the database lowers both sides. SQLite's `lower()` knows only ASCII, so there a value with other letters is
    /// compared by Rust, row by row, while an ASCII one can use an index on `lower(column)`.
    pub fn iexact(self, value: &str, dialect: Dialect) -> Condition<M> {
        let lower = Expr::expr(Func::lower(self.expr())).eq(Func::lower(Expr::val(value)));
        match dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite if !value.is_ascii() => {
                // Without the `+`, SQLite makes `… OR column = ?` into an IN, and forgets the collation.
                let column = format!(r#"+"{}"."{}""#, M::TABLE, self.name);
                Condition::new(Expr::cust_with_values(format!("{column} = ? COLLATE {ANY_CASE}"), [value]))
            }
            _ => Condition::new(lower),
        }
    }

    /// Holds this text anywhere; `%` and `_` in it stand for themselves.
    pub fn contains(self, text: &str) -> Condition<M> {
        self.matches(format!("%{}%", escaped(text)))
    }

    /// Begins with this text; `%` and `_` in it stand for themselves.
    pub fn startswith(self, text: &str) -> Condition<M> {
        self.matches(format!("{}%", escaped(text)))
    }

    fn matches(self, pattern: String) -> Condition<M> {
        Condition::new(self.expr().like(LikeExpr::new(pattern).escape('\\')))
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

impl<M> Condition<M> {
    fn new(expr: Expr) -> Self {
        Self(expr, PhantomData)
    }
}

impl<M> BitAnd for Condition<M> {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self::new(self.0.and(other.0))
    }
}

impl<M> BitOr for Condition<M> {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self::new(self.0.or(other.0))
    }
}

impl<M> Not for Condition<M> {
    type Output = Self;
    fn not(self) -> Self {
        Self::new(self.0.not())
    }
}

/// The column of a foreign key: compared like its key, and followed by `select_related`.
pub struct ForeignKeyColumn<M, T: Model> {
    column: Column<M, T::Key>,
}

impl<M, T: Model> Clone for ForeignKeyColumn<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T: Model> Copy for ForeignKeyColumn<M, T> {}

impl<M: Model, T: Model> ForeignKeyColumn<M, T>
where
    T::Key: Key,
{
    /// The column of this name; derives write these.
    pub const fn new(name: &'static str) -> Self {
        Self { column: Column::new(name) }
    }
}

impl<M, T: Model> Deref for ForeignKeyColumn<M, T> {
    type Target = Column<M, T::Key>;
    fn deref(&self) -> &Self::Target {
        &self.column
    }
}
