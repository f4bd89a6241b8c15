//! One migration: a name, what it depends on, and what it does.

use super::builder::{ColumnBuilder, TableBuilder, owned};
use super::checksum;
use super::operations::{Alteration, Operation, RunRust, RunSql, SwapUser};
use super::user::UserTable;
use crate::db::Database;
use crate::db::schema::{CheckConstraint, ColumnDef, DefaultValue, Index, Table};
use crate::error::Result;

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

    /// Gives a table another name, and its model too: `.rename_table("blog_post", "blog_article", "Article")`.
    pub fn rename_table(
        self,
        table: impl Into<String>,
        to: impl Into<String>,
        model: impl Into<String>,
    ) -> Self {
        let (table, to, model) = (table.into(), to.into(), model.into());
        self.operation(Operation::RenameTable { table, to, model })
    }

    /// Adds a column: `.add_column("blog_post", |column| column.text("subtitle").null())`.
    pub fn add_column<F>(self, table: impl Into<String>, column: F) -> Self
    where
        F: FnOnce(&mut TableBuilder) -> &mut ColumnBuilder,
    {
        let (column, fill) = built(column);
        self.alter(table, Alteration::AddColumn { column, fill })
    }

    /// Drops a column with all that is in it, and the indexes and constraints that it is part of.
    pub fn drop_column(self, table: impl Into<String>, column: impl Into<String>) -> Self {
        self.alter(table, Alteration::DropColumn(column.into()))
    }

    /// Gives a column another name; foreign keys to it follow.
    pub fn rename_column(
        self,
        table: impl Into<String>,
        column: impl Into<String>,
        to: impl Into<String>,
    ) -> Self {
        self.alter(table, Alteration::RenameColumn { column: column.into(), to: to.into() })
    }

    /// Makes a column what is described, whatever it was: `.alter_column("blog_post", |column| column.text("title").max_length(300))`.
    pub fn alter_column<F>(self, table: impl Into<String>, column: F) -> Self
    where
        F: FnOnce(&mut TableBuilder) -> &mut ColumnBuilder,
    {
        let (column, fill) = built(column);
        self.alter(table, Alteration::AlterColumn { column, fill })
    }

    /// Keeps the values of columns unique together.
    pub fn add_unique(
        self,
        table: impl Into<String>,
        columns: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.alter(table, Alteration::AddUnique(owned(columns)))
    }

    /// No longer keeps the values of columns unique together.
    pub fn drop_unique(
        self,
        table: impl Into<String>,
        columns: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.alter(table, Alteration::DropUnique(owned(columns)))
    }

    /// Keeps the text of a column unique without regard to upper and lower case.
    ///
    /// SQLite knows the case of ASCII letters only.
    pub fn unique_lower(self, table: impl Into<String>, column: impl Into<String>) -> Self {
        self.alter(table, Alteration::UniqueLower(column.into()))
    }

    /// Adds an index over columns, `-` in front for descending.
    pub fn add_index(
        self,
        table: impl Into<String>,
        columns: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.alter(table, Alteration::AddIndex(Index { name: None, columns: owned(columns) }))
    }

    /// Adds an index of this name.
    pub fn add_named_index(
        self,
        table: impl Into<String>,
        name: impl Into<String>,
        columns: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.alter(table, Alteration::AddIndex(Index { name: Some(name.into()), columns: owned(columns) }))
    }

    /// Drops the index over these columns.
    pub fn drop_index(
        self,
        table: impl Into<String>,
        columns: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.alter(table, Alteration::DropIndex(Index { name: None, columns: owned(columns) }))
    }

    /// Drops an index of this name.
    pub fn drop_named_index(
        self,
        table: impl Into<String>,
        name: impl Into<String>,
        columns: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.alter(table, Alteration::DropIndex(Index { name: Some(name.into()), columns: owned(columns) }))
    }

    /// Adds a condition that every row must meet, as SQL: `.add_check("shop_item", "price_is_positive", "price > 0")`.
    pub fn add_check(
        self,
        table: impl Into<String>,
        name: impl Into<String>,
        condition: impl Into<String>,
    ) -> Self {
        let check = CheckConstraint { name: name.into(), condition: condition.into() };
        self.alter(table, Alteration::AddCheck(check))
    }

    /// Drops a condition.
    pub fn drop_check(self, table: impl Into<String>, name: impl Into<String>) -> Self {
        self.alter(table, Alteration::DropCheck(name.into()))
    }

    /// Says how the model's rows are ordered; the database learns nothing of it.
    pub fn ordering(
        self,
        table: impl Into<String>,
        columns: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.alter(table, Alteration::Ordering(owned(columns)))
    }

    fn alter(self, table: impl Into<String>, alteration: Alteration) -> Self {
        self.operation(alteration.of(table))
    }

    /// Moves the site's users, and whatever points to them, from another table to that of the user model, where the
    /// database has that table; `swapuser` writes this.
    ///
    /// `label` is the former model's, such as `auth.User`; the columns are those of its table.
    pub fn swap_user(
        self,
        label: &'static str,
        table: &'static str,
        columns: impl FnOnce(&mut TableBuilder),
    ) -> Self {
        let mut builder = TableBuilder::new(table);
        columns(&mut builder);
        let columns = builder.build();
        let from = UserTable::former(label, table, &columns);
        self.operation(Operation::SwapUser(SwapUser { from, table: columns }))
    }

    /// Runs SQL of your own. It cannot be undone, unless [`undone_by`](Migration::undone_by) follows.
    pub fn run_sql(self, sql: RunSql) -> Self {
        self.operation(Operation::RunSql { forwards: sql, backwards: None })
    }

    /// Runs a function in the migration's transaction: `.run_rust(fill_slugs)`. It cannot be undone, unless
    /// [`undone_by_rust`](Migration::undone_by_rust) follows.
    ///
    /// ```
    /// use nuages::{Database, Migration, Result};
    ///
    /// async fn fill_slugs(db: Database) -> Result<()> {
    ///     db.execute_sql("UPDATE blog_post SET slug = lower(title)").await
    /// }
    ///
    /// # fn migration() -> Migration {
    /// Migration::new("0003_slugs").run_rust(fill_slugs).undone_by_rust(async |_| Ok(()))
    /// # }
    /// ```
    pub fn run_rust<F>(self, work: impl Fn(Database) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.operation(Operation::RunRust { forwards: RunRust::new(work), backwards: None })
    }

    /// Says how the [`run_rust`](Migration::run_rust) before it is undone.
    pub fn undone_by_rust<F>(mut self, work: impl Fn(Database) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        if let Some(Operation::RunRust { backwards, .. }) = self.operations.last_mut() {
            *backwards = Some(RunRust::new(work));
        }
        self
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

    /// Adds an operation, such as one that [`detect`](super::detect()) has found.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operations.push(operation);
        self
    }

    /// Whether SQLite may have to write tables anew.
    pub(super) fn may_rebuild(&self) -> bool {
        self.operations.iter().any(Operation::may_rebuild)
    }

    /// The users that this one moves.
    pub(super) fn swap(&self) -> Option<&SwapUser> {
        self.operations.iter().find_map(|operation| match operation {
            Operation::SwapUser(swap) => Some(swap),
            _ => None,
        })
    }

    /// Whether this one makes the table.
    pub(super) fn creates(&self, name: &str) -> bool {
        let creates = |table: &Table| table.name == name;
        self.operations
            .iter()
            .any(|operation| matches!(operation, Operation::CreateTable(table) if creates(table)))
    }
}

/// The column that a closure describes, and what the rows that exist get.
fn built<F>(column: F) -> (ColumnDef, Option<DefaultValue>)
where
    F: FnOnce(&mut TableBuilder) -> &mut ColumnBuilder,
{
    let mut table = TableBuilder::new("");
    let column = column(&mut table);
    (column.build(), column.filling())
}
