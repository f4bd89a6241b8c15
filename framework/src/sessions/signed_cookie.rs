//! Sessions in the visitor's own cookie, signed: Django's `signed_cookies`.
//!
//! There is no table, and nothing to look up. What it cannot promise, because the site keeps nothing:
//!
//! - A session that was ended can be played back from a copy of its cookie until it expires; nobody is signed out elsewhere, and
//!   there is no list of a user's sessions. A change of the password ends them all, as ever.
//! - Of two requests at once the last one that is answered wins.
//! - The visitor can read what is in it: signed is not secret.
//! - It holds what fits into a cookie, about 4000 bytes; more is an error.

use super::changes::Changes;
use super::companion::Companion;
use super::expiry::Lifetime;
use super::store::{Loaded, Origin, SessionStore, Version};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::signing::{Signer, from_base62};
use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, ready};
use serde_json::{Map, Value};

const SALT: &str = "django.contrib.sessions.backends.signed_cookies";
/// No browser keeps more.
const LONGEST: usize = 4096;

/// Sessions in signed cookies.
pub struct SignedCookieStore {
    lifetime: Lifetime,
    signer: Signer,
}

impl SignedCookieStore {
    /// A store that signs with the keys of the settings.
    pub fn new(settings: &Settings) -> Self {
        // Nothing but the cookie says when it began.
        let lifetime = Lifetime { absolute_age: None, ..Lifetime::of(settings) };
        Self { lifetime, signer: Signer::new(settings.keys(), SALT) }
    }

    fn read(&self, key: &str) -> Option<Loaded> {
        let data: Map<String, Value> = self.signer.loads(key, None, Utc::now()).ok()?;
        let seen_at = signed_at(key)?;
        let is_living = self.lifetime.end(&data, None, seen_at) > Utc::now();
        let version = Version::Text(String::new());
        is_living.then_some(Loaded { data, version, created_at: None, seen_at, companion: None })
    }

    fn write(&self, data: &Map<String, Value>) -> Result<String> {
        Ok(self.signer.dumps_compressed(data, Utc::now())?)
    }
}

/// The time in a signed value: `payload:time:signature`.
fn signed_at(key: &str) -> Option<DateTime<Utc>> {
    let time = key.rsplit(':').nth(1)?;
    DateTime::from_timestamp(from_base62(time)?, 0)
}

impl SessionStore for SignedCookieStore {
    fn is_key(&self, value: &str) -> bool {
        value.len() <= LONGEST && value.contains(':')
    }

    fn load<'a>(&'a self, key: &'a str, _: Option<&'a Companion>) -> BoxFuture<'a, Result<Option<Loaded>>> {
        Box::pin(ready(Ok(self.read(key))))
    }

    fn create<'a>(
        &'a self,
        replaces: Option<&'a str>,
        changes: &'a Changes,
        _: &'a Origin,
    ) -> BoxFuture<'a, Result<String>> {
        let before = match replaces {
            None => Ok(Map::new()),
            Some(old) => self.read(old).map(|loaded| loaded.data).ok_or(Error::SessionInterrupted),
        };
        let made = before.and_then(|data| self.write(&changes.apply(data)?));
        Box::pin(ready(made))
    }

    /// The cookie alone changes; see [`key_after`](SessionStore::key_after).
    fn update<'a>(
        &'a self,
        key: &'a str,
        _: Option<&'a Loaded>,
        _: &'a Changes,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(ready(Ok(self.read(key).is_some())))
    }

    fn key_after(&self, _: &str, data: &Map<String, Value>) -> Result<String> {
        self.write(data)
    }

    fn delete<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(ready(Ok(())))
    }

    fn clear_expired(&self) -> BoxFuture<'_, Result<u64>> {
        Box::pin(ready(Ok(0)))
    }

    fn lifetime(&self) -> Lifetime {
        self.lifetime
    }
}
