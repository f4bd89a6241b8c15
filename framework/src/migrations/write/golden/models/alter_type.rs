//! A number becomes a text, and a key gets wider.

use nuages::db::schema::Table;

mod before {
    use nuages::Model;

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Post {
        pub id: i32,
        #[model(max_length = 200)]
        pub title: String,
        pub code: i32,
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
        pub code: String,
    }
}

pub(crate) fn before() -> Vec<Table> {
    tables![before::Post]
}

pub(crate) fn after() -> Vec<Table> {
    tables![after::Post]
}
