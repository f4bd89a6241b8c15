//! A model is gone, and what pointed to it.

use nuages::db::schema::Table;

mod before {
    use nuages::{ForeignKey, Model};

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Post {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
    }

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Comment {
        pub id: i64,
        pub post: ForeignKey<Post>,
    }

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Tag {
        pub id: i64,
        #[model(max_length = 50)]
        pub name: String,
    }
}

mod after {
    use nuages::Model;

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Tag {
        pub id: i64,
        #[model(max_length = 50)]
        pub name: String,
    }
}

pub(crate) fn before() -> Vec<Table> {
    tables![before::Post, before::Comment, before::Tag]
}

pub(crate) fn after() -> Vec<Table> {
    tables![after::Tag]
}
