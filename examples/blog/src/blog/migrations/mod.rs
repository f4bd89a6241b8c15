//! What happened to the tables of this app, oldest first. `makemigrations` adds to it.

use nuages::Migration;

mod m0001_initial;
mod m0002_alter_post_published_at;

/// Every migration of this app.
pub fn all() -> Vec<Migration> {
    vec![m0001_initial::migration(), m0002_alter_post_published_at::migration()]
}
