//! The migrations of the auth app.

use nuages::Migration;
use nuages::migrations::table_of;

pub(crate) fn all() -> Vec<Migration> {
    vec![initial(), attempts(), events(), two_factor()]
}

fn initial() -> Migration {
    Migration::new("0001_initial")
        .create_table("django_content_type", |table| {
            table.auto("id");
            table.text("app_label").max_length(100);
            table.text("model").max_length(100);
            table.unique_together(["app_label", "model"]);
        })
        .create_table("auth_permission", |table| {
            table.auto("id");
            table.text("name").max_length(255);
            table.foreign_key("content_type_id", table_of("auth", "django_content_type"));
            table.text("codename").max_length(100);
            table.unique_together(["content_type_id", "codename"]);
        })
        .create_table("auth_group", |table| {
            table.auto("id");
            table.text("name").max_length(150).unique();
        })
        .create_table("auth_group_permissions", |table| {
            table.big_auto("id");
            table.foreign_key("group_id", table_of("auth", "auth_group"));
            table.foreign_key("permission_id", table_of("auth", "auth_permission"));
            table.unique_together(["group_id", "permission_id"]);
        })
}

fn attempts() -> Migration {
    Migration::new("0002_attempts").create_table("auth_attempts", |table| {
        table.for_model("AttemptRow");
        table.text("subject").max_length(64).primary_key();
        table.integer("count");
        table.datetime("expire_date").index();
    })
}

fn events() -> Migration {
    Migration::new("0003_event").create_table("auth_event", |table| {
        table.for_model("EventRow");
        table.big_auto("id");
        table.text("user_id").max_length(64).null().index();
        table.text("kind").max_length(40);
        table.text("address").max_length(64);
        table.text("user_agent").max_length(200);
        table.text("session").max_length(8);
        table.datetime("at").index();
    })
}

fn two_factor() -> Migration {
    Migration::new("0004_two_factor")
        .create_table("auth_two_factor", |table| {
            table.for_model("TwoFactorRow");
            table.text("user_id").max_length(64).primary_key();
            table.text("secret").max_length(32);
            table.datetime("confirmed_at").null();
            table.big_integer("last_step");
        })
        .create_table("auth_recovery_code", |table| {
            table.for_model("RecoveryCodeRow");
            table.text("digest").max_length(64).primary_key();
            table.text("user_id").max_length(64).index();
        })
}
