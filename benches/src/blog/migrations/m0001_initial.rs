//! Makes `Post`.

use nuages::Migration;
use nuages::migrations::user;

/// Made by `makemigrations`.
pub fn migration() -> Migration {
    Migration::new("0001_initial").depends_on_user().create_table("blog_post", |table| {
        table.for_model("Post");
        table.big_auto("id");
        table.text("title").max_length(200);
        table.text("body");
        table.foreign_key("owner_id", user());
        table.text("author").max_length(150);
        table.datetime("created_at");
        table.ordering(["-id"]);
    })
}
