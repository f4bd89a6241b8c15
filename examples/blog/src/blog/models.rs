//! What the blog keeps.

use nuages::chrono::{DateTime, Utc};
use nuages::{ForeignKey, Model};

use crate::accounts::models::User;

/// Something that somebody wrote.
#[derive(Clone, Debug, Model)]
#[model(app = "blog", ordering = "-published_at, -id")]
pub struct Post {
    pub id: i64,
    #[model(max_length = 200)]
    pub title: String,
    pub body: String,
    pub author: ForeignKey<User>,
    #[model(auto_now_add, index)]
    pub published_at: DateTime<Utc>,
}

impl Post {
    /// A post of this author's, with nothing in it yet.
    pub fn by(author: &User) -> Self {
        Self {
            id: 0,
            title: String::new(),
            body: String::new(),
            author: author.into(),
            published_at: Utc::now(),
        }
    }
}
