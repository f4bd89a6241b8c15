//! A new model, and one that points to it.

use nuages::db::schema::Table;

mod after {
    use nuages::chrono::{DateTime, Utc};
    use nuages::uuid::Uuid;
    use nuages::{ForeignKey, Model};

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Post {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
    }

    #[derive(Clone, Debug, Model)]
    #[model(
        app = "blog",
        ordering = "-made_at",
        unique_together("post_id", "email"),
        index("post_id", "-made_at")
    )]
    pub(crate) struct Comment {
        pub id: Uuid,
        pub post: ForeignKey<Post>,
        #[model(max_length = 254)]
        pub email: String,
        pub text: String,
        #[model(default = false)]
        pub seen: bool,
        #[model(auto_now_add, index)]
        pub made_at: DateTime<Utc>,
        pub likes: Option<i32>,
    }
}

pub(crate) fn before() -> Vec<Table> {
    Vec::new()
}

pub(crate) fn after() -> Vec<Table> {
    tables![after::Post, after::Comment]
}
