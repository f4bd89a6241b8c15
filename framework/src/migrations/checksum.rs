//! A fingerprint of what a migration does, so that a change after the fact is noticed.

use super::operations::{Alteration, Operation, RunSql};
use crate::db::schema::{CheckConstraint, ColumnDef, DefaultValue, Index, Kind, OnDelete, Table, Target};
use crate::signing::hex;
use sha2::{Digest, Sha256};

/// SHA-256 in hexadecimal. The text under it is fixed for all time: databases remember it.
pub(super) fn of(operations: &[Operation]) -> String {
    let text: String = operations.iter().map(|operation| operation_text(operation) + "\n").collect();
    hex(&Sha256::digest(text))
}

fn operation_text(operation: &Operation) -> String {
    match operation {
        Operation::CreateTable(table) => table_text(table),
        Operation::DropTable(table) => format!("drop table {}", quoted(table)),
        Operation::RenameTable { table, to, .. } => {
            format!("rename table {} to {}", quoted(table), quoted(to))
        }
        Operation::Alter { table, alteration } => alteration_text(&quoted(table), alteration),
        Operation::SwapUser(swap) => format!("swap user {}", table_text(&swap.table)),
        Operation::RunSql { forwards, backwards } => {
            format!(
                "run {} undo {}",
                sql_text(forwards),
                backwards.as_ref().map_or_else(String::new, sql_text)
            )
        }
        Operation::RunRust { .. } => "run rust".to_owned(),
    }
}

fn alteration_text(table: &str, alteration: &Alteration) -> String {
    match alteration {
        Alteration::AddColumn { column, fill } => {
            format!("add to {table}: {}{}", column_text(column), fill_text(fill.as_ref()))
        }
        Alteration::DropColumn(column) => format!("drop from {table}: {}", quoted(column)),
        Alteration::RenameColumn { column, to } => {
            format!("rename in {table}: {} to {}", quoted(column), quoted(to))
        }
        Alteration::AlterColumn { column, fill } => {
            format!("alter in {table}: {}{}", column_text(column), fill_text(fill.as_ref()))
        }
        Alteration::UniqueLower(column) => format!("unique lower in {table}: {}", quoted(column)),
        Alteration::AddUnique(columns) => format!("unique in {table}: [{}]", list(columns)),
        Alteration::DropUnique(columns) => format!("no longer unique in {table}: [{}]", list(columns)),
        Alteration::AddIndex(index) => format!("index in {table}: {}", index_text(index)),
        Alteration::DropIndex(index) => format!("no longer index in {table}: {}", index_text(index)),
        Alteration::AddCheck(check) => format!("in {table}: {}", check_text(check)),
        Alteration::DropCheck(name) => format!("no longer check in {table}: {}", quoted(name)),
        // The database learns nothing of it, so a change hurts nobody.
        Alteration::Ordering(_) => format!("order {table}"),
    }
}

fn fill_text(fill: Option<&DefaultValue>) -> String {
    fill.map_or_else(String::new, |value| format!(" fill {}", default_text(value)))
}

fn index_text(index: &Index) -> String {
    let name = index.name.as_deref().map_or_else(String::new, |name| format!("{} ", quoted(name)));
    format!("{name}[{}]", list(&index.columns))
}

fn check_text(check: &CheckConstraint) -> String {
    format!("check {} {}", quoted(&check.name), quoted(&check.condition))
}

fn sql_text(sql: &RunSql) -> String {
    [sql.sqlite, sql.postgres, sql.mysql].map(quoted).join(" ")
}

fn table_text(table: &Table) -> String {
    let mut lines = vec![format!("create table {}", quoted(&table.name))];
    lines.extend(table.columns.iter().map(column_text));
    lines.extend(table.unique_together.iter().map(|columns| format!("unique together [{}]", list(columns))));
    lines.extend(table.indexes.iter().map(|index| format!("index {}", index_text(index))));
    lines.extend(table.checks.iter().map(check_text));
    lines.join("\n  ")
}

fn column_text(column: &ColumnDef) -> String {
    let mut words = vec![quoted(&column.name), kind_or_target(column)];
    let flags = [
        (column.null, "null"),
        (column.unique, "unique"),
        (column.index, "index"),
        (column.primary_key, "primary key"),
        (column.auto, "auto"),
    ];
    words.extend(flags.iter().filter(|(set, _)| *set).map(|(_, word)| (*word).to_owned()));
    words.extend(column.default.as_ref().map(default_text));
    words.join(" ")
}

/// A foreign key has the type of what it points to, so the type does not count.
fn kind_or_target(column: &ColumnDef) -> String {
    let Some(reference) = &column.references else { return kind_text(column.kind) };
    let target = match &reference.target {
        Target::User => "the user".to_owned(),
        Target::Table { app, table, column } => [app, table, column].map(|name| quoted(name)).join(" "),
    };
    let action = match reference.on_delete {
        OnDelete::Cascade => "cascade",
        OnDelete::Protect => "protect",
        OnDelete::SetNull => "set null",
    };
    format!("references {target} {action}")
}

fn kind_text(kind: Kind) -> String {
    match kind {
        Kind::Bool => "bool".to_owned(),
        Kind::SmallInt => "small int".to_owned(),
        Kind::Integer => "integer".to_owned(),
        Kind::BigInt => "big int".to_owned(),
        Kind::Double => "double".to_owned(),
        Kind::Char(length) => format!("char {length}"),
        Kind::Text => "text".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::DateTime => "datetime".to_owned(),
        Kind::Uuid => "uuid".to_owned(),
        Kind::Json => "json".to_owned(),
        Kind::Binary => "binary".to_owned(),
    }
}

fn default_text(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Bool(value) => format!("default {value}"),
        DefaultValue::Int(value) => format!("default {value}"),
        DefaultValue::Float(value) => format!("default float {:x}", value.to_bits()),
        DefaultValue::Text(value) => format!("default {}", quoted(value)),
        DefaultValue::Now => "default now".to_owned(),
    }
}

/// Text in quotes. Not `{:?}`, which changes with the Unicode tables of Rust's library.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t"))
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::{Migration, user};

    fn posts(length: u32) -> Migration {
        Migration::new("0001_initial").create_table("blog_post", |table| {
            table.big_auto("id");
            table.text("title").max_length(length);
            table.foreign_key("author_id", user());
        })
    }

    #[test]
    fn a_checksum_stays_the_same_for_all_time() {
        let known = "c12038a81f0f99a83a8c4fdec087ac1cbc49d3fe4a61afe98913cd575d660abb";
        assert_eq!(posts(200).checksum(), known);
    }

    #[test]
    fn a_changed_column_changes_the_checksum() {
        assert_ne!(posts(200).checksum(), posts(201).checksum());
    }

    #[test]
    fn a_dependency_or_a_model_name_does_not_change_the_checksum() {
        assert_eq!(posts(200).checksum(), posts(200).depends_on_user().checksum());
    }
}
