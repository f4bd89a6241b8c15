//! What the blog keeps.

use nuages::chrono::{DateTime, Utc};
use nuages::{Database, ForeignKey, Model, QuerySet};

use crate::accounts::models::User;

/// Something that somebody wrote: a draft until it is published.
#[derive(Clone, Debug, Model)]
#[model(app = "blog", ordering = "-published_at, -id", permissions("publish_post" = "Can publish post"))]
pub struct Post {
    pub id: i64,
    #[model(max_length = 200)]
    pub title: String,
    pub body: String,
    pub author: ForeignKey<User>,
    #[model(index)]
    pub published_at: Option<DateTime<Utc>>,
}

impl Post {
    /// A post of this author's, with nothing in it yet.
    pub fn by(author: &User) -> Self {
        Self { id: 0, title: String::new(), body: String::new(), author: author.into(), published_at: None }
    }

    /// What everyone reads.
    pub fn published(db: &Database) -> QuerySet<Self> {
        Self::objects(db).filter(Self::PUBLISHED_AT.is_not_null())
    }

    /// What is not published yet.
    pub fn drafts(db: &Database) -> QuerySet<Self> {
        Self::objects(db).filter(Self::PUBLISHED_AT.is_null())
    }

    /// Whether this is the author.
    pub fn is_by(&self, user: &User) -> bool {
        self.author.key == user.id
    }
}
