//! The ends of a query that read.

use super::QuerySet;
use crate::db::aggregate::Aggregate;
use crate::db::column::{Column, Ordering};
use crate::db::condition::Condition;
use crate::db::model::Model;
use crate::db::page::{Page, PageNumber};
use crate::db::selection::{Aggregates, Columns};
use crate::db::statement::Explained;
use crate::error::{Error, Result};
use sea_query::{Expr, Query};
use std::collections::HashMap;

/// How many keys one query asks for: no database takes values without end.
pub(super) const KEYS: usize = 10_000;

impl<M: Model> QuerySet<M> {
    /// The rows.
    pub async fn all(self) -> Result<Vec<M>> {
        self.refuse_to_hold_nothing()?;
        let reader = self.reader();
        self.db.fetch_all(&self.statement(), |row| reader.read(row)).await
    }

    /// The first row, if there is one; by the key if there is no ordering.
    pub async fn first(self) -> Result<Option<M>> {
        let limit = self.limit.map_or(1, |rows| rows.min(1));
        let first = self.in_some_order().limit(limit);
        first.refuse_to_hold_nothing()?;
        let reader = first.reader();
        first.db.fetch_optional(&first.statement(), |row| reader.read(row)).await
    }

    /// The last row, if there is one; by the key if there is no ordering.
    ///
    /// # Errors
    /// [`Error::Refused`] with a limit or an offset.
    pub async fn last(self) -> Result<Option<M>> {
        self.refuse_a_piece("`last`")?;
        let mut query = self.in_some_order();
        query.orderings = Some(query.orderings().into_iter().map(Ordering::reversed).collect());
        query.first().await
    }

    /// The one row for which the condition holds.
    ///
    /// # Errors
    /// [`Error::DoesNotExist`] (404 in a view) or [`Error::MultipleObjects`].
    pub async fn get(self, condition: Condition<M>) -> Result<M> {
        let mut rows = self.filter(condition).unordered().limit(2).all().await?;
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(row),
            (None, _) => Err(Error::DoesNotExist(M::NAME)),
            (Some(_), false) => Err(Error::MultipleObjects(M::NAME)),
        }
    }

    /// The rows of these keys, by key; a key without a row is not in it.
    ///
    /// # Errors
    /// [`Error::Refused`] with a limit or an offset.
    pub async fn in_bulk(self, keys: impl IntoIterator<Item = M::Key>) -> Result<HashMap<M::Key, M>> {
        self.refuse_a_piece("`in_bulk`")?;
        let keys: Vec<_> = keys.into_iter().collect();
        let (query, mut found) = (self.unordered(), HashMap::new());
        for keys in keys.chunks(KEYS) {
            let wanted = Column::<M, M::Key>::new(M::KEY).is_in(keys.iter().cloned());
            let rows = query.clone().filter(wanted).all().await?;
            found.extend(rows.into_iter().map(|row| (row.key().clone(), row)));
        }
        Ok(found)
    }

    /// The values of one column, or tuples of several: `values((Post::ID, Post::TITLE))`. Of a foreign key, the keys.
    ///
    /// With [`distinct`](QuerySet::distinct) the model's own ordering does not count.
    pub async fn values<C: Columns<M>>(self, columns: C) -> Result<Vec<C::Answer>> {
        self.refuse_to_hold_nothing()?;
        let mut statement = Query::select();
        columns.select(&mut statement, self.db.dialect());
        self.restrict(&mut statement);
        let query = match (self.distinct, &self.orderings) {
            (true, None) => self.unordered(),
            _ => self,
        };
        query.order(&mut statement);
        if query.distinct {
            statement.distinct();
        }
        query.db.fetch_all(&query.limited(statement), |row| columns.read(&row.from(0))).await
    }

    /// Values made of all rows: `aggregate((Post::VIEWS.sum(), Post::ID.count()))`.
    pub async fn aggregate<A: Aggregates<M>>(self, aggregates: A) -> Result<A::Answer> {
        let mut statement = Query::select();
        aggregates.select(&mut statement, self.db.dialect());
        match self.is_a_piece() {
            true => drop(statement.from_subquery(self.piece(), M::TABLE)),
            false => self.restrict(&mut statement),
        }
        let answer = self.db.fetch_optional(&statement, |row| aggregates.read(&row.from(0))).await?;
        answer.ok_or(Error::DoesNotExist(M::NAME))
    }

    /// How many rows there are.
    pub async fn count(self) -> Result<u64> {
        Ok(self.aggregate(Aggregate::rows()).await?.unsigned_abs())
    }

    /// Whether there is any row.
    pub async fn exists(self) -> Result<bool> {
        let limit = self.limit.map_or(1, |rows| rows.min(1));
        let mut statement = Query::select();
        statement.expr(Expr::val(1_i64));
        self.restrict(&mut statement);
        let any = self.limit(limit);
        Ok(any.db.fetch_optional(&any.limited(statement), |_| Ok(())).await?.is_some())
    }

    /// One page of the rows: the number may be any text from an address. Rows that are equal in the ordering come by key.
    ///
    /// # Errors
    /// [`Error::Refused`] with a limit or an offset.
    pub async fn paginate(self, number: impl Into<PageNumber>, per_page: u64) -> Result<Page<M>> {
        self.refuse_a_piece("`paginate`")?;
        let number = number.into();
        let count = self.clone().count().await?;
        let page = Page::cut(number, per_page, count);
        let rows = self.in_full_order().offset(page.passed_over()).limit(page.per_page());
        Ok(page.with(rows.all().await?))
    }

    /// How the database would go about it, in its own words.
    pub async fn explain(self) -> Result<String> {
        let position = self.db.dialect().plan_position();
        let read = |row: &crate::db::Row<'_>| row.from(position).get::<String>("plan");
        Ok(self.db.fetch_all(&Explained(self.statement()), read).await?.join("\n"))
    }

    fn refuse_to_hold_nothing(&self) -> Result<()> {
        match self.holds && !self.db.in_transaction() {
            false => Ok(()),
            true => Err(Error::Refused(
                "`select_for_update` holds rows until the transaction ends; call it inside `db.transaction(..)`"
                    .into(),
            )),
        }
    }
}
