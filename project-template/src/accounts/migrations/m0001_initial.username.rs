//! Makes `User`.
//! Keeps `username` of `User` unique in any case.
//! Makes `User_groups`.
//! Makes `User_user_permissions`.

use nuages::Migration;
use nuages::migrations::{table_of, user};

/// Made by `makemigrations`; yours to read and edit until it is applied.
pub fn migration() -> Migration {
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
