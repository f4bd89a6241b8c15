//! What keeps sessions: the trait of every store.

use super::changes::Changes;
use super::companion::Companion;
use super::expiry::Lifetime;
use crate::error::{Error, Result};
use crate::signing;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::any::Any;
use std::sync::Arc;

/// A session as a store gives it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the session holds.
    pub data: Map<String, Value>,
    /// By which two requests notice that both have saved.
    pub version: Version,
    /// When it began, where the store knows.
    pub created_at: Option<DateTime<Utc>>,
    /// When its use was last written down.
    pub seen_at: DateTime<Utc>,
    /// The row that was asked for with it, if the store can bring it along and there is one.
    pub companion: Option<Arc<dyn Any + Send + Sync>>,
}

/// What a store knows a saved state by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// Counts the saves.
    Count(i64),
    /// What is kept, as it is kept.
    Text(String),
}

/// Where a session comes from, for the list of a user's sessions.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The browser's name for itself, cut to 200 characters.
    pub user_agent: String,
    /// The visitor's address.
    pub address: String,
}

/// A session in the list of a user's.
#[derive(Clone, Debug)]
pub struct SessionInfo {
    /// What it is called in that list; no cookie's value.
    pub id: String,
    /// When it began, where the store knows.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last used, as far as was written down.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Where it comes from, where the store knows.
    pub origin: Origin,
}

/// Keeps sessions.
pub trait SessionStore: Send + Sync {
    /// Whether a cookie's value can be a key that this store has issued; others are not looked for.
    fn is_key(&self, value: &str) -> bool {
        is_random_key(value)
    }

    /// The living session of this key, if there is one. A store that can brings the companion's row along, if one is asked for.
    fn load<'a>(
        &'a self,
        key: &'a str,
        companion: Option<&'a Companion>,
    ) -> BoxFuture<'a, Result<Option<Loaded>>>;

    /// Makes a new session and answers its key, which nobody has had before. `replaces` is the key of a session that
    /// ends with this, in the same step; its data is the base of the changes.
    ///
    /// # Errors
    /// [`Error::SessionInterrupted`] if `replaces` has ended already.
    fn create<'a>(
        &'a self,
        replaces: Option<&'a str>,
        changes: &'a Changes,
        origin: &'a Origin,
    ) -> BoxFuture<'a, Result<String>>;

    /// Applies changes to a living session, on top of what others have saved meanwhile, and writes down that it was used; `false`
    /// if it is gone, and then nothing is written. `seen` is what this request has loaded of it.
    fn update<'a>(
        &'a self,
        key: &'a str,
        seen: Option<&'a Loaded>,
        changes: &'a Changes,
    ) -> BoxFuture<'a, Result<bool>>;

    /// The key under which the session is found after an update that left it with these data: the same, unless the store keeps
    /// the data in the key.
    ///
    /// # Errors
    /// If the data cannot be kept there.
    fn key_after(&self, key: &str, data: &Map<String, Value>) -> Result<String> {
        let _ = data;
        Ok(key.to_owned())
    }

    /// Ends a session.
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Removes what has expired, and says how many sessions that were.
    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>>;

    /// How long its sessions live.
    fn lifetime(&self) -> Lifetime;

    /// The living sessions of a user, the last used first.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the store cannot find them.
    fn of_user<'a>(&'a self, user_id: &'a str) -> BoxFuture<'a, Result<Vec<SessionInfo>>> {
        let _ = user_id;
        Box::pin(async {
            Err(Error::NotFound("this session store cannot find the sessions of a user".into()))
        })
    }

    /// Ends a session of a user by its [`id`](SessionInfo::id); `false` if the user has none of that id.
    fn end<'a>(&'a self, user_id: &'a str, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        let _ = (user_id, id);
        Box::pin(async {
            Err(Error::NotFound("this session store cannot find the sessions of a user".into()))
        })
    }

    /// Replaces a value in all sessions of a user that hold it, as part of this transaction where the store can.
    fn replace_value<'a>(
        &'a self,
        transaction: &'a crate::db::Database,
        user_id: &'a str,
        name: &'a str,
        old: &'a str,
        new: &'a str,
    ) -> BoxFuture<'a, Result<()>> {
        let _ = (transaction, user_id, name, old, new);
        Box::pin(async { Ok(()) })
    }
}

/// What a session of this key is called in a list: the key's SHA-256 in hexadecimal, with which nobody can sign in.
pub fn public_id(key: &str) -> String {
    signing::hex(&Sha256::digest(key))
}

/// 32 characters of a-z and 0-9, as in Django.
fn is_random_key(value: &str) -> bool {
    value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// A key that nobody can guess: 165 bits.
pub(super) fn new_key() -> String {
    signing::random_string(32, signing::LOWER_ALPHANUMERIC)
}

/// The signed-in user's key, as text.
pub(super) fn user_id(data: &Map<String, Value>) -> Option<String> {
    match data.get(super::USER_ID)? {
        Value::String(id) => Some(id.clone()),
        other => Some(other.to_string()),
    }
}

/// What a session holds, of the JSON that a store keeps. Text that is no JSON object reads as an empty session, as in Django, and is
/// logged.
pub(super) fn decode(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_else(|error| {
        tracing::warn!("a session's data cannot be read and counts as empty: {error}");
        Map::new()
    })
}
