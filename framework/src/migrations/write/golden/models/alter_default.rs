//! A default comes, and another goes.

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
        #[model(default = true)]
        pub seen: bool,
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
        #[model(default = 1)]
        pub stars: i32,
        pub seen: bool,
    }
}

pub(crate) fn before() -> Vec<Table> {
    tables![before::Post]
}

pub(crate) fn after() -> Vec<Table> {
    tables![after::Post]
}
