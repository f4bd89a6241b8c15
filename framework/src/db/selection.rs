//! What a query answers in place of rows: some columns, or aggregates.

use super::aggregate::Aggregate;
use super::column::Column;
use super::{Dialect, Field, Model, Row};
use sea_query::SelectStatement;

/// A column or an aggregate, or a tuple of up to six.
pub trait Selection<M>: Send + Sync {
    /// Its value, or a tuple of them.
    type Answer: Send;
    /// Adds it to a select.
    fn select(&self, statement: &mut SelectStatement, dialect: Dialect);
    /// Reads the answer from a row that is read in order.
    fn read(&self, row: &Row<'_>) -> sqlx::Result<Self::Answer>;
}

/// A column, or a tuple of up to six: what `values` reads and `save_fields` writes.
#[diagnostic::on_unimplemented(message = "`{Self}` is no column of `{M}`, and no tuple of up to six")]
pub trait Columns<M>: Selection<M> {
    /// The columns' names.
    fn names(&self) -> Vec<&'static str>;
}

/// An [`Aggregate`], or a tuple of up to six.
#[diagnostic::on_unimplemented(message = "`{Self}` is no aggregate of `{M}`, and no tuple of up to six")]
pub trait Aggregates<M>: Selection<M> {}

impl<M: Model, F: Field> Selection<M> for Column<M, F> {
    type Answer = F::Stored;

    fn select(&self, statement: &mut SelectStatement, _: Dialect) {
        statement.expr(self.expr());
    }

    fn read(&self, row: &Row<'_>) -> sqlx::Result<F::Stored> {
        row.get(self.name())
    }
}

impl<M: Model, F: Field> Columns<M> for Column<M, F> {
    fn names(&self) -> Vec<&'static str> {
        vec![self.name()]
    }
}

impl<M: Model, A: Field> Selection<M> for Aggregate<M, A> {
    type Answer = A;

    fn select(&self, statement: &mut SelectStatement, dialect: Dialect) {
        statement.expr(self.expr(dialect));
    }

    fn read(&self, row: &Row<'_>) -> sqlx::Result<A> {
        row.get("aggregate")
    }
}

impl<M: Model, A: Field> Aggregates<M> for Aggregate<M, A> {}

macro_rules! tuples {
    ($(($($type:ident $position:tt),*))*) => {$(
        impl<M, $($type: Selection<M>),*> Selection<M> for ($($type,)*) {
            type Answer = ($($type::Answer,)*);

            fn select(&self, statement: &mut SelectStatement, dialect: Dialect) {
                $(self.$position.select(statement, dialect);)*
            }

            fn read(&self, row: &Row<'_>) -> sqlx::Result<Self::Answer> {
                Ok(($(self.$position.read(row)?,)*))
            }
        }

        impl<M, $($type: Columns<M>),*> Columns<M> for ($($type,)*) {
            fn names(&self) -> Vec<&'static str> {
                [$(self.$position.names()),*].concat()
            }
        }

        impl<M, $($type: Aggregates<M>),*> Aggregates<M> for ($($type,)*) {}
    )*};
}
tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
}
