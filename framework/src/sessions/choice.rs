//! Which store a site's sessions are in.

#[cfg(feature = "redis")]
use super::cached_database::CachedDatabaseStore;
use super::database::DatabaseStore;
use super::django::DjangoStore;
use super::expiry::Lifetime;
#[cfg(feature = "redis")]
use super::redis::RedisStore;
use super::signed_cookie::SignedCookieStore;
use super::store::SessionStore;
use crate::db::Database;
#[cfg(not(feature = "redis"))]
use crate::error::Error;
use crate::error::Result;
use crate::settings::{SessionStoreKind, Settings};
use std::sync::Arc;

/// Makes a site's store, once.
pub type MakeStore = Arc<dyn Fn(&Arc<Settings>, &Database) -> Result<Arc<dyn SessionStore>> + Send + Sync>;

/// The store that `session_store` names.
///
/// # Errors
/// [`Error::NotReady`](crate::Error::NotReady) if a setting that it needs is wrong or missing, or `nuages` is built without what it
/// needs.
pub fn from_settings(settings: &Arc<Settings>, db: &Database) -> Result<Arc<dyn SessionStore>> {
    Ok(match settings.session_store {
        SessionStoreKind::Database => Arc::new(DatabaseStore::new(db.clone(), Lifetime::of(settings))),
        SessionStoreKind::SignedCookie => Arc::new(SignedCookieStore::new(settings)),
        SessionStoreKind::Django => Arc::new(DjangoStore::new(db.clone(), settings)),
        #[cfg(feature = "redis")]
        SessionStoreKind::Redis => Arc::new(RedisStore::new(settings)?),
        #[cfg(feature = "redis")]
        SessionStoreKind::CachedDatabase => Arc::new(CachedDatabaseStore::new(db.clone(), settings)?),
        #[cfg(not(feature = "redis"))]
        SessionStoreKind::Redis | SessionStoreKind::CachedDatabase => {
            let text = "SESSION_STORE needs Redis, and this site is built without it; add the feature `redis` to `nuages` in Cargo.toml";
            return Err(Error::NotReady(text.into()));
        }
    })
}

#[cfg(all(test, not(feature = "redis")))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_site_that_is_built_without_redis_says_what_to_add() {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        for session_store in [SessionStoreKind::Redis, SessionStoreKind::CachedDatabase] {
            let settings = Arc::new(Settings { session_store, ..Settings::default() });
            let error = from_settings(&settings, &db).err().unwrap();
            assert_eq!(error.exit_code(), 3);
            assert!(error.to_string().contains("add the feature `redis`"), "{error}");
        }
    }
}
