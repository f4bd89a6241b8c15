//! A field gets an index, and another has none any more.

use nuages::db::schema::Table;

mod before {
    use nuages::Model;

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Post {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
        pub stars: i32,
        #[model(index)]
        pub likes: i32,
    }
}

mod after {
    use nuages::Model;

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Post {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
        #[model(index)]
        pub stars: i32,
        pub likes: i32,
    }
}

pub(crate) fn before() -> Vec<Table> {
    tables![before::Post]
}

pub(crate) fn after() -> Vec<Table> {
    tables![after::Post]
}
