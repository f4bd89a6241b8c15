//! A loaded session as text.

use crate::sessions::store::{Loaded, Version};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;

#[derive(Serialize, Deserialize)]
pub(super) struct Entry<'a> {
    data: Cow<'a, Map<String, Value>>,
    version: i64,
    created_at: Option<DateTime<Utc>>,
    seen_at: DateTime<Utc>,
}

impl Entry<'_> {
    /// `None` for a session that no text can be made of.
    pub(super) fn text(loaded: &Loaded) -> Option<String> {
        let Version::Count(version) = loaded.version else { return None };
        let Loaded { created_at, seen_at, .. } = *loaded;
        serde_json::to_string(&Entry { data: Cow::Borrowed(&loaded.data), version, created_at, seen_at }).ok()
    }

    /// `None` for anything else.
    pub(super) fn read(bytes: &[u8]) -> Option<Loaded> {
        let Entry { data, version, created_at, seen_at } = serde_json::from_slice(bytes).ok()?;
        let (data, version) = (data.into_owned(), Version::Count(version));
        Some(Loaded { data, version, created_at, seen_at, companion: None })
    }
}
