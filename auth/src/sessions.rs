//! A user's sessions: where they are signed in, and how to end that.

use crate::{AbstractUser, get_user};
use nuages::chrono::{DateTime, TimeDelta, Utc};
use nuages::sessions::SessionInfo;
use nuages::{Error, RequestExt, Result};
use poem::Request;
use serde::Serialize;
use std::net::IpAddr;
use std::sync::Arc;

/// One of the signed-in user's sessions, as their list shows it.
#[derive(Clone, Debug, Serialize)]
pub struct UserSession {
    /// What it is called when it is to be ended; nobody can sign in with it.
    pub id: String,
    /// The browser and the system, such as `Firefox on Linux`; empty where the store does not know.
    pub device: String,
    /// The address that it began from, without its last part.
    pub address: String,
    /// When it began, where the store knows.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute or so.
    pub last_seen_at: DateTime<Utc>,
    /// The same in words: `5 minutes ago`.
    pub last_seen: String,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// The signed-in user's sessions, the one that asks first, then the last used.
///
/// # Errors
/// [`Error::PermissionDenied`] for a stranger; [`Error::NotFound`] if the session store cannot find them.
pub async fn user_sessions<U: AbstractUser>(request: &Request) -> Result<Vec<UserSession>> {
    let user = signed_in::<U>(request).await?;
    let found = request.session().store().of_user(&user.key().to_string()).await?;
    let current = request.session().id();
    let mut sessions: Vec<_> = found.into_iter().map(|info| shown(info, current.as_deref())).collect();
    sessions.sort_by_key(|session| !session.is_current);
    Ok(sessions)
}

/// Ends one of the signed-in user's sessions by its [`id`](UserSession::id), the one that asks too; `false` if they have none of
/// that id.
///
/// # Errors
/// As [`user_sessions`].
pub async fn end_session<U: AbstractUser>(request: &Request, id: &str) -> Result<bool> {
    let user = signed_in::<U>(request).await?;
    if request.session().id().as_deref() == Some(id) {
        return crate::logout(request).await.map(|()| true);
    }
    request.session().store().end(&user.key().to_string(), id).await
}

/// Ends all of the signed-in user's sessions but the one that asks, and says how many.
///
/// # Errors
/// As [`user_sessions`].
pub async fn end_other_sessions<U: AbstractUser>(request: &Request) -> Result<usize> {
    let mut ended = 0;
    for session in user_sessions::<U>(request).await?.iter().filter(|session| !session.is_current) {
        ended += usize::from(end_session::<U>(request, &session.id).await?);
    }
    Ok(ended)
}

async fn signed_in<U: AbstractUser>(request: &Request) -> Result<Arc<U>> {
    let stranger = || Error::PermissionDenied("only a signed-in user has sessions to look at".into());
    get_user::<U>(request).await?.ok_or_else(stranger)
}

fn shown(info: SessionInfo, current: Option<&str>) -> UserSession {
    UserSession {
        is_current: current == Some(info.id.as_str()),
        device: device(&info.origin.user_agent),
        address: shortened(&info.origin.address),
        created_at: info.created_at,
        last_seen_at: info.last_seen_at,
        last_seen: ago(Utc::now() - info.last_seen_at),
        id: info.id,
    }
}

/// The first that fits: a browser's name for itself names those that it wants to be taken for too.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// What people call the browser and the system.
pub(crate) fn device(user_agent: &str) -> String {
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(part, _)| user_agent.contains(part)).map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => user_agent.chars().take(40).collect(),
    }
}

/// An address without the part that tells one house from the next: enough to know it by, not to find it.
pub(crate) fn shortened(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.x")
        }
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:x")
        }
        Err(_) => String::new(),
    }
}

/// How long ago, as people say it.
pub(crate) fn ago(time: TimeDelta) -> String {
    let units = [(time.num_days(), "day"), (time.num_hours(), "hour"), (time.num_minutes(), "minute")];
    match units.into_iter().find(|(number, _)| *number > 0) {
        Some((1, unit)) => format!("1 {unit} ago"),
        Some((number, unit)) => format!("{number} {unit}s ago"),
        None => "just now".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_called_as_people_call_it() {
        for (agent, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "curl"),
            ("something of one's own", "something of one's own"),
            ("", ""),
        ] {
            assert_eq!(device(agent), name, "{agent}");
        }
    }

    #[test]
    fn an_address_loses_its_last_part() {
        assert_eq!(shortened("203.0.113.77"), "203.0.113.x");
        assert_eq!(shortened("2001:db8:1:2::3"), "2001:db8:1:x");
        assert_eq!(shortened("nowhere"), "");
    }

    #[test]
    fn a_time_is_told_in_its_largest_unit() {
        for (seconds, text) in [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7200, "2 hours ago"),
            (180_000, "2 days ago"),
        ] {
            assert_eq!(ago(TimeDelta::seconds(seconds)), text);
        }
    }
}
