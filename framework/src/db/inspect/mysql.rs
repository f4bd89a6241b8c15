//! What the catalogue of MySQL and MariaDB says of the tables in the current database.

use super::facts::{Column, Facts, ForeignKey, Index, Part};
use super::look;
use super::types::Type;
use crate::db::schema::{Kind, OnDelete};
use crate::db::{Database, Row};
use crate::error::Result;

const NAMES: &str = "SELECT CAST(table_name AS char) AS name FROM information_schema.tables
    WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY CAST(table_name AS binary)";

/// A catalogue compares names without case, and passes over spaces.
const COLUMNS: &str = "SELECT CAST(column_name AS char) AS name, CAST(column_type AS char) AS type,
        CAST(column_default AS char) AS standard, CAST(extra AS char) AS extra, is_nullable = 'YES' AS nullable,
        column_key = 'PRI' AS is_key, coalesce(generation_expression, '') <> '' AS computed,
        version() LIKE '%MariaDB%' AS mariadb
    FROM information_schema.columns
    WHERE table_schema = database() AND CAST(table_name AS binary) = CAST(? AS binary) AND EXISTS (
        SELECT * FROM information_schema.tables AS t WHERE t.table_schema = columns.table_schema
            AND t.table_name = columns.table_name AND t.table_type = 'BASE TABLE')
    ORDER BY ordinal_position";

/// On MariaDB JSON is text that is checked.
const JSON: &str = "SELECT CAST(constraint_name AS char) AS name FROM information_schema.check_constraints
    WHERE constraint_schema = database() AND CAST(table_name AS binary) = CAST(? AS binary)
        AND check_clause = concat('json_valid(\"', constraint_name, '\")')";

/// Foreign keys of more than one column, and those into another database, are left out.
const FOREIGN_KEYS: &str =
    "SELECT CAST(k.column_name AS char) AS name, CAST(k.referenced_table_name AS char) AS target,
        CAST(k.referenced_column_name AS char) AS target_key, CAST(r.delete_rule AS char) AS on_delete
    FROM information_schema.key_column_usage AS k JOIN information_schema.referential_constraints AS r
        ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
        AND r.table_name = k.table_name
    WHERE k.table_schema = database() AND k.referenced_table_schema = database()
        AND CAST(k.table_name AS binary) = CAST(? AS binary) AND NOT EXISTS (
            SELECT * FROM information_schema.key_column_usage AS o WHERE o.ordinal_position > 1
                AND o.constraint_schema = k.constraint_schema AND o.constraint_name = k.constraint_name
                AND o.table_name = k.table_name)
    ORDER BY k.constraint_name";

/// An index over the beginning of a text counts as one over an expression; so does one over a hidden column, which is
/// computed by it.
const INDEXES: &str = "SELECT CAST(s.index_name AS char) AS name, s.non_unique = 0 AS is_unique,
        CAST(s.column_name AS char) AS part, s.collation = 'D' AS descends,
        CASE WHEN c.extra LIKE '%INVISIBLE%' THEN CAST(c.generation_expression AS char)
            WHEN s.sub_part IS NOT NULL OR s.column_name IS NULL THEN '' END AS expression
    FROM information_schema.statistics AS s LEFT JOIN information_schema.columns AS c
        ON c.table_schema = s.table_schema AND c.table_name = s.table_name AND c.column_name = s.column_name
    WHERE s.table_schema = database() AND CAST(s.table_name AS binary) = CAST(? AS binary)
        AND s.index_name <> 'PRIMARY' AND s.index_type = 'BTREE'
    ORDER BY s.index_name, s.seq_in_index";

pub(super) async fn names(db: &Database) -> Result<Vec<String>> {
    look(db, NAMES, &[], |row| row.get("name")).await
}

pub(super) async fn facts(db: &Database, table: &str) -> Result<Option<Facts>> {
    let columns = look(db, COLUMNS, &[table], |row| Ok((column(row)?, Traits::read(row)?))).await?;
    let Some((_, Traits { is_mariadb, .. })) = columns.first() else { return Ok(None) };
    let json = match is_mariadb {
        true => look(db, JSON, &[table], |row| row.get::<String>("name")).await?,
        false => Vec::new(),
    };
    let shown: Vec<_> =
        columns.into_iter().filter(|(column, traits)| !(column.computed && traits.is_hidden)).collect();
    let keys = shown.iter().filter(|(_, traits)| traits.is_key);
    Ok(Some(Facts {
        primary_key: keys.map(|(column, _)| column.name.clone()).collect(),
        columns: shown.into_iter().map(|(column, _)| checked(column, &json)).collect(),
        foreign_keys: look(db, FOREIGN_KEYS, &[table], foreign_key).await?,
        indexes: Index::of_parts(look(db, INDEXES, &[table], index_part).await?),
    }))
}

