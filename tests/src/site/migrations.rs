//! The site's tables.

use nuages::Migration;
use nuages::migrations::{OnDelete, table_of, user};

/// The users.
pub fn accounts() -> Migration {
    Migration::new("0001_initial")
        .depends_on("auth", "0001_initial")
        .create_table("accounts_user", |table| {
            table.for_model("User");
            table.big_auto("id");
            table.text("username").max_length(150).unique();
            table.text("password").max_length(128);
            table.text("first_name").max_length(150);
            table.text("last_name").max_length(150);
            table.text("email").max_length(254);
            table.boolean("is_staff");
            table.boolean("is_active");
            table.boolean("is_superuser");
            table.datetime("last_login").null();
            table.datetime("date_joined");
            table.text("nickname").null();
        })
        .unique_lower("accounts_user", "username")
        .create_table("accounts_user_groups", |table| {
            table.for_model("User_groups");
            table.big_auto("id");
            table.foreign_key("user_id", user());
            table.foreign_key("group_id", table_of("auth", "auth_group"));
            table.unique_together(["user_id", "group_id"]);
        })
        .create_table("accounts_user_user_permissions", |table| {
            table.for_model("User_user_permissions");
            table.big_auto("id");
            table.foreign_key("user_id", user());
            table.foreign_key("permission_id", table_of("auth", "auth_permission"));
            table.unique_together(["user_id", "permission_id"]);
        })
}

/// Posts, and a column of every kind.
pub fn blog() -> Migration {
    let migration = Migration::new("0001_initial").depends_on_user().create_table("blog_post", |table| {
        table.for_model("Post");
        table.big_auto("id");
        table.text("title").max_length(200).unique();
        table.text("body");
        table.foreign_key("author_id", user());
        table.foreign_key("editor_id", user()).null().on_delete(OnDelete::SetNull);
        table.datetime("published_at");
        table.ordering(["-published_at", "-id"]);
    });
    migration.create_table("blog_everything", |table| {
        table.for_model("Everything");
        table.big_auto("id");
        table.boolean("truth");
        table.boolean("truth_or_null").null();
        table.small_integer("small");
        table.small_integer("small_or_null").null();
        table.integer("integer");
        table.integer("integer_or_null").null();
        table.big_integer("big");
        table.big_integer("big_or_null").null();
        table.double("double");
        table.double("double_or_null").null();
        table.text("text");
        table.text("text_or_null").null();
        table.datetime("moment");
        table.datetime("moment_or_null").null();
        table.date("day");
        table.date("day_or_null").null();
        table.uuid("uuid");
        table.uuid("uuid_or_null").null();
        table.json("json");
        table.json("json_or_null").null();
        table.binary("bytes");
        table.binary("bytes_or_null").null();
    })
}
