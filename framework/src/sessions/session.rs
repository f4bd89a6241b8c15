//! One visitor's session, as a view sees it: nothing is read until someone asks, only changes are written.

use super::USER_ID;
use super::sender::Sender;
use super::store::{Changes, Companion, Loaded, SessionStore};
use crate::cookies::Sent;
use crate::error::{Error, Result};
use crate::settings::Settings;
use poem::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::OnceCell;

/// The session of one request; a clone is the same session.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    store: Arc<dyn SessionStore>,
    settings: Arc<Settings>,
    sent: Sent,
    /// The key in the visitor's cookie, once it has been looked for: perhaps a session's, perhaps an invention.
    cookie: OnceLock<Option<String>>,
    sender: Sender,
    companion: OnceLock<fn() -> Companion>,
    loaded: OnceCell<Option<Loaded>>,
    pending: Mutex<Pending>,
    accessed: AtomicBool,
}

/// What is to be written when the request ends.
#[derive(Default)]
struct Pending {
    changes: Changes,
    new_key: bool,
    flushed: bool,
}

/// What the visitor's cookie has to become.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Unchanged,
    Set(String),
    Delete,
}

impl Session {
    /// The session of this request, in this store.
    pub(super) fn open(request: &Request, store: Arc<dyn SessionStore>) -> Self {
        Self(Arc::new(Inner {
            store,
            settings: Arc::clone(Settings::of(request)),
            sent: Sent::by(request),
            cookie: OnceLock::new(),
            sender: Sender::of(request),
            companion: OnceLock::new(),
            loaded: OnceCell::new(),
            pending: Mutex::default(),
            accessed: AtomicBool::new(false),
        }))
    }

    /// The session that the layer gave to this request.
    ///
    /// # Panics
    /// If `nuages::sessions::app()` is not among the site's apps.
    pub(crate) fn of(request: &Request) -> &Self {
        request.extensions().get().expect("add `.app(nuages::sessions::app())` to the project")
    }

    /// The value of this name; `None` if there is none, or it is of another type.
    pub async fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        Ok(self.value(name).await?.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// Sets a value. Names that begin with `_` are the framework's.
    ///
    /// # Errors
    /// [`Error::Json`] if the value cannot be stored.
    pub fn set(&self, name: &str, value: impl Serialize) -> Result<()> {
        let value = serde_json::to_value(value)?;
        self.change(|pending| drop(pending.changes.values.insert(name.to_owned(), Some(value))));
        Ok(())
    }

    /// Removes a value.
    pub fn remove(&self, name: &str) {
        self.change(|pending| drop(pending.changes.values.insert(name.to_owned(), None)));
    }

    /// The value of this name, which is removed. Changes nothing if there is none.
    pub async fn pop<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let Some(value) = self.value(name).await? else { return Ok(None) };
        self.remove(name);
        Ok(serde_json::from_value(value).ok())
    }

    /// Whether there is a value of this name.
    pub async fn contains(&self, name: &str) -> Result<bool> {
        Ok(self.value(name).await?.is_some())
    }

    /// The names that have a value.
    pub async fn keys(&self) -> Result<BTreeSet<String>> {
        Ok(self.data().await?.into_iter().map(|(name, _)| name).collect())
    }

