//! How many statements something costs.

use super::Client;
use std::panic::Location;

impl Client {
    /// Runs `work`, and answers the statements that reached the site's database meanwhile, whoever sent them; those of plain
    /// sqlx are not among them.
    pub async fn queries<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        self.db().listen();
        let done = work.await;
        (done, self.db().heard())
    }

    /// Fails unless `work` sends so many statements to the site's database; a transaction's beginning and end count too.
    ///
    /// ```no_run
    /// # async fn run(client: nuages::test::Client) {
    /// client.assert_num_queries(1, client.get("/")).await.assert_ok();
    /// # }
    /// ```
    #[track_caller]
    pub fn assert_num_queries<T>(
        &self,
        expected: usize,
        work: impl Future<Output = T>,
    ) -> impl Future<Output = T> {
        let place = Location::caller();
        async move {
            let (done, queries) = self.queries(work).await;
            let found = queries.len();
            let list = queries.join("\n  ");
            assert!(
                found == expected,
                "{place}: {expected} queries expected, but there were {found}:\n  {list}"
            );
            done
        }
    }
}
