//! A model with a many-to-many field is called otherwise, and another points to it.

use nuages::db::schema::Table;

mod before {
    use nuages::{ForeignKey, ManyToMany, Model};

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Post {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
        pub tags: ManyToMany<Tag>,
    }

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Tag {
        pub id: i64,
        #[model(max_length = 50)]
        pub name: String,
    }

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Comment {
        pub id: i64,
        pub post: ForeignKey<Post>,
    }
}

mod after {
    use nuages::{ForeignKey, ManyToMany, Model};

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Article {
        pub id: i64,
        #[model(max_length = 200)]
        pub title: String,
        pub tags: ManyToMany<Tag>,
    }

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Tag {
        pub id: i64,
        #[model(max_length = 50)]
        pub name: String,
    }

    #[derive(Clone, Debug, Model)]
    #[model(app = "blog")]
    pub(crate) struct Comment {
        pub id: i64,
        pub post: ForeignKey<Article>,
    }
}

pub(crate) fn before() -> Vec<Table> {
    tables![before::Post, before::Tag, before::Comment]
}

pub(crate) fn after() -> Vec<Table> {
    tables![after::Article, after::Tag, after::Comment]
}