    /// Whether the visitor has no session, or one that holds nothing.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.data().await?.is_empty())
    }

    /// Forgets every value; the session goes on under its key.
    pub fn clear(&self) {
        self.change(|pending| pending.changes = Changes { cleared: true, ..Changes::default() });
    }

    /// Ends the session: its data, its row, its cookie. What is set afterwards begins another one.
    pub fn flush(&self) {
        self.change(|pending| {
            *pending = Pending {
                changes: Changes { cleared: true, ..Changes::default() },
                new_key: true,
                flushed: true,
            }
        });
    }

    /// Gives the session a new key and keeps its data: one planted before sign-in is worth nothing then.
    pub fn cycle_key(&self) {
        self.change(|pending| pending.new_key = true);
    }

    /// Asks for a row of another table to be loaded with the session. To be called before the session is read.
    pub fn accompany(&self, companion: fn() -> Companion) {
        self.0.companion.get_or_init(|| companion);
    }

    /// The companion's row, loaded with the session.
    pub async fn companion<T: Any + Send + Sync>(&self) -> Result<Option<Arc<T>>> {
        let row = self.load().await?.and_then(|loaded| loaded.companion.clone());
        Ok(row.and_then(|row| row.downcast().ok()))
    }

    /// Says that the answer depends on who asks, though nothing was read: it gets `Vary: Cookie`.
    pub fn mark_accessed(&self) {
        self.0.accessed.store(true, Relaxed);
    }

    /// Whether there can be anything to read: a cookie that looks like a session's, or something set in this request.
    /// Costs no query.
    pub fn may_hold_data(&self) -> bool {
        self.cookie().is_some() || !self.pending().changes.is_empty()
    }

    fn cookie(&self) -> Option<&str> {
        let sent = || self.0.sent.value(self.0.settings.session_cookie()).filter(|key| is_key(key));
        self.0.cookie.get_or_init(sent).as_deref()
    }

    async fn value(&self, name: &str) -> Result<Option<Value>> {
        self.0.accessed.store(true, Relaxed);
        let known = {
            let pending = self.pending();
            let forgotten = pending.changes.cleared.then_some(None);
            pending.changes.values.get(name).cloned().or(forgotten)
        };
        match known {
            Some(value) => Ok(value),
            None => Ok(self.load().await?.and_then(|loaded| loaded.data.get(name)).cloned()),
        }
    }

    async fn data(&self) -> Result<Map<String, Value>> {
        let stored = self.load().await?.map(|loaded| loaded.data.clone()).unwrap_or_default();
        Ok(self.pending().changes.apply(stored))
    }

    async fn load(&self) -> Result<Option<&Loaded>> {
        self.0.accessed.store(true, Relaxed);
        let load = || async {
            match self.cookie() {
                Some(key) => {
                    let companion = self.0.companion.get().map(|companion| companion());
                    self.0.store.load_with(key, companion.as_ref()).await
                }
                None => Ok(None),
            }
        };
        Ok(self.0.loaded.get_or_try_init(load).await?.as_ref())
    }

    fn change(&self, change: impl FnOnce(&mut Pending)) {
        self.0.accessed.store(true, Relaxed);
        change(&mut self.pending());
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the answer depends on the session.
    pub(super) fn was_accessed(&self) -> bool {
        self.0.accessed.load(Relaxed)
    }

    /// Writes what has changed and says what the cookie must become.
    ///
    /// # Errors
    /// [`Error::SessionInterrupted`] if the session ended meanwhile: a save never brings one back.
    pub(super) async fn save(&self) -> Result<Outcome> {
        let Pending { changes, new_key, flushed } = std::mem::take(&mut *self.pending());
        if changes.is_empty() && !new_key {
            // A cookie that names no session is left alone: another tab may just have got a new key for it.
            return Ok(Outcome::Unchanged);
        }
        let age = self.0.settings.session_cookie_age;
        let nothing_to_keep = changes.values.values().all(Option::is_none);
        match self.cookie() {
            Some(key) if flushed && nothing_to_keep => {
                self.0.store.delete(key).await.map(|()| Outcome::Delete)
            }
            Some(key) if new_key => self.renew(key, &changes, age).await,
            Some(key) if self.load().await?.is_some() => self.update(key, &changes, age).await,
            _ if nothing_to_keep => Ok(Outcome::Unchanged),
            _ => self.create(None, &changes, age).await,
        }
    }

    /// Under a new key. If the session has ended meanwhile, only what stands without its data is kept: a sign-in, and
    /// what was set without a look at it.
    async fn renew(&self, key: &str, changes: &Changes, age: i64) -> Result<Outcome> {
        let was_alive = matches!(self.0.loaded.get(), Some(Some(_)));
        let stands_alone = !was_alive || changes.cleared || changes.values.contains_key(USER_ID);
        match self.create(Some(key), changes, age).await {
            Err(Error::SessionInterrupted) if changes.is_empty() => Ok(Outcome::Unchanged),
            Err(Error::SessionInterrupted) if stands_alone => self.create(None, changes, age).await,
            outcome => outcome,
        }
    }

    async fn create(&self, replaces: Option<&str>, changes: &Changes, age: i64) -> Result<Outcome> {
        Ok(Outcome::Set(self.0.store.create(replaces, changes, &self.0.sender.origin(), age).await?))
    }

    async fn update(&self, key: &str, changes: &Changes, age: i64) -> Result<Outcome> {
        let seen = self.0.loaded.get().and_then(Option::as_ref);
        match self.0.store.update(key, seen, changes, age).await? {
            true => Ok(Outcome::Set(key.to_owned())),
            false => Err(Error::SessionInterrupted),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

/// Whether a cookie's value can be a key that we have issued: 32 characters of a-z and 0-9, as in Django.
fn is_key(value: &str) -> bool {
    value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}
