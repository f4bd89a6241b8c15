//! Where sessions are kept: every store on every database.

use crate::kind::Kind;
#[cfg(feature = "redis")]
use crate::redis_keys;
use crate::site;
use crate::table::{run, texts};
use nuages::chrono::{DateTime, TimeDelta, Utc};
use nuages::test::{Answer, Client};
use nuages::{Project, SessionStoreKind};

/// A session store on a database.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The database.
    pub on: Kind,
    /// The store.
    pub store: SessionStoreKind,
}

impl Place {
    /// The site in debug, with its sessions here.
    pub fn project(self) -> Project {
        site::project(self.on).settings(|settings| {
            settings.session_store = self.store;
            #[cfg(feature = "redis")]
            if matches!(self.store, SessionStoreKind::Redis | SessionStoreKind::CachedDatabase) {
                redis_keys::settings(settings);
            }
        })
    }

    /// A visitor of the site in debug.
    pub async fn client(self) -> Client {
        Client::new(self.project()).await
    }
}

/// Whether a site's sessions are in Redis alone.
#[cfg(feature = "redis")]
fn are_in_redis(client: &Client) -> bool {
    client.settings().session_store == SessionStoreKind::Redis
}

/// The table that a site's sessions are in, and the column that holds what they hold.
fn table(client: &Client) -> (&'static str, &'static str) {
    match client.settings().session_store {
        SessionStoreKind::Django => ("django_session", "session_data"),
        SessionStoreKind::SignedCookie => panic!("sessions in cookies are in no table"),
        _ => ("sessions_session", "data"),
    }
}

/// Changes the rows of all sessions past their store.
async fn update(client: &Client, change: &str) {
    run(client.db(), &format!("UPDATE {} SET {change}", table(client).0)).await;
    #[cfg(feature = "redis")]
    if client.settings().session_store == SessionStoreKind::CachedDatabase {
        redis_keys::remove(client, "cached_session").await;
    }
}

/// How many sessions there are, dead ones too.
pub async fn count(client: &Client) -> usize {
    #[cfg(feature = "redis")]
    if are_in_redis(client) {
        return redis_keys::of(client, "session").await.len();
    }
    let (table, data) = table(client);
    texts(client.db(), table, data).await.len()
}

/// Lets all sessions have expired long ago, and answers how many of them are there yet.
pub async fn expire_all(client: &Client) -> usize {
    #[cfg(feature = "redis")]
    if are_in_redis(client) {
        for key in redis_keys::of(client, "session").await {
            redis_keys::ask::<()>(client, &["PEXPIRE", &key, "-1"]).await;
        }
        return 0;
    }
    update(client, "expire_date = '2020-01-01 00:00:00'").await;
    count(client).await
}

/// Puts something else in the place of what all sessions hold.
pub async fn overwrite_all(client: &Client, data: &str) {
    #[cfg(feature = "redis")]
    if are_in_redis(client) {
        return redis_keys::set(client, "data", data).await;
    }
    update(client, &format!("{} = '{data}'", table(client).1)).await;
}

/// Makes all sessions last used so many seconds earlier than they were.
pub async fn age_all(client: &Client, seconds: i64) {
    let seen = Utc::now() - TimeDelta::seconds(seconds);
    #[cfg(feature = "redis")]
    if are_in_redis(client) {
        return redis_keys::set(client, "last_seen_at", &seen.to_rfc3339()).await;
    }
    let text = |moment: DateTime<Utc>| moment.format("%Y-%m-%d %H:%M:%S").to_string();
    let ends = format!("expire_date = '{}'", text(seen + TimeDelta::days(14)));
    match client.settings().session_store {
        SessionStoreKind::Django => update(client, &ends).await,
        _ => update(client, &format!("last_seen_at = '{}', {ends}", text(seen))).await,
    }
}

/// What another process has to be told to find a site's sessions.
pub fn environment(client: &Client) -> Vec<(&'static str, String)> {
    let settings = client.settings();
    let store = match settings.session_store {
        SessionStoreKind::Database => "database",
        SessionStoreKind::Django => "django",
        SessionStoreKind::SignedCookie => "signed_cookie",
        SessionStoreKind::Redis => "redis",
        SessionStoreKind::CachedDatabase => "cached_database",
    };
    let redis = settings.redis_url.iter().map(|url| ("REDIS_URL", url.expose().to_owned()));
    let prefix = ("SESSION_REDIS_PREFIX", settings.session_redis_prefix.clone());
    redis.chain([("SESSION_STORE", store.to_owned()), prefix]).collect()
}

/// The attributes of a cookie that an answer sets, sorted.
///
/// # Panics
/// If it sets none of this name.
pub fn attributes(answer: &Answer, name: &str) -> Vec<String> {
    let line = answer.headers("set-cookie").find(|line| line.starts_with(&format!("{name}=")));
    let line = line.unwrap_or_else(|| panic!("no cookie {name}: {answer:?}")).to_owned();
    let mut attributes: Vec<_> = line.split("; ").skip(1).map(str::to_owned).collect();
    attributes.sort();
    attributes
}
