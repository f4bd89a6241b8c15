//! The posts of the guide's site.

use nuages::chrono::{DateTime, Utc};
use nuages::migrations::{Migration, user};
use nuages::{App, Database, ForeignKey, FormData, Model, Result, Routes};
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
    /// When it was saved first.
    #[model(auto_now_add)]
    pub published_at: DateTime<Utc>,
}

/// The posts, as an app.
pub fn app() -> App {
    App::new("blog").model::<Post>().migrations([initial()])
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
    Migration::new("0001_initial").depends_on_user().create_table("blog_post", |table| {
        table.for_model("Post");
        table.big_auto("id");
        table.text("title").max_length(200);
        table.text("body");
        table.foreign_key("author_id", user());
        table.datetime("published_at");
        table.ordering(["-published_at", "-id"]);
    })
}
