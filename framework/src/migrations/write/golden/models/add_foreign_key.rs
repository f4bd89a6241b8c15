//! A model points to another.

use nuages::db::schema::Table;

mod before {
    use nuages::Model;

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Post {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
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
    use nuages::{ForeignKey, Model};

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Post {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
        #[model(on_delete = "set_null")]
        pub tag: Option<ForeignKey<Tag>>,
    }

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Tag {
        pub id: i64,
        #[model(max_length = 50)]
        pub name: String,
    }
}

pub(crate) fn before() -> Vec<Table> {
    tables![before::Post, before::Tag]
}

pub(crate) fn after() -> Vec<Table> {
    tables![after::Post, after::Tag]
}
