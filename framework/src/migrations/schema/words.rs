//! What one database says in its own way.

use super::difference::Difference;
use super::{ColumnDef, Dialect, Kind, Result, Table, create, text};

pub(super) trait Words {
    /// The type of a column.
    fn type_of(&self, column: &ColumnDef) -> String;
    /// The type, and all else, of a primary key that counts up.
    fn counting_key(&self, kind: Kind) -> String;
    /// True or false as a literal.
    fn truth(&self, value: bool) -> &'static str;
    /// No bytes as a literal.
    fn no_bytes(&self) -> &'static str {
        "X''"
    }
    /// Whether what must be unique is kept so by a constraint; otherwise by an index, which is easier to drop.
    fn has_constraints(&self) -> bool;
    /// A text as a literal.
    fn literal(&self, text: &str) -> String {
        text::literal(text)
    }
    /// A default that is written in SQL, in the form that a column of this kind takes.
    fn default(&self, sql: String, _kind: Kind) -> String {
        sql
    }
    /// What follows the columns of a new table.
    fn table_options(&self) -> &'static str {
        ""
    }
    /// Whether a foreign key stands in the definition of its column; otherwise behind all columns.
    fn has_inline_keys(&self) -> bool {
        true
    }
    /// Keeps the text of a column unique without regard to case.
    fn unique_lower(&self, table: &Table, column: &str) -> String {
        let name = text::quote(&create::lower_name(&table.name, column));
        let (table, column) = (text::quote(&table.name), text::quote(column));
        format!("CREATE UNIQUE INDEX {name} ON {table} (lower({column}))")
    }
    /// Whether foreign keys can be checked at the end of the transaction.
    fn defers(&self) -> bool {
        true
    }
    /// Makes tables that may have rows what they are to be.
    fn alter(&self, differences: &[Difference<'_>]) -> Result<Vec<String>>;
    /// Gives a column another name.
    fn rename_column(&self, before: &Table, _after: &Table, column: &str, to: &str) -> Vec<String> {
        vec![text::rename_column(&before.name, column, to)]
    }
    /// Calls the indexes after the table and columns as these are called now.
    fn rename_indexes(&self, before: &Table, after: &Table) -> Vec<String>;
    /// Makes the checks of foreign keys that are due at the end of the transaction now.
    fn settle(&self) -> Option<&'static str> {
        None
    }

    /// The empty value of a kind.
    fn empty(&self, kind: Kind) -> String {
        let literal = match kind {
            Kind::Bool => self.truth(false),
            Kind::SmallInt | Kind::Integer | Kind::BigInt | Kind::Double => "0",
            Kind::Char(_) | Kind::Text => "''",
            Kind::Date => "'1970-01-01'",
            Kind::DateTime => "'1970-01-01 00:00:00'",
            Kind::Uuid => return text::literal(&self.nil()),
            Kind::Json => "'null'",
            Kind::Binary => self.no_bytes(),
        };
        literal.to_owned()
    }

    /// The UUID of zeros, as a column keeps it.
    fn nil(&self) -> String {
        uuid::Uuid::nil().simple().to_string()
    }
}

pub(super) fn words(dialect: Dialect) -> &'static dyn Words {
    match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => &super::sqlite::Sqlite,
        #[cfg(feature = "postgres")]
        Dialect::Postgres => &super::postgres::Postgres,
        #[cfg(feature = "mysql")]
        Dialect::MySql => &super::mysql::MySql,
    }
}
