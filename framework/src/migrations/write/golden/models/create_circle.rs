//! Two new models that point to each other.

use nuages::db::schema::Table;

mod after {
    use nuages::{ForeignKey, Model};

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Author {
        pub id: i64,
        pub best: Option<ForeignKey<Post>>,
    }

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Post {
        pub id: i64,
        pub author: ForeignKey<Author>,
    }
}

pub(crate) fn before() -> Vec<Table> {
    Vec::new()
}

pub(crate) fn after() -> Vec<Table> {
    tables![after::Author, after::Post]
}
