//! What the blog keeps.

use nuages::chrono::{DateTime, Utc};
use nuages::{ForeignKey, Model};

use crate::accounts::models::User;

/// Something that somebody wrote; the author's name stands with it, as in every application of the benchmark.
#[derive(Clone, Debug, Model)]
#[model(app = "blog", ordering = "-id")]
pub struct Post {
    pub id: i64,
    #[model(max_length = 200)]
    pub title: String,
    pub body: String,
    pub owner: ForeignKey<User>,
    #[model(max_length = 150)]
    pub author: String,
    #[model(auto_now_add)]
    pub created_at: DateTime<Utc>,
}

impl Post {
    /// A post that is not saved yet.
    pub fn new(owner: &User, title: &str, body: &str) -> Self {
        Self {
            id: 0,
            title: title.to_owned(),
            body: body.to_owned(),
            owner: ForeignKey::new(owner.id),
            author: owner.username.clone(),
            created_at: Utc::now(),
        }
    }
}
