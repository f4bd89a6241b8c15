//! A user model for applications that exist and have no users of their own: Django's `User`.
//!
//! A site that begins has better a user of its own from the start, as `startproject` makes one; `swapuser users.User accounts.User`
//! moves from this one to that, with all that points to it.

use crate::{AbstractUser, UserFields};
use nuages::migrations::{Migration, table_of, user};
use nuages::{App, Model};

/// A user with the columns of Django's, in the table `users_user`.
#[derive(Clone, Debug, Model, AbstractUser)]
#[model(app = "users")]
pub struct User {
    /// All that there is.
    #[model(flatten)]
    pub fields: UserFields,
}

/// The users, as an app: `.app(nuages_auth::app::<stock::User>()).app(stock::app())`.
pub fn app() -> App {
    App::new("users").model::<User>().migrations([migration()])
}

fn migration() -> Migration {
    Migration::new("0001_initial")
        .depends_on("auth", "0001_initial")
        .create_table("users_user", |table| {
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
        .unique_lower("users_user", "username")
        .create_table("users_user_groups", |table| {
            table.for_model("User_groups");
            table.big_auto("id");
            table.foreign_key("user_id", user());
            table.foreign_key("group_id", table_of("auth", "auth_group"));
            table.unique_together(["user_id", "group_id"]);
        })
        .create_table("users_user_user_permissions", |table| {
            table.for_model("User_user_permissions");
            table.big_auto("id");
            table.foreign_key("user_id", user());
            table.foreign_key("permission_id", table_of("auth", "auth_permission"));
            table.unique_together(["user_id", "permission_id"]);
        })
}
