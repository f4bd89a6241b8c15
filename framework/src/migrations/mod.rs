//! Migrations: how the tables came to be, one step after the other.
//!
//! A migration is Rust that reads like a table. `makemigrations` writes most of them: it replays those that exist
//! ([`State`]), compares the outcome with the models ([`detect`]) and writes the difference down.
//!
//! ```
//! use nuages::migrations::{Migration, user};
//!
//! let migration = Migration::new("0001_initial").depends_on_user().create_table("blog_post", |table| {
//!     table.for_model("Post");
//!     table.big_auto("id");
//!     table.text("title").max_length(200);
//!     table.foreign_key("author_id", user());
//! });
//! assert_eq!(migration.name(), "0001_initial");
//! ```

mod adopt;
mod apply;
mod builder;
mod check;
mod checksum;
mod defaults;
mod detect;
mod fork;
mod migration;
mod operations;
mod plan;
mod questions;
#[cfg(feature = "sqlite")]
mod rebuild;
mod records;
mod render;
mod schema;
mod state;
mod swap;
mod user;
pub(crate) mod write;

pub use apply::{Histories, Outcome, Runner, Way, migrate, unapplied};
pub use builder::{ColumnBuilder, TableBuilder};
pub use check::user_model_checker;
pub(crate) use defaults::parse as parse_default;
pub use detect::detect;
pub use migration::Migration;
pub use operations::{Alteration, Operation, RunRust, RunSql, SwapUser};
pub use plan::{Goal, Graph, Node, Step};
pub use questions::{NoInput, Questions};
pub use records::Applied;
pub use state::State;
pub use user::{UserTable, key_of, table_of, user};

/// What happens to a row when the one that it points to is deleted.
pub use crate::db::schema::{DefaultValue, OnDelete};
