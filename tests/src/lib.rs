//! What the tests of the promises share.

pub mod accounts;
pub mod bare;
pub mod broken;
#[cfg(feature = "browser")]
pub mod browser;
pub mod django;
pub mod history;
pub mod kind;
pub mod library;
pub mod logged;
pub mod long;
pub mod mail_server;
pub mod place;
pub mod press;
pub mod process;
#[cfg(feature = "redis")]
pub mod redis_keys;
#[cfg(feature = "redis")]
pub mod redis_server;
pub mod server;
pub mod shop;
pub mod site;
pub mod table;
pub mod tls;
pub mod two_factor;

/// Makes one test of each promise for every database. A promise is an async function of a [`kind::Kind`]; the macro
/// makes names only: `sqlite::a_promise`, `postgres::a_promise`, `mysql::a_promise`.
///
/// ```
/// async fn a_site_answers(on: nuages_tests::kind::Kind) {
///     nuages_tests::site::client(on).await.get("/plain/").await.assert_ok();
/// }
/// nuages_tests::promises!(a_site_answers);
/// ```
#[macro_export]
macro_rules! promises {
    ($($promise:ident),* $(,)?) => {
        $crate::promises_on!(sqlite, Sqlite, $($promise),*);
        #[cfg(feature = "postgres")]
        $crate::promises_on!(postgres, Postgres, $($promise),*);
        #[cfg(feature = "mysql")]
        $crate::promises_on!(mysql, MySql, $($promise),*);
    };
}

/// The tests of [`promises!`](crate::promises) for one database.
#[doc(hidden)]
#[macro_export]
macro_rules! promises_on {
    ($module:ident, $kind:ident, $($promise:ident),*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    super::$promise($crate::kind::Kind::$kind).await;
                }
            )*
        }
    };
}

/// Makes one test of each promise for every session store on every database. A promise is an async function of a
/// [`place::Place`]; the names are `sqlite_database::a_promise`, `sqlite_django::a_promise` and so on.
#[macro_export]
macro_rules! promises_of_stores {
    ($($promise:ident),* $(,)?) => {
        $crate::promises_in!(sqlite_database, Sqlite, Database, $($promise),*);
        $crate::promises_in!(sqlite_django, Sqlite, Django, $($promise),*);
        #[cfg(feature = "postgres")]
        $crate::promises_in!(postgres_database, Postgres, Database, $($promise),*);
        #[cfg(feature = "postgres")]
        $crate::promises_in!(postgres_django, Postgres, Django, $($promise),*);
        #[cfg(feature = "mysql")]
        $crate::promises_in!(mysql_database, MySql, Database, $($promise),*);
        #[cfg(feature = "mysql")]
        $crate::promises_in!(mysql_django, MySql, Django, $($promise),*);
        #[cfg(feature = "redis")]
        $crate::promises_in!(sqlite_redis, Sqlite, Redis, $($promise),*);
        #[cfg(feature = "redis")]
        $crate::promises_in!(sqlite_cached_database, Sqlite, CachedDatabase, $($promise),*);
        #[cfg(all(feature = "redis", feature = "postgres"))]
        $crate::promises_in!(postgres_cached_database, Postgres, CachedDatabase, $($promise),*);
    };
}

/// The tests of [`promises_of_stores!`](crate::promises_of_stores) in one place.
#[doc(hidden)]
#[macro_export]
macro_rules! promises_in {
    ($module:ident, $kind:ident, $store:ident, $($promise:ident),*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    let (on, store) = ($crate::kind::Kind::$kind, nuages::SessionStoreKind::$store);
                    super::$promise($crate::place::Place { on, store }).await;
                }
            )*
        }
    };
}
