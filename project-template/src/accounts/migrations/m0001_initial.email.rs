//! Makes the table of the site's users, and what ties them to groups and permissions.

use nuages::Migration;

/// Made by `makemigrations`; yours to read and edit until it is applied.
pub fn migration() -> Migration {
    Migration::new("0001_initial")
        .depends_on("auth", "0001_initial")
        .create_table("accounts_user", |table| {
            table.big_auto("id");
            table.text("email").max_length(254).unique();
            table.text("password").max_length(128);
            table.boolean("is_staff");
            table.boolean("is_active");
            table.boolean("is_superuser");
            table.timestamp("last_login").null();
            table.timestamp("date_joined");
        })
        .create_table("accounts_user_groups", |table| {
            table.big_auto("id");
            table.foreign_key("user_id", "accounts_user");
            table.foreign_key("group_id", "auth_group");
            table.unique_together(["user_id", "group_id"]);
        })
        .create_table("accounts_user_user_permissions", |table| {
            table.big_auto("id");
            table.foreign_key("user_id", "accounts_user");
            table.foreign_key("permission_id", "auth_permission");
            table.unique_together(["user_id", "permission_id"]);
        })
}
