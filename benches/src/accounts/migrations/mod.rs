//! What happened to the tables of this app, oldest first.

use nuages::Migration;

mod m0001_initial;

/// Every migration of this app.
pub fn all() -> Vec<Migration> {
    vec![m0001_initial::migration()]
}