/// What else the row of a column tells.
struct Traits {
    is_key: bool,
    is_mariadb: bool,
    /// Whether it is in no `SELECT *`. What keeps a name unique without case is computed, and hidden.
    is_hidden: bool,
}

impl Traits {
    fn read(row: &Row<'_>) -> sqlx::Result<Self> {
        let is_hidden = row.get::<String>("extra")?.to_lowercase().contains("invisible");
        Ok(Self { is_key: row.get("is_key")?, is_mariadb: row.get("mariadb")?, is_hidden })
    }
}

fn column(row: &Row<'_>) -> sqlx::Result<Column> {
    let extra = row.get::<String>("extra")?.to_lowercase();
    let default = match (row.get::<Option<String>>("standard")?, row.get("mariadb")?) {
        (Some(sql), true) => Some(plain_quotes(&sql)),
        (Some(sql), false) if extra.contains("default_generated") => {
            Some(plain_quotes(unescaped(&sql, "'").trim_start_matches("_utf8mb4")))
        }
        (value, _) => value.map(|value| format!("'{}'", value.replace('\'', "''"))),
    };
    Ok(Column {
        name: row.get("name")?,
        of_type: type_of(&row.get::<String>("type")?),
        null: row.get("nullable")?,
        auto: extra.contains("auto_increment"),
        computed: row.get("computed")?,
        default,
    })
}

fn checked(column: Column, json: &[String]) -> Column {
    match json.contains(&column.name) {
        true => Column { of_type: Kind::Json.into(), ..column },
        false => column,
    }
}

/// Django keeps a truth as `tinyint(1)` and a UUID as `char(32)`.
fn type_of(own: &str) -> Type {
    match own.to_lowercase().as_str() {
        "tinyint(1)" => Kind::Bool.into(),
        "char(32)" => Kind::Uuid.into(),
        "float" => Type::near(Kind::Double, own),
        _ => Type::named(own),
    }
}

/// A literal in the form that all databases know. MariaDB writes one with backslashes; MySQL does so where it tells an
/// expression, once more escaped, and tells a plain value as it is.
fn plain_quotes(sql: &str) -> String {
    unescaped(sql, "''")
}

/// The text that backslashes stand for, with this for a quote.
fn unescaped(text: &str, quote: &str) -> String {
    let (mut letters, mut plain) = (text.chars(), String::new());
    while let Some(letter) = letters.next() {
        match if letter == '\\' { letters.next().map(Err) } else { Some(Ok(letter)) } {
            Some(Err('n')) => plain.push('\n'),
            Some(Err('\'')) => plain.push_str(quote),
            Some(Ok(letter) | Err(letter)) => plain.push(letter),
            None => {}
        }
    }
    plain
}

fn foreign_key(row: &Row<'_>) -> sqlx::Result<ForeignKey> {
    let on_delete = match row.get::<String>("on_delete")?.as_str() {
        "CASCADE" => OnDelete::Cascade,
        "SET NULL" => OnDelete::SetNull,
        _ => OnDelete::Protect,
    };
    let (column, table, target) = (row.get("name")?, row.get("target")?, row.get("target_key")?);
    Ok(ForeignKey { column, table, target, on_delete })
}

fn index_part(row: &Row<'_>) -> sqlx::Result<(String, bool, Part)> {
    let part = match (row.get::<Option<String>>("expression")?, row.get::<Option<bool>>("descends")?) {
        (Some(sql), _) => Part::Expression(sql),
        (None, Some(true)) => Part::Descending(row.get("part")?),
        (None, _) => Part::Ascending(row.get("part")?),
    };
    Ok((row.get("name")?, row.get("is_unique")?, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_with_backslashes_becomes_a_plain_one() {
        assert_eq!(plain_quotes(r"'it\'s \\ x\ny'"), "'it''s \\ x\ny'");
        assert_eq!(plain_quotes(r"'it''s'"), "'it''s'");
        assert_eq!(plain_quotes(&unescaped(r"\'it\\\'s\'", "'")), "'it''s'");
    }
}
