//! The posts of the guide's site.

use nuages::chrono::{DateTime, Utc};
use nuages::migrations::{Migration, table_of, user};
use nuages::{App, Database, ForeignKey, FormData, ManyToMany, Model, Result, Routes};
use nuages_auth::CurrentUser;
use poem::handler;

use crate::accounts::User;

/// What the guide's site is about.
#[derive(Clone, Debug, Default, Model)]
#[model(app = "blog", ordering = "-published_at, -id")]
pub struct Post {
    /// The primary key.
    pub id: i64,
    /// A line.
    #[model(max_length = 200)]
    pub title: String,
    /// The text.
    pub body: String,
    /// Who wrote it.
    pub author: ForeignKey<User>,
    /// How often it was read.
    pub views: i64,
    /// When it was saved first.
    #[model(auto_now_add)]
    pub published_at: DateTime<Utc>,
    /// What it is about.
    pub tags: ManyToMany<Tag>,
}

/// A word about posts.
#[derive(Clone, Debug, Default, Model)]
#[model(app = "blog", ordering = "name")]
pub struct Tag {
    /// The primary key.
    pub id: i64,
    /// The word.
    #[model(max_length = 50, unique)]
    pub name: String,
}

impl Tag {
    /// A tag that is not saved yet.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

/// The posts, as an app.
pub fn app() -> App {
    App::new("blog").model::<Post>().model::<Tag>().migrations([initial()])
}

/// `blog:index` and `blog:write`.
pub fn routes() -> Routes {
    Routes::new().app_name("blog").path("", index, "index").path("write/", write, "write")
}

#[handler]
async fn index(db: Database) -> Result<String> {
    let posts = Post::objects(&db).all().await?;
    Ok(posts.into_iter().map(|post| post.title + "\n").collect())
}

#[handler]
async fn write(user: CurrentUser<User>, db: Database, data: FormData) -> Result<String> {
    let title = data.get("title").unwrap_or_default().to_owned();
    let post = Post { title, author: ForeignKey::to(&user), ..Post::default() }.create(&db).await?;
    Ok(post.title)
}

fn initial() -> Migration {
    Migration::new("0001_initial")
        .depends_on_user()
        .create_table("blog_post", |table| {
            table.for_model("Post");
            table.big_auto("id");
            table.text("title").max_length(200);
            table.text("body");
            table.foreign_key("author_id", user());
            table.big_integer("views");
            table.datetime("published_at");
            table.ordering(["-published_at", "-id"]);
        })
        .create_table("blog_tag", |table| {
            table.for_model("Tag");
            table.big_auto("id");
            table.text("name").max_length(50).unique();
            table.ordering(["name"]);
        })
        .create_table("blog_post_tags", |table| {
            table.for_model("Post_tags");
            table.big_auto("id");
            table.foreign_key("post_id", table_of("blog", "blog_post"));
            table.foreign_key("tag_id", table_of("blog", "blog_tag"));
            table.unique_together(["post_id", "tag_id"]);
        })
}
