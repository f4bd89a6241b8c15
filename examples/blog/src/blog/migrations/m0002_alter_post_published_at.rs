//! Alters `published_at` of `Post`.

use nuages::Migration;

/// Made by `makemigrations`; yours to read and edit until it is applied.
pub fn migration() -> Migration {
    Migration::new("0002_alter_post_published_at")
        .depends_on("blog", "0001_initial")
        .alter_column("blog_post", |column| column.datetime("published_at").null().index())
}
