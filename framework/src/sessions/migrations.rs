//! The migrations of the sessions' app.

use crate::migrations::Migration;

pub(super) fn all() -> Vec<Migration> {
    vec![initial()]
}

fn initial() -> Migration {
    Migration::new("0001_initial").create_table("sessions_session", |table| {
        table.text("key_hash").max_length(64).primary_key();
        table.text("user_id").max_length(255).null().index();
        table.text("data");
        table.big_integer("version");
        table.datetime("created_at");
        table.datetime("last_seen_at");
        table.datetime("expire_date").index();
        table.text("user_agent").max_length(200);
        table.text("address").max_length(64);
    })
}
