//! A query that is built step by step and runs when it is awaited.

mod grouped;
mod read;
mod select;
mod stream;
mod write;

pub(super) use grouped::Home;

use super::Database;
use super::column::{Column, Ordering};
use super::condition::Condition;
use super::foreign_key::Related;
use super::model::Model;
use crate::error::{Error, Result};

/// Rows of `M`: `Post::objects(&db).filter(Post::AUTHOR.eq(7)).order_by(Post::ID.desc()).limit(20).all().await?`.
#[derive(Clone)]
#[must_use = "a query does nothing until `all`, `get`, `count` or another of its ends is awaited"]
pub struct QuerySet<M> {
    db: Database,
    conditions: Vec<Condition<M>>,
    /// The model's own ordering, unless this says another.
    orderings: Option<Vec<Ordering<M>>>,
    related: Vec<&'static str>,
    limit: Option<u64>,
    offset: Option<u64>,
    distinct: bool,
    holds: bool,
}

impl<M: Model> QuerySet<M> {
    pub(super) fn new(db: Database) -> Self {
        Self {
            db,
            conditions: Vec::new(),
            orderings: None,
            related: Vec::new(),
            limit: None,
            offset: None,
            distinct: false,
            holds: false,
        }
    }

    /// Keeps the rows for which the condition holds.
    pub fn filter(mut self, condition: Condition<M>) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Leaves out the rows for which the condition holds; rows with NULL, for which it neither holds nor fails, stay.
    pub fn exclude(self, condition: Condition<M>) -> Self {
        self.filter(condition.fails())
    }

    /// No row at all.
    pub fn none(self) -> Self {
        self.filter(Condition::any([]))
    }

    /// Orders the rows; called again, it orders those that are equal so far. Replaces the model's own ordering.
    pub fn order_by(mut self, ordering: Ordering<M>) -> Self {
        self.orderings.get_or_insert_default().push(ordering);
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

    /// Lets [`values`](QuerySet::values) answer each value once. Whole rows have a key, so no two of them are the same.
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    /// Loads the row that a foreign key points to in the same query; call it again for a second key.
    pub fn select_related<F: Related>(mut self, column: Column<M, F>) -> Self {
        if !self.related.contains(&column.name()) {
            self.related.push(column.name());
        }
        self
    }

    /// Holds the rows against other writers until the transaction ends. On SQLite a transaction holds everything anyway.
    ///
    /// Reading them is [`Error::Refused`] outside a transaction.
    pub fn select_for_update(mut self) -> Self {
        self.holds = true;
        self
    }

    /// The same rows, asked for by another handle, such as that of a transaction.
    fn on(&self, db: &Database) -> Self {
        Self { db: db.clone(), ..self.clone() }
    }

    /// In any order: for one row.
    fn unordered(mut self) -> Self {
        self.orderings = Some(Vec::new());
        self
    }

    /// By the key, unless it has an order.
    fn in_some_order(self) -> Self {
        match self.orderings().is_empty() {
            true => self.order_by(key_order()),
            false => self,
        }
    }

    /// Ordered so that no two rows are equal: by the key in the end.
    fn in_full_order(mut self) -> Self {
        let mut orderings = self.orderings();
        if orderings.iter().all(|ordering| ordering.column != M::KEY) {
            orderings.push(key_order());
        }
        self.orderings = Some(orderings);
        self
    }

    fn orderings(&self) -> Vec<Ordering<M>> {
        let default = || M::ORDERING.iter().copied().map(Ordering::parse).collect();
        self.orderings.clone().unwrap_or_else(default)
    }

    fn is_a_piece(&self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }

    fn refuse_a_piece(&self, what: &str) -> Result<()> {
        match self.is_a_piece() {
            false => Ok(()),
            true => Err(Error::Refused(format!("{what} takes no limit or offset; filter by key instead"))),
        }
    }
}

fn key_order<M: Model>() -> Ordering<M> {
    Column::<M, M::Key>::new(M::KEY).asc()
}
