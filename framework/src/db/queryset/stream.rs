//! Rows one after the other, for those who have too many to hold at once.

use super::QuerySet;
use crate::db::model::Model;
use crate::error::Result;
use futures_util::stream::BoxStream;

impl<M: Model> QuerySet<M> {
    /// The rows one after the other, while the database still reads: memory holds a few of them at a time.
    ///
    /// Until it is read to its end or dropped, the stream holds one connection.
    ///
    /// ```no_run
    /// # use nuages::{Database, Model, Result};
    /// # #[derive(Clone, Debug, Model)]
    /// # #[model(app = "blog")]
    /// # pub struct Post { pub id: i64, pub title: String }
    /// # async fn run(db: Database) -> Result<()> {
    /// use nuages::futures_util::TryStreamExt;
    ///
    /// let mut posts = Post::objects(&db).stream();
    /// while let Some(post) = posts.try_next().await? {
    ///     println!("{}", post.title);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Its first item is [`Error::Refused`](crate::Error::Refused) inside a transaction, whose one connection could run nothing else meanwhile.
    pub fn stream(self) -> BoxStream<'static, Result<M>> {
        let reader = self.reader();
        self.db.stream(&self.statement(), move |row| reader.read(row))
    }
}
