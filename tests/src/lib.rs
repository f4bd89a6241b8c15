//! What the tests of the promises share.

pub mod broken;
#[cfg(feature = "browser")]
pub mod browser;
pub mod django;
pub mod history;
pub mod kind;
pub mod long;
pub mod process;
pub mod shop;
pub mod site;
pub mod table;

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
