//! SQL that every database understands.

pub(super) use crate::db::quote;

/// Names in quotes; `-` in front of one stands for descending.
pub(super) fn quote_all(names: &[impl AsRef<str>]) -> String {
    let quoted = names.iter().map(|name| match name.as_ref().strip_prefix('-') {
        Some(descending) => format!("{} DESC", quote(descending)),
        None => quote(name.as_ref()),
    });
    quoted.collect::<Vec<_>>().join(", ")
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn drop_table(table: &str) -> String {
    format!("DROP TABLE {}", quote(table))
}

pub(super) fn rename_table(table: &str, to: &str) -> String {
    format!("ALTER TABLE {} RENAME TO {}", quote(table), quote(to))
}

pub(super) fn rename_column(table: &str, column: &str, to: &str) -> String {
    format!("ALTER TABLE {} RENAME COLUMN {} TO {}", quote(table), quote(column), quote(to))
}

pub(super) fn alter_table(table: &str, how: impl std::fmt::Display) -> String {
    format!("ALTER TABLE {} {how}", quote(table))
}
