//! What becomes of a session when its request ends.

use super::USER_ID;
use super::changes::{Change, Changes};
use super::session::{Pending, Session};
use super::store::Loaded;
use crate::error::{Error, Result};
use chrono::Utc;
use serde_json::{Map, Value};
use std::time::Duration;

/// What the visitor's cookie has to become.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Unchanged,
    /// `age` is how long the browser keeps it; `None` is until it is closed.
    Set {
        key: String,
        age: Option<Duration>,
    },
    Delete,
}

impl Session {
    /// Writes what has changed, or that the session was used, and says what the cookie must become.
    ///
    /// # Errors
    /// [`Error::SessionInterrupted`] if the session ended meanwhile: a save never brings one back.
    pub(super) async fn save(&self) -> Result<Outcome> {
        let Pending { changes, new_key, flushed } = std::mem::take(&mut *self.pending());
        if changes.is_empty() && !new_key {
            return self.renew_use().await;
        }
        let nothing_to_keep = changes.only_remove();
        match self.cookie() {
            Some(key) if flushed && nothing_to_keep => {
                self.store().delete(key).await.map(|()| Outcome::Delete)
            }
            Some(key) if new_key => self.renew(key, &changes).await,
            Some(key) if self.load().await?.is_some() => self.update_stored(key, &changes).await,
            _ if nothing_to_keep => Ok(Outcome::Unchanged),
            _ => self.create(None, &changes).await,
        }
    }

    /// A session that was only looked at lives on: that is written down once a minute at most. A cookie that names no session is
    /// left alone: another tab may just have got a new key for it.
    async fn renew_use(&self) -> Result<Outcome> {
        let Some((key, Some(loaded))) =
            self.cookie().zip(self.0.loaded.get()).map(|(key, found)| (key, found.as_ref()))
        else {
            return Ok(Outcome::Unchanged);
        };
        let unchanged = Changes::default();
        if !self.store().lifetime().is_renewal_due(loaded.seen_at, Utc::now())
            || !self.store().update(key, Some(loaded), &unchanged).await?
        {
            return Ok(Outcome::Unchanged);
        }
        self.keep_updated(key, Some(loaded), &unchanged)
    }

    /// Under a new key. If the session has ended meanwhile, only what stands without its data is kept: a sign-in, and
    /// what was set without a look at it.
    async fn renew(&self, key: &str, changes: &Changes) -> Result<Outcome> {
        let was_alive = matches!(self.0.loaded.get(), Some(Some(_)));
        let signs_in = matches!(changes.values.get(USER_ID), Some(Change::Set(_)));
        let stands_alone = !was_alive || changes.cleared || signs_in;
        match self.create(Some(key), changes).await {
            Err(Error::SessionInterrupted) if changes.is_empty() => Ok(Outcome::Unchanged),
            Err(Error::SessionInterrupted) if stands_alone => self.create(None, changes).await,
            outcome => outcome,
        }
    }

    async fn create(&self, replaces: Option<&str>, changes: &Changes) -> Result<Outcome> {
        let key = self.store().create(replaces, changes, &self.0.sender.origin()).await?;
        let before = replaces.and_then(|_| self.0.loaded.get()).and_then(Option::as_ref);
        self.keep(key, before, changes)
    }

    async fn update_stored(&self, key: &str, changes: &Changes) -> Result<Outcome> {
        let seen = self.0.loaded.get().and_then(Option::as_ref);
        match self.store().update(key, seen, changes).await? {
            true => self.keep_updated(key, seen, changes),
            false => Err(Error::SessionInterrupted),
        }
    }

    fn keep_updated(&self, key: &str, before: Option<&Loaded>, changes: &Changes) -> Result<Outcome> {
        let key = self.store().key_after(key, &data_after(before, changes)?)?;
        self.keep(key, before, changes)
    }

    fn keep(&self, key: String, before: Option<&Loaded>, changes: &Changes) -> Result<Outcome> {
        let (lifetime, now) = (self.store().lifetime(), Utc::now());
        let data = data_after(before, changes)?;
        let begun = before.map_or(Some(now), |loaded| loaded.created_at);
        let end = lifetime.end(&data, begun, now);
        Ok(Outcome::Set { key, age: lifetime.cookie_age(&data, end) })
    }
}

/// What the session holds after the changes, as far as this request knows.
fn data_after(before: Option<&Loaded>, changes: &Changes) -> Result<Map<String, Value>> {
    Ok(changes.apply(before.map(|loaded| loaded.data.clone()).unwrap_or_default())?)
}
