//! Makes `Post`.

use nuages::Migration;
use nuages::migrations::user;

/// Made by `makemigrations`; yours to read and edit until it is applied.
pub fn migration() -> Migration {
    Migration::new("0001_initial").depends_on_user().create_table("blog_post", |table| {
        table.for_model("Post");
        table.big_auto("id");
        table.text("title").max_length(200);
        table.text("body");
        table.foreign_key("author_id", user());
        table.datetime("published_at").index();
        table.ordering(["-published_at", "-id"]);
    })
}
