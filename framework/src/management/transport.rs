//! What `check` says of the ways to the database and to Redis.

use crate::checks::Check;
use crate::db::Transport;
use crate::settings::Settings;

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    if settings.debug {
        return Vec::new();
    }
    let database = weak_database(Transport::of(settings.database_url.expose()));
    database.into_iter().chain(open_redis(settings)).collect()
}

/// A decision of who runs the site, which is told to whoever comes after.
fn weak_database(transport: Transport) -> Option<Check> {
    let Transport::Chosen { host, mode, best } = transport else { return None };
    let text =
        format!("DATABASE_URL says {mode}, so nothing proves that who answers is the database at {host}");
    let hint = format!("write {best}, unless nobody else can reach that network");
    Some(Check::warning("database.W001", text, hint))
}

#[cfg(feature = "redis")]
fn open_redis(settings: &Settings) -> Option<Check> {
    use redis::{ConnectionAddr, IntoConnectionInfo};
    let info = settings.redis_url.as_ref()?.expose().into_connection_info().ok()?;
    let ConnectionAddr::Tcp(host, _) = info.addr() else { return None };
    let text = format!("what goes to Redis at {host} is not encrypted");
    let hint = "nobody else may reach that network; or put Redis on this machine";
    crate::db::is_elsewhere(host).then(|| Check::warning("redis.W001", text, hint))
}

#[cfg(not(feature = "redis"))]
fn open_redis(_settings: &Settings) -> Option<Check> {
    None
}

#[cfg(test)]
mod tests {
    #[cfg(any(feature = "postgres", feature = "redis"))]
    use super::*;

    #[cfg(any(feature = "postgres", feature = "redis"))]
    fn ids(settings: Settings) -> Vec<&'static str> {
        checks(&settings).into_iter().map(|check| check.id).collect()
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_weaker_way_to_the_database_is_told_outside_debug() {
        for (mode, found) in
            [("disable", &["database.W001"][..]), ("require", &["database.W001"]), ("verify-full", &[])]
        {
            let url = format!("postgres://ann:canary@db.example/x?sslmode={mode}");
            let settings = Settings { database_url: url.into(), ..Settings::default() };
            assert!(checks(&settings).iter().all(|check| !check.to_string().contains("canary")));
            assert_eq!(ids(Settings { debug: true, ..settings.clone() }), [""; 0]);
            assert_eq!(ids(settings), found, "{mode}");
        }
    }

    #[cfg(feature = "redis")]
    #[test]
    fn redis_on_another_machine_is_told_outside_debug() {
        for (url, found) in [
            ("redis://ann:canary@cache.example/0", &["redis.W001"][..]),
            ("redis://127.0.0.1:6379/0", &[]),
            ("redis+unix:///run/redis.sock", &[]),
        ] {
            assert_eq!(ids(Settings { redis_url: Some(url.into()), ..Settings::default() }), found, "{url}");
        }
    }
}
