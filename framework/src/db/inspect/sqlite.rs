//! What SQLite's catalogue says.

use super::calls::arguments_of;
use super::facts::{Column, Facts, ForeignKey, Index, Part};
use super::look;
use super::types::Type;
use crate::db::schema::{Kind, OnDelete};
use crate::db::{Database, Row};
use crate::error::Result;

const NAMES: &str = r"SELECT name FROM pragma_table_list
    WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name";

const TABLE: &str = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1";

const COLUMNS: &str =
    r#"SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?1) ORDER BY cid"#;

/// Foreign keys of more than one column are left out; one that names no column points to the primary key.
const FOREIGN_KEYS: &str = r#"SELECT "from", "table", on_delete,
        coalesce("to", (SELECT name FROM pragma_table_info(k."table") WHERE pk = 1), 'id') AS target
    FROM pragma_foreign_key_list(?1) AS k GROUP BY id HAVING count(*) = 1 ORDER BY id DESC"#;

const INDEXES: &str = r#"SELECT l.name AS name, l."unique" AS "unique", i.name AS part, i.desc AS descends,
        (SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = l.name) AS sql
    FROM pragma_index_list(?1) AS l, pragma_index_xinfo(l.name) AS i
    WHERE l.partial = 0 AND l.origin <> 'pk' AND i.key = 1 ORDER BY l.seq DESC, i.seqno"#;

pub(super) async fn names(db: &Database) -> Result<Vec<String>> {
    look(db, NAMES, &[], |row| row.get("name")).await
}

pub(super) async fn facts(db: &Database, table: &str) -> Result<Option<Facts>> {
    let sql = look(db, TABLE, &[table], |row| row.get::<String>("sql")).await?;
    let Some(sql) = sql.first() else { return Ok(None) };
    let columns = look(db, COLUMNS, &[table], |row| Ok((column(row, sql)?, row.get::<i64>("pk")?))).await?;
    let primary_key: Vec<_> =
        columns.iter().filter(|(_, pk)| *pk > 0).map(|(column, _)| column.name.clone()).collect();
    Ok(Some(Facts {
        columns: columns.into_iter().map(|(column, _)| counted(column, &primary_key, sql)).collect(),
        primary_key,
        foreign_keys: look(db, FOREIGN_KEYS, &[table], foreign_key).await?,
        indexes: Index::of_parts(look(db, INDEXES, &[table], index_part).await?),
    }))
}

fn column(row: &Row<'_>, sql: &str) -> sqlx::Result<Column> {
    let name: String = row.get("name")?;
    let of_type = match row.get::<String>("type")?.as_str() {
        own if own.eq_ignore_ascii_case("text")
            && arguments_of(sql, "json_valid").any(|column| column == name.to_lowercase()) =>
        {
            Kind::Json.into()
        }
        own => type_of(own),
    };
    Ok(Column {
        name,
        of_type,
        null: !row.get::<bool>("notnull")?,
        default: row.get("dflt_value")?,
        auto: false,
        computed: row.get::<i64>("hidden")? > 0,
    })
}

/// Django keeps a UUID as `char(32)`.
fn type_of(own: &str) -> Type {
    match own.to_lowercase().as_str() {
        "char(32)" => Kind::Uuid.into(),
        _ => Type::named(own),
    }
}

/// What is exactly `integer PRIMARY KEY` is counted up, and has 64 bits.
fn counted(column: Column, primary_key: &[String], sql: &str) -> Column {
    let is_row_number = column.of_type == Kind::Integer.into() && primary_key == [column.name.as_str()];
    match is_row_number && !sql.to_lowercase().trim_end().ends_with("without rowid") {
        true => Column { auto: true, of_type: Kind::BigInt.into(), ..column },
        false => column,
    }
}

fn foreign_key(row: &Row<'_>) -> sqlx::Result<ForeignKey> {
    let on_delete = match row.get::<String>("on_delete")?.as_str() {
        "CASCADE" => OnDelete::Cascade,
        "SET NULL" => OnDelete::SetNull,
        _ => OnDelete::Protect,
    };
    Ok(ForeignKey {
        column: row.get("from")?,
        table: row.get("table")?,
        target: row.get("target")?,
        on_delete,
    })
}

/// An expression is known only by the text of its index.
fn index_part(row: &Row<'_>) -> sqlx::Result<(String, bool, Part)> {
    let part = match (row.get::<Option<String>>("part")?, row.get("descends")?) {
        (Some(column), false) => Part::Ascending(column),
        (Some(column), true) => Part::Descending(column),
        (None, _) => Part::Expression(row.get::<Option<String>>("sql")?.unwrap_or_default()),
    };
    Ok((row.get("name")?, row.get("unique")?, part))
}
