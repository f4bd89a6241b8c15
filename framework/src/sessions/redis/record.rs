//! A session as it lies in Redis: the fields of a hash.

use crate::error::Result;
use crate::sessions::store::{Loaded, Origin, SessionInfo, Version, decode, user_id};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value};

/// What a script answers for the fields of a session, in order; any may be missing, or hold anything.
pub(super) type Fields = Vec<Option<Vec<u8>>>;

pub(super) struct Record {
    pub(super) data: Map<String, Value>,
    pub(super) version: Version,
    pub(super) created_at: Option<DateTime<Utc>>,
    pub(super) last_seen_at: DateTime<Utc>,
    pub(super) origin: Origin,
}

impl Record {
    /// A new one.
    pub(super) fn first(
        data: Map<String, Value>,
        created_at: Option<DateTime<Utc>>,
        origin: &Origin,
    ) -> Self {
        let (now, version) = (Utc::now(), Version::Count(1));
        let created_at = Some(created_at.unwrap_or(now));
        Self { data, version, created_at, last_seen_at: now, origin: origin.clone() }
    }

    /// The one that follows what a request has loaded. Where it comes from is known to Redis alone.
    pub(super) fn next(data: Map<String, Value>, before: &Loaded) -> Self {
        let version = match before.version {
            Version::Count(count) => Version::Count(count.wrapping_add(1)),
            Version::Text(_) => Version::Count(1),
        };
        let (created_at, origin) = (before.created_at, Origin::default());
        Self { data, version, created_at, last_seen_at: Utc::now(), origin }
    }

    /// What cannot be read counts as empty.
    pub(super) fn read(fields: Fields) -> Self {
        let mut fields = fields.into_iter().map(|field| field.unwrap_or_default());
        let mut next = || fields.next().map(text).unwrap_or_default();
        let (data, version) = (decode(&next()), version(next()));
        let (created_at, last_seen_at) = (moment(&next()), moment(&next()).unwrap_or_else(Utc::now));
        let origin = Origin { user_agent: next(), address: next() };
        Self { data, version, created_at, last_seen_at, origin }
    }

    /// Names and values of the fields that change with every save.
    pub(super) fn state(&self) -> Result<Vec<(&'static str, String)>> {
        Ok(vec![
            ("data", serde_json::to_string(&self.data)?),
            ("version", version_text(&self.version)),
            ("last_seen_at", timestamp(self.last_seen_at)),
            ("user_id", self.user_id()),
        ])
    }

    /// Those of all fields.
    pub(super) fn fields(&self) -> Result<Vec<(&'static str, String)>> {
        let mut fields = self.state()?;
        fields.push(("created_at", self.created_at.map(timestamp).unwrap_or_default()));
        fields.push(("user_agent", self.origin.user_agent.clone()));
        fields.push(("address", self.origin.address.clone()));
        Ok(fields)
    }

    /// Whose it is; nothing if nobody's.
    pub(super) fn user_id(&self) -> String {
        user_id(&self.data).unwrap_or_default()
    }

    pub(super) fn loaded(self) -> Loaded {
        let Self { data, version, created_at, last_seen_at: seen_at, .. } = self;
        Loaded { data, version, created_at, seen_at, companion: None }
    }

    pub(super) fn info(self, id: String, milliseconds: i64) -> SessionInfo {
        SessionInfo {
            id,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            expires_at: Utc::now() + TimeDelta::try_milliseconds(milliseconds).unwrap_or_default(),
            origin: self.origin,
        }
    }
}

/// As the script that saves compares it.
pub(super) fn version_text(version: &Version) -> String {
    match version {
        Version::Count(count) => count.to_string(),
        Version::Text(text) => text.clone(),
    }
}

/// A version that is no number, which nobody of ours has written, is kept as it is, to be compared.
fn version(text: String) -> Version {
    text.parse().map_or(Version::Text(text), Version::Count)
}

fn timestamp(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.with_timezone(&Utc))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
