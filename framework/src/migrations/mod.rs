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

mod apply;
mod builder;
mod check;
mod checksum;
mod detect;
mod operations;
mod plan;
mod records;
mod render;
mod schema;
mod state;
mod user;
pub(crate) mod write;

pub use apply::{Histories, Runner, migrate, unapplied};
pub use builder::{ColumnBuilder, TableBuilder};
pub use check::user_model_checker;
pub use detect::detect;
pub use operations::{Operation, RunSql};
pub use plan::{Goal, Graph, Node, Step};
pub use records::Applied;
pub use state::State;
pub use user::{UserTable, key_of, table_of, user};

/// What happens to a row when the one that it points to is deleted.
pub use crate::db::schema::OnDelete;

use crate::db::schema::Table;

/// One step in the history of an app's tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Migration {
    name: String,
    depends_on: Vec<(String, String)>,
    depends_on_user: bool,
    operations: Vec<Operation>,
}

impl Migration {
    /// A migration that does nothing yet; its file is called `m` and this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), depends_on: Vec::new(), depends_on_user: false, operations: Vec::new() }
    }

    /// Says that another migration has to be applied before.
    ///
    /// One that names none of its own app follows the one listed before it.
    pub fn depends_on(mut self, app: impl Into<String>, name: impl Into<String>) -> Self {
        self.depends_on.push((app.into(), name.into()));
        self
    }

    /// Says that the table of the site's users has to be there, whichever it is.
    pub fn depends_on_user(mut self) -> Self {
        self.depends_on_user = true;
        self
    }

    /// Makes a table.
    pub fn create_table(self, name: impl Into<String>, columns: impl FnOnce(&mut TableBuilder)) -> Self {
        let mut builder = TableBuilder::new(name);
        columns(&mut builder);
        self.operation(Operation::CreateTable(builder.build()))
    }

    /// Drops a table with all its rows.
    pub fn drop_table(self, name: impl Into<String>) -> Self {
        self.operation(Operation::DropTable(name.into()))
    }

    /// Adds a column: `.add_column("blog_post", |column| column.text("subtitle").null())`.
    pub fn add_column<F>(self, table: impl Into<String>, column: F) -> Self
    where
        F: FnOnce(&mut TableBuilder) -> &mut ColumnBuilder,
    {
        let column = column(&mut TableBuilder::new("")).build();
        self.operation(Operation::AddColumn { table: table.into(), column })
    }

    /// Drops a column with all that is in it.
    pub fn drop_column(self, table: impl Into<String>, column: impl Into<String>) -> Self {
        self.operation(Operation::DropColumn { table: table.into(), column: column.into() })
    }

    /// Says what a column is from now on; `sql` makes it so.
    pub fn alter_column<F>(self, table: impl Into<String>, column: F, sql: RunSql) -> Self
    where
        F: FnOnce(&mut TableBuilder) -> &mut ColumnBuilder,
    {
        let column = column(&mut TableBuilder::new("")).build();
        self.operation(Operation::AlterColumn { table: table.into(), column, sql })
    }

    /// Keeps the text of a column unique without regard to upper and lower case.
    ///
    /// SQLite knows the case of ASCII letters only.
    pub fn unique_lower(self, table: impl Into<String>, column: impl Into<String>) -> Self {
        self.operation(Operation::UniqueLower { table: table.into(), column: column.into() })
    }

    /// Runs SQL of your own. It cannot be undone, unless [`undone_by`](Migration::undone_by) follows.
    pub fn run_sql(self, sql: RunSql) -> Self {
        self.operation(Operation::RunSql { forwards: sql, backwards: None })
    }

    /// Says how the [`run_sql`](Migration::run_sql) before it is undone.
    pub fn undone_by(mut self, sql: RunSql) -> Self {
        if let Some(Operation::RunSql { backwards, .. }) = self.operations.last_mut() {
            *backwards = Some(sql);
        }
        self
    }

    /// The name, such as `0001_initial`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The operations, in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The migrations that have to be applied before, as app and name.
    pub fn dependencies(&self) -> &[(String, String)] {
        &self.depends_on
    }

    /// Whether the table of the site's users has to be there.
    pub fn needs_user(&self) -> bool {
        self.depends_on_user
    }

    /// SHA-256 of what the operations do. Comments, layout and dependencies do not count.
    pub fn checksum(&self) -> String {
        checksum::of(&self.operations)
    }

    pub(crate) fn operation(mut self, operation: Operation) -> Self {
        self.operations.push(operation);
        self
    }

    /// Whether this one makes the table.
    fn creates(&self, name: &str) -> bool {
        let creates = |table: &Table| table.name == name;
        self.operations
            .iter()
            .any(|operation| matches!(operation, Operation::CreateTable(table) if creates(table)))
    }
}
