//! How MySQL and MariaDB say it.

use super::{Words, definition, foreign_key, foreign_key_name, lower_name, may_be_added, quote};
use crate::db::schema::{ColumnDef, Kind};
use crate::error::Result;
use crate::migrations::UserTable;

pub(super) struct MySql;

/// The longest text in an index, where the column says nothing; what Django advises.
const INDEXED_TEXT: &str = "varchar(255)";

impl Words for MySql {
    fn type_of(&self, column: &ColumnDef) -> String {
        match column.kind {
            Kind::Bool => "tinyint(1)".into(),
            Kind::SmallInt => "smallint".into(),
            Kind::Integer => "integer".into(),
            Kind::BigInt => "bigint".into(),
            Kind::Double => "double precision".into(),
            Kind::Char(length) => format!("varchar({length})"),
            Kind::Text if is_indexed(column) => INDEXED_TEXT.into(),
            Kind::Text => "longtext".into(),
            Kind::Date => "date".into(),
            Kind::DateTime => "datetime(6)".into(),
            Kind::Uuid => "char(32)".into(),
            Kind::Json => "json".into(),
            Kind::Binary => "longblob".into(),
        }
    }

    fn counting_key(&self, kind: Kind) -> String {
        let kind = self.type_of(&ColumnDef::new("", kind));
        format!("{kind} NOT NULL AUTO_INCREMENT PRIMARY KEY")
    }

    fn truth(&self, value: bool) -> &'static str {
        if value { "1" } else { "0" }
    }

    /// A backslash escapes the letter behind it.
    fn literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    }

    /// Columns without a fixed length, and days, take an expression only; a moment has as many digits as its column.
    fn default(&self, sql: String, kind: Kind) -> String {
        match kind {
            Kind::Text | Kind::Json | Kind::Binary | Kind::Date => format!("({sql})"),
            Kind::DateTime if sql == "CURRENT_TIMESTAMP" => format!("{sql}(6)"),
            _ => sql,
        }
    }

    /// Texts are the same if all their letters are, as on the other databases; but trailing spaces do not count.
    fn table_options(&self) -> &'static str {
        " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    }

    /// MySQL passes over those that stand in the definition of a column.
    fn names_foreign_keys(&self) -> bool {
        true
    }

    /// MariaDB has no index on an expression, so both have one on a column that nobody sees.
    fn unique_lower(&self, table: &str, column: &ColumnDef) -> String {
        let (table, name) = (quote(table), quote(&lower_name(table, &column.name)));
        let lower = format!("GENERATED ALWAYS AS (lower({})) STORED INVISIBLE", quote(&column.name));
        let kind = self.type_of(&ColumnDef { unique: true, ..column.clone() });
        format!("ALTER TABLE {table} ADD COLUMN {name} {kind} {lower}, ADD CONSTRAINT {name} UNIQUE ({name})")
    }

    fn drop_unique_lower(&self, table: &str, column: &str) -> String {
        format!("ALTER TABLE {} DROP COLUMN {}", quote(table), quote(&lower_name(table, column)))
    }

    fn drop_index(&self, table: &str, name: &str) -> String {
        format!("DROP INDEX {} ON {}", quote(name), quote(table))
    }

    fn drops_indexes(&self) -> bool {
        true
    }

    fn has_constraints(&self) -> bool {
        true
    }

    fn add_column(&self, table: &str, column: &ColumnDef, user: Option<&UserTable>) -> Result<Vec<String>> {
        may_be_added(table, column)?;
        let add = format!("ALTER TABLE {} ADD COLUMN {}", quote(table), definition(self, column, user)?);
        let key = foreign_key(table, column, user)?.map(|key| format!("ADD {key}"));
        Ok(vec![std::iter::once(add).chain(key).collect::<Vec<_>>().join(", ")])
    }

    fn drop_column(&self, table: &str, column: &ColumnDef) -> Result<String> {
        let drop = format!("DROP COLUMN {}", quote(&column.name));
        let key = column
            .references
            .as_ref()
            .map(|_| format!("DROP FOREIGN KEY {}", quote(&foreign_key_name(table, column))));
        let changes = key.into_iter().chain([drop]).collect::<Vec<_>>().join(", ");
        Ok(format!("ALTER TABLE {} {changes}", quote(table)))
    }
}

fn is_indexed(column: &ColumnDef) -> bool {
    column.index || column.unique || column.primary_key || column.references.is_some()
}
