//! A field whose default the database keeps.

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
}

mod after {
    use nuages::Model;

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Post {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
        #[model(max_length = 20, default = "draft")]
        pub status: String,
        #[model(default = 3)]
        pub stars: i16,
    }
}

pub(crate) fn before() -> Vec<Table> {
    tables![before::Post]
}

pub(crate) fn after() -> Vec<Table> {
    tables![after::Post]
}
