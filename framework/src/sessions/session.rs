//! One visitor's session, as a view sees it: nothing is read until someone asks, only changes are written.

use super::changes::{Change, Changes};
use super::companion::Companion;
use super::expiry::Expiry;
use super::sender::Sender;
use super::store::{Loaded, SessionStore, public_id};
use crate::belongings::Belongings;
use crate::cookies::Sent;
use crate::error::Result;
use crate::settings::Settings;
use chrono::{DateTime, Utc};
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

/// Django's name for it.
const TEST_COOKIE: &str = "testcookie";

/// The session of one request; a clone is the same session.
#[derive(Clone)]
pub struct Session(pub(super) Arc<Inner>);

pub(super) struct Inner {
    belongings: Belongings,
    sent: Sent,
    /// The key in the visitor's cookie, once it has been looked for: perhaps a session's, perhaps an invention.
    cookie: OnceLock<Option<String>>,
    pub(super) sender: Sender,
    companion: OnceLock<fn() -> Companion>,
    loaded: OnceCell<Option<Loaded>>,
    pending: Mutex<Pending>,
    accessed: AtomicBool,
}

/// What is to be written when the request ends.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) changes: Changes,
    pub(super) new_key: bool,
    pub(super) flushed: bool,
}

impl Session {
    /// The session of this request, in the site's store.
    pub(super) fn open(request: &Request) -> Self {
        Self(Arc::new(Inner {
            belongings: Belongings::all_of(request).clone(),
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
    /// [`Error::Json`](crate::Error::Json) if the value cannot be stored.
    pub fn set(&self, name: &str, value: impl Serialize) -> Result<()> {
        self.put(name, Change::Set(serde_json::to_value(value)?));
        Ok(())
    }

    /// Changes a value where it is; one that is missing, or of another type, begins as its default.
    ///
    /// Of several requests that change the same name at once each is counted: the function is called again on top of what
    /// another one has saved, so it should do nothing but change its argument.
    ///
    /// ```no_run
    /// # fn visit(session: &nuages::Session) -> nuages::Result<()> {
    /// session.update("visits", |visits: &mut u32| *visits += 1)?;
    /// session.update("reading_list", |posts: &mut Vec<i64>| posts.push(7))
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Json`](crate::Error::Json) if the value cannot be stored.
    pub fn update<T: Serialize + DeserializeOwned + Default>(
        &self,
        name: &str,
        change: impl Fn(&mut T) + Send + Sync + 'static,
    ) -> Result<()> {
        let update = move |value: Option<&Value>| {
            let mut value = value.and_then(|value| T::deserialize(value).ok()).unwrap_or_default();
            change(&mut value);
            serde_json::to_value(value)
        };
        Ok(self.change(|pending| pending.changes.update(name, Arc::new(update)))?)
    }

    /// Removes a value.
    pub fn remove(&self, name: &str) {
        self.put(name, Change::Remove);
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

    /// Gives the session a lifetime of its own: `Duration`, a moment, [`Expiry::BrowserClose`], or [`Expiry::Default`] for that of
    /// the settings again.
    ///
    /// ```no_run
    /// # use nuages::sessions::Expiry;
    /// # fn remember(session: &nuages::Session, remember_me: bool) {
    /// session.set_expiry(if remember_me { Expiry::Default } else { Expiry::BrowserClose });
    /// # }
    /// ```
    pub fn set_expiry(&self, expiry: impl Into<Expiry>) {
        let (name, value) = expiry.into().entry();
        self.put(name, value.map_or(Change::Remove, Change::Set));
    }

    /// When the session ends if this request is the last that uses it; `None` if there is none.
    pub async fn expires_at(&self) -> Result<Option<DateTime<Utc>>> {
        let data = self.data().await?;
        let begun = self.load().await?.and_then(|loaded| loaded.created_at);
        let end = || self.store().lifetime().end(&data, begun, Utc::now());
        Ok((!data.is_empty()).then(end))
    }

    /// Sets a value that comes back only if the browser takes cookies; see
    /// [`test_cookie_worked`](Self::test_cookie_worked).
    pub fn set_test_cookie(&self) {
        self.put(TEST_COOKIE, Change::Set("worked".into()));
    }

    /// Whether a test cookie came back. Remove it then with [`delete_test_cookie`](Self::delete_test_cookie).
    pub async fn test_cookie_worked(&self) -> Result<bool> {
        Ok(self.get::<String>(TEST_COOKIE).await?.as_deref() == Some("worked"))
    }

    /// Removes the test cookie's value.
    pub fn delete_test_cookie(&self) {
        self.remove(TEST_COOKIE);
    }

    /// What the session is called in the list of a user's sessions; `None` if there is none yet.
    pub fn id(&self) -> Option<String> {
        self.cookie().map(public_id)
    }

    /// The site's store.
    pub fn store(&self) -> &Arc<dyn SessionStore> {
        self.0.belongings.get()
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

    pub(super) fn cookie(&self) -> Option<&str> {
        let sent = || self.0.sent.value(self.settings().session_cookie());
        self.0.cookie.get_or_init(|| sent().filter(|key| self.store().is_key(key))).as_deref()
    }

    pub(super) fn settings(&self) -> &Arc<Settings> {
        self.0.belongings.get()
    }

    async fn value(&self, name: &str) -> Result<Option<Value>> {
        self.0.accessed.store(true, Relaxed);
        let (change, cleared) = {
            let pending = self.pending();
            (pending.changes.values.get(name).cloned(), pending.changes.cleared)
        };
        let stored = match change {
            Some(Change::Set(value)) => return Ok(Some(value)),
            Some(Change::Remove) => return Ok(None),
            _ if cleared => None,
            _ => self.load().await?.and_then(|loaded| loaded.data.get(name)),
        };
        match change {
            Some(change) => Ok(change.apply(stored)?),
            None => Ok(stored.cloned()),
        }
    }

    async fn data(&self) -> Result<Map<String, Value>> {
        let stored = self.load().await?.map(|loaded| loaded.data.clone()).unwrap_or_default();
        Ok(self.pending().changes.apply(stored)?)
    }

    /// What this request has loaded of the session.
    pub(super) fn seen(&self) -> Option<&Loaded> {
        self.0.loaded.get().and_then(Option::as_ref)
    }

    pub(super) async fn load(&self) -> Result<Option<&Loaded>> {
        self.0.accessed.store(true, Relaxed);
        let load = || async {
            match self.cookie() {
                Some(key) => {
                    let companion = self.0.companion.get().map(|companion| companion());
                    self.store().load(key, companion.as_ref()).await
                }
                None => Ok(None),
            }
        };
        Ok(self.0.loaded.get_or_try_init(load).await?.as_ref())
    }

    fn put(&self, name: &str, change: Change) {
        self.change(|pending| drop(pending.changes.values.insert(name.to_owned(), change)));
    }

    fn change<T>(&self, change: impl FnOnce(&mut Pending) -> T) -> T {
        self.0.accessed.store(true, Relaxed);
        change(&mut self.pending())
    }

    pub(super) fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the answer depends on the session.
    pub(super) fn was_accessed(&self) -> bool {
        self.0.accessed.load(Relaxed)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}
