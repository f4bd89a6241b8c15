//! How long a session lives.

use crate::settings::{SessionStoreKind, Settings};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value};
use std::time::Duration;

/// Where a session keeps a lifetime of its own; Django's name and form.
const NAME: &str = "_session_expiry";
/// How long a session is in use before that is written down once more.
const RENEWAL: TimeDelta = TimeDelta::minutes(1);

/// When a session ends: `session.set_expiry(Duration::from_secs(300))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// So many seconds after its last use. None or fewer: at once.
    Seconds(i64),
    /// At a moment, whatever happens.
    At(DateTime<Utc>),
    /// When the browser is closed; forgotten here after `session_browser_close_age`.
    BrowserClose,
    /// As the settings say.
    Default,
}

impl From<Duration> for Expiry {
    fn from(age: Duration) -> Self {
        Self::Seconds(i64::try_from(age.as_secs()).unwrap_or(i64::MAX))
    }
}

impl From<DateTime<Utc>> for Expiry {
    fn from(moment: DateTime<Utc>) -> Self {
        Self::At(moment)
    }
}

impl Expiry {
    /// Name and value in the session's data.
    pub(super) fn entry(self) -> (&'static str, Option<Value>) {
        let value = match self {
            Self::Seconds(seconds) => Some(if seconds == 0 { -1 } else { seconds }.into()),
            Self::At(moment) => Some(isoformat(moment).into()),
            Self::BrowserClose => Some(0.into()),
            Self::Default => None,
        };
        (NAME, value)
    }

    /// What a session's data say.
    pub(super) fn of(data: &Map<String, Value>) -> Self {
        match data.get(NAME) {
            Some(Value::Number(number)) => match number.as_i64() {
                Some(0) => Self::BrowserClose,
                Some(seconds) => Self::Seconds(seconds),
                None => Self::Default,
            },
            Some(Value::String(text)) => DateTime::parse_from_rfc3339(text)
                .map_or(Self::Default, |moment| Self::At(moment.with_timezone(&Utc))),
            _ => Self::Default,
        }
    }
}

/// As Python writes it: `2026-11-25T12:00:00.500000+00:00`.
fn isoformat(moment: DateTime<Utc>) -> String {
    let format = match moment.timestamp_subsec_micros() {
        0 => SecondsFormat::Secs,
        _ => SecondsFormat::Micros,
    };
    moment.to_rfc3339_opts(format, false)
}

/// How long the sessions of a site live, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// After the last use.
    pub age: i64,
    /// The same, for those that end when the browser is closed.
    pub browser_close_age: i64,
    /// After the beginning, however much they are used.
    pub absolute_age: Option<i64>,
    /// Whether they end when the browser is closed, unless they say otherwise.
    pub at_browser_close: bool,
    /// Whether use alone prolongs them; otherwise only a change does.
    pub slides: bool,
}

impl Lifetime {
    /// What the settings say.
    pub fn of(settings: &Settings) -> Self {
        let is_django = settings.session_store == SessionStoreKind::Django;
        let age = settings.session_cookie_age;
        Self {
            age,
            browser_close_age: if is_django { age } else { settings.session_browser_close_age.min(age) },
            // Django's table does not say when a session began.
            absolute_age: settings.session_absolute_age.filter(|_| !is_django),
            at_browser_close: settings.session_expire_at_browser_close,
            slides: !is_django || settings.session_save_every_request,
        }
    }

    /// When a session with these data ends that began at `created_at` and was used `now`.
    pub fn end(
        &self,
        data: &Map<String, Value>,
        created_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let end = match Expiry::of(data) {
            Expiry::At(moment) => moment,
            Expiry::Seconds(seconds) => later(now, seconds),
            Expiry::BrowserClose => later(now, self.browser_close_age),
            Expiry::Default if self.at_browser_close => later(now, self.browser_close_age),
            Expiry::Default => later(now, self.age),
        };
        let last = created_at.zip(self.absolute_age).map(|(begun, age)| later(begun, age));
        last.map_or(end, |last| end.min(last))
    }

    /// Until when the browser keeps the cookie of such a session; `None` is until it is closed.
    pub(super) fn cookie_end(
        &self,
        data: &Map<String, Value>,
        created_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        match Expiry::of(data) {
            Expiry::BrowserClose => None,
            Expiry::Default if self.at_browser_close => None,
            _ => Some(self.end(data, created_at, now)),
        }
    }

    /// Whether the use of a session that was seen, and ends, then is worth writing down.
    pub(super) fn is_renewal_due(&self, seen: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.slides && now - seen >= RENEWAL
    }
}

/// A moment that no calendar has is the last one that Django's can write.
fn later(moment: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    let last = || DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let delta = TimeDelta::try_seconds(seconds);
    delta
        .and_then(|delta| moment.checked_add_signed(delta))
        .filter(|then| *then < last())
        .unwrap_or_else(last)
}
