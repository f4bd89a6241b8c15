//! The users of the guide's site.

use nuages::migrations::{Migration, table_of, user};
use nuages::{App, Model};
use nuages_auth::{AbstractUser, UserFields};

/// A user of the guide's site.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "accounts")]
pub struct User {
    /// Django's columns.
    #[model(flatten)]
    pub fields: UserFields,
}

/// The users, as an app.
pub fn app() -> App {
    App::new("accounts").model::<User>().migrations([initial()])
}

fn initial() -> Migration {
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
