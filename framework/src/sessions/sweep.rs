//! Expired sessions go: while the site is served, and by `clearsessions`.

use super::store::SessionStore;
use std::sync::Arc;
use std::time::Duration;

/// Until the first sweep after the start, and from one to the next.
pub(super) const FIRST: Duration = Duration::from_secs(60);
pub(super) const EVERY: Duration = Duration::from_secs(60 * 60);

/// Sweeps for ever. A store that is away is swept the next time.
pub(super) async fn sweep(store: Arc<dyn SessionStore>, first: Duration, every: Duration) {
    tokio::time::sleep(first).await;
    loop {
        match store.clear_expired().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!("removed {removed} expired sessions"),
            Err(error) => tracing::warn!("expired sessions could not be removed: {error}"),
        }
        tokio::time::sleep(every).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::db::{Database, Model};
    use crate::sessions::database::SessionRow;
    use crate::sessions::{DatabaseStore, Lifetime};
    use chrono::{TimeDelta, Utc};

    async fn store_with(expired: usize, living: usize) -> (Database, Arc<dyn SessionStore>) {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        let app = [("sessions", super::super::migrations::all())];
        crate::migrations::migrate(&db, &Sessions(app)).await.unwrap();
        let now = Utc::now();
        let row = |number: usize| SessionRow {
            key_hash: number.to_string(),
            user_id: None,
            data: "{}".into(),
            version: 1,
            created_at: now,
            last_seen_at: now,
            expire_date: now + TimeDelta::hours(if number < expired { -1 } else { 1 }),
            user_agent: String::new(),
            address: String::new(),
        };
        SessionRow::objects(&db).bulk_create((0..expired + living).map(row)).await.unwrap();
        let store = DatabaseStore::new(db.clone(), Lifetime::of(&Settings::default()));
        (db, Arc::new(store))
    }

    struct Sessions([(&'static str, Vec<crate::migrations::Migration>); 1]);

    impl crate::migrations::Histories for Sessions {
        fn migrations(&self) -> Vec<(&str, &[crate::migrations::Migration])> {
            self.0.iter().map(|(app, all)| (*app, all.as_slice())).collect()
        }
    }

    #[tokio::test]
    async fn more_than_a_batch_goes_and_the_living_stay() {
        let (db, store) = store_with(2500, 3).await;
        assert_eq!(store.clear_expired().await.unwrap(), 2500);
        assert_eq!(SessionRow::objects(&db).count().await.unwrap(), 3);
        assert_eq!(store.clear_expired().await.unwrap(), 0);
    }

    #[tokio::test]
    async fn it_sweeps_while_the_site_is_served() {
        let (db, store) = store_with(5, 1).await;
        let short = Duration::from_millis(5);
        let sweeper = tokio::spawn(sweep(store, short, short));
        let swept = async {
            while SessionRow::objects(&db).count().await.unwrap() > 1 {
                tokio::time::sleep(short).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), swept).await.unwrap();
        sweeper.abort();
    }
}
