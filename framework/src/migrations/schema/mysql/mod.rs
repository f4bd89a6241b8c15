//! How MySQL and MariaDB say it.

mod alter;

use super::create;
use super::difference::Difference;
use super::text::{alter_table, quote, rename_column};
use super::words::Words;
use super::{ColumnDef, Kind, Result, Table};
use alter::Change;

/// The longest text in an index, where the column says nothing; what Django advises.
const INDEXED_TEXT: &str = "varchar(255)";

pub(super) struct MySql;

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
        super::text::literal(&text.replace('\\', "\\\\"))
    }

    /// Columns without a fixed length, and days, take an expression only; a moment has as many digits as its column.
    fn default(&self, sql: String, kind: Kind) -> String {
        match kind {
            Kind::Text | Kind::Json | Kind::Binary | Kind::Date => format!("({sql})"),
            Kind::DateTime if sql == "CURRENT_TIMESTAMP" => format!("{sql}(6)"),
            _ => sql,
        }
    }

    /// Texts are the same if all their letters are, as on the other databases; but spaces at the end do not count.
    fn table_options(&self) -> &'static str {
        " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    }

    fn has_constraints(&self) -> bool {
        true
    }

    /// MySQL passes over those that stand in the definition of a column.
    fn has_inline_keys(&self) -> bool {
        false
    }

    fn defers(&self) -> bool {
        false
    }

    /// MariaDB has no index on an expression, so both have one on a column that nobody sees.
    fn unique_lower(&self, table: &Table, column: &str) -> String {
        alter_table(&table.name, lower(self, table, column).join(", "))
    }

    fn alter(&self, differences: &[Difference<'_>]) -> Result<Vec<String>> {
        let mut sql: Vec<_> = differences.iter().filter_map(alter::foreign_keys_dropped).collect();
        if let [alone] = differences {
            sql.extend(Change::of(self, alone)?.with_foreign_keys()?.sql());
            return Ok(sql);
        }
        for difference in differences {
            sql.extend(Change::of(self, difference)?.sql());
        }
        for difference in differences {
            let keys = alter::foreign_keys_added(self, difference)?;
            sql.extend((!keys.is_empty()).then(|| alter_table(&difference.to.name, keys.join(", "))));
        }
        Ok(sql)
    }

    /// MySQL renames no column that a check or a computed column needs.
    fn rename_column(&self, before: &Table, after: &Table, column: &str, to: &str) -> Vec<String> {
        let checks = |table: &Table, other: &Table| {
            let changed = table.checks.iter().filter(|check| !other.checks.contains(check));
            changed.cloned().collect::<Vec<_>>()
        };
        let is_lower = before.unique_lower.iter().any(|other| other == column);
        let dropped = checks(before, after).into_iter().map(|check| alter::drop_check(&check));
        let dropped = dropped.chain(is_lower.then(|| drop_lower(column)));
        let added = checks(after, before).into_iter().map(|check| format!("ADD {}", create::check(&check)));
        let added = added.chain(is_lower.then(|| lower(self, after, to)).into_iter().flatten());
        let alter = |clauses: Vec<String>| {
            (!clauses.is_empty()).then(|| alter_table(&before.name, clauses.join(", ")))
        };
        let rename = Some(rename_column(&before.name, column, to));
        [alter(dropped.collect()), rename, alter(added.collect())].into_iter().flatten().collect()
    }

    /// Their names are the table's alone.
    fn rename_indexes(&self, _before: &Table, _after: &Table) -> Vec<String> {
        Vec::new()
    }
}

fn is_indexed(column: &ColumnDef) -> bool {
    column.index || column.unique || column.primary_key || column.references.is_some()
}

/// The column that holds a text in small letters.
fn lower_name(column: &str) -> String {
    quote(&format!("lower({column})"))
}

fn lower(words: &MySql, table: &Table, column: &str) -> [String; 2] {
    let name = lower_name(column);
    [format!("ADD COLUMN {}", lower_definition(words, table, column)), format!("ADD UNIQUE {name} ({name})")]
}

fn lower_definition(words: &MySql, table: &Table, column: &str) -> String {
    let kind = table.column(column).map_or(Kind::Text, |column| column.kind);
    let kind = words.type_of(&ColumnDef { unique: true, ..ColumnDef::new(column, kind) });
    let (name, column) = (lower_name(column), quote(column));
    format!("{name} {kind} GENERATED ALWAYS AS (lower({column})) STORED INVISIBLE")
}

fn drop_lower(column: &str) -> String {
    format!("DROP COLUMN {}", lower_name(column))
}
