//! What becomes of a session when its request ends.

use super::USER_ID;
use super::changes::{Change, Changes};
use super::session::{Pending, Session};
use super::store::Loaded;
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// What the visitor's cookie has to become.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Unchanged,
    /// `end` is until when the browser keeps it; `None` is until it is closed.
    Set {
        key: String,
        end: Option<DateTime<Utc>>,
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
        let Some((key, loaded)) = self.cookie().zip(self.seen()) else { return Ok(Outcome::Unchanged) };
        let unchanged = Changes::default();
        if !self.store().lifetime().is_renewal_due(loaded.seen_at, Utc::now())
            || !self.store().update(key, Some(loaded), &unchanged).await?
        {
            return Ok(Outcome::Unchanged);
        }
        self.keep(key, &unchanged)
    }

    /// Under a new key. If the session has ended meanwhile, only what stands without its data is kept: a sign-in, and
    /// what was set without a look at it.
    async fn renew(&self, key: &str, changes: &Changes) -> Result<Outcome> {
        let signs_in = matches!(changes.values.get(USER_ID), Some(Change::Set(_)));
        let stands_alone = self.seen().is_none() || changes.cleared || signs_in;
        match self.create(Some(key), changes).await {
            Err(Error::SessionInterrupted) if changes.is_empty() => Ok(Outcome::Unchanged),
            Err(Error::SessionInterrupted) if stands_alone => self.create(None, changes).await,
            outcome => outcome,
        }
    }

    async fn create(&self, replaces: Option<&str>, changes: &Changes) -> Result<Outcome> {
        let key = self.store().create(replaces, changes, &self.0.sender.origin()).await?;
        let before = replaces.and_then(|_| self.seen());
        Ok(self.set_cookie(key, before, &data_after(before, changes)?))
    }

    async fn update_stored(&self, key: &str, changes: &Changes) -> Result<Outcome> {
        match self.store().update(key, self.seen(), changes).await? {
            true => self.keep(key, changes),
            false => Err(Error::SessionInterrupted),
        }
    }

    /// The cookie of a session that was updated.
    fn keep(&self, key: &str, changes: &Changes) -> Result<Outcome> {
        let data = data_after(self.seen(), changes)?;
        let key = self.store().key_after(key, &data)?;
        Ok(self.set_cookie(key, self.seen(), &data))
    }

    fn set_cookie(&self, key: String, before: Option<&Loaded>, data: &Map<String, Value>) -> Outcome {
        let now = Utc::now();
        let begun = before.map_or(Some(now), |loaded| loaded.created_at);
        Outcome::Set { key, end: self.store().lifetime().cookie_end(data, begun, now) }
    }
}

/// What the session holds after the changes, as far as this request knows.
fn data_after(before: Option<&Loaded>, changes: &Changes) -> Result<Map<String, Value>> {
    Ok(changes.apply(before.map(|loaded| loaded.data.clone()).unwrap_or_default())?)
}
