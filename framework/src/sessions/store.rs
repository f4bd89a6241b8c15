//! What keeps sessions: the trait of every store.

use crate::db::schema::Kind;
use crate::error::Result;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A session as a store gives it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the session holds.
    pub data: Map<String, Value>,
    /// Counts the saves, so that two requests notice each other.
    pub version: i64,
    /// The row that was asked for with it.
    pub companion: Option<Arc<dyn Any + Send + Sync>>,
}

/// A row of another table that is wanted with the session: the user.
#[derive(Clone, Debug)]
pub struct Companion {
    /// The table.
    pub table: &'static str,
    /// Its key, which the session's user id is compared with.
    pub key: &'static str,
    /// The kind of its key.
    pub kind: Kind,
    /// The columns that `read` wants, in order.
    pub columns: Vec<&'static str>,
    /// Reads the row.
    pub read: fn(&crate::db::Row<'_>) -> sqlx::Result<Arc<dyn Any + Send + Sync>>,
}

/// What one request changes of a session: only this is written, so that two requests that change different names of one
/// session both win.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Everything that was there is forgotten first.
    pub cleared: bool,
    /// New values, and `None` for names that are removed.
    pub values: BTreeMap<String, Option<Value>>,
}

impl Changes {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        !self.cleared && self.values.is_empty()
    }

    /// The data as it is after the changes.
    pub fn apply(&self, mut data: Map<String, Value>) -> Map<String, Value> {
        if self.cleared {
            data.clear();
        }
        for (name, value) in &self.values {
            match value {
                Some(value) => data.insert(name.clone(), value.clone()),
                None => data.remove(name),
            };
        }
        data
    }
}

/// Where a session comes from, for the list of a user's sessions.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The browser's name for itself, cut to 200 characters.
    pub user_agent: String,
    /// The visitor's address.
    pub address: String,
}

/// Keeps sessions. `age` is in seconds from now.
pub trait SessionStore: Send + Sync {
    /// The living session of this key, if there is one, with the companion's row if one is asked for.
    fn load_with<'a>(
        &'a self,
        key: &'a str,
        companion: Option<&'a Companion>,
    ) -> BoxFuture<'a, Result<Option<Loaded>>>;

    /// Makes a new session and answers its key, which nobody has had before. `replaces` is the key of a session that
    /// ends with this, in the same step; its data is the base of the changes.
    ///
    /// # Errors
    /// [`Error::SessionInterrupted`](crate::Error::SessionInterrupted) if `replaces` has ended already.
    fn create<'a>(
        &'a self,
        replaces: Option<&'a str>,
        changes: &'a Changes,
        origin: &'a Origin,
        age: i64,
    ) -> BoxFuture<'a, Result<String>>;

    /// Applies changes to a living session; `false` if it is gone, and then nothing is written.
    /// `seen` is what this request has loaded of it.
    fn update<'a>(
        &'a self,
        key: &'a str,
        seen: Option<&'a Loaded>,
        changes: &'a Changes,
        age: i64,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Ends a session.
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Removes what has expired, and says how many sessions that were.
    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>>;
}
