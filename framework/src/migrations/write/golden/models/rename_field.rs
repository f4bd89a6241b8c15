//! A field is called otherwise, in its indexes and checks too.

use nuages::db::schema::Table;

mod before {
    use nuages::Model;

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog", index("-stars"), check(has_stars = "stars > 0"))]
    pub(crate) struct Post {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
        pub stars: i32,
    }
}

mod after {
    use nuages::Model;

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog", index("-rating"), check(has_stars = "rating > 0"))]
    pub(crate) struct Post {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
        pub rating: i32,
    }
}

pub(crate) fn before() -> Vec<Table> {
    tables![before::Post]
}

pub(crate) fn after() -> Vec<Table> {
    tables![after::Post]
}
