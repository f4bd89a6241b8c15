//! What PostgreSQL's catalogue says of the tables in the current schema.

use super::facts::{Column, Facts, ForeignKey, Index, Part};
use super::look;
use super::types::Type;
use crate::db::schema::{Kind, OnDelete};
use crate::db::{Database, Row};
use crate::error::Result;

const NAMES: &str = r#"SELECT c.relname::text AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY c.relname::text COLLATE "C""#;

const COLUMNS: &str = r#"SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS "null",
        pg_get_expr(d.adbin, d.adrelid) AS "default", a.attidentity <> '' AS identity, a.attgenerated <> '' AS computed,
        EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname = $1
        AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum"#;

/// Foreign keys of more than one column, and those into another schema, are left out.
const FOREIGN_KEYS: &str = r#"SELECT a.attname::text AS "column", t.relname::text AS "table", f.attname::text AS target,
        k.confdeltype::text AS on_delete
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class t ON t.oid = k.confrelid AND t.relnamespace = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
        JOIN pg_attribute f ON f.attrelid = t.oid AND f.attnum = k.confkey[1]
    WHERE n.nspname = current_schema() AND c.relname = $1 AND k.contype = 'f' AND array_length(k.conkey, 1) = 1
    ORDER BY k.oid"#;

const INDEXES: &str = r#"SELECT i.relname::text AS name, x.indisunique AS "unique", a.attname::text AS part,
        x.indoption[k.position - 1] & 1 = 1 AS descends, pg_get_indexdef(i.oid, k.position::int4, true) AS expression
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam AND m.amname = 'btree'
        CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
    WHERE n.nspname = current_schema() AND c.relname = $1
        AND NOT x.indisprimary AND x.indpred IS NULL AND x.indisvalid AND k.position <= x.indnkeyatts
    ORDER BY i.oid, k.position"#;

pub(super) async fn names(db: &Database) -> Result<Vec<String>> {
    look(db, NAMES, &[], |row| row.get("name")).await
}

pub(super) async fn facts(db: &Database, table: &str) -> Result<Option<Facts>> {
    let columns = look(db, COLUMNS, &[table], |row| Ok((column(row)?, row.get::<bool>("key")?))).await?;
    if columns.is_empty() {
        return Ok(None);
    }
    let keys = columns.iter().filter(|(_, is_key)| *is_key);
    Ok(Some(Facts {
        primary_key: keys.map(|(column, _)| column.name.clone()).collect(),
        columns: columns.into_iter().map(|(column, _)| column).collect(),
        foreign_keys: look(db, FOREIGN_KEYS, &[table], foreign_key).await?,
        indexes: Index::of_parts(look(db, INDEXES, &[table], index_part).await?),
    }))
}

/// A key is counted up by an identity, or by a sequence as in `serial`.
fn column(row: &Row<'_>) -> sqlx::Result<Column> {
    let default: Option<String> = row.get("default")?;
    let is_serial = default.as_ref().is_some_and(|sql| sql.starts_with("nextval("));
    Ok(Column {
        name: row.get("name")?,
        of_type: type_of(&row.get::<String>("type")?),
        null: row.get("null")?,
        auto: row.get::<bool>("identity")? || is_serial,
        computed: row.get("computed")?,
        default,
    })
}

/// Here these are other types than those that the other databases have under the same names.
fn type_of(own: &str) -> Type {
    match own {
        "real" => Type::near(Kind::Double, own),
        _ if own.starts_with("character(") => Type::near(Type::named(own).kind, own),
        _ => Type::named(own),
    }
}

fn foreign_key(row: &Row<'_>) -> sqlx::Result<ForeignKey> {
    let on_delete = match row.get::<String>("on_delete")?.as_str() {
        "c" => OnDelete::Cascade,
        "n" => OnDelete::SetNull,
        _ => OnDelete::Protect,
    };
    Ok(ForeignKey {
        column: row.get("column")?,
        table: row.get("table")?,
        target: row.get("target")?,
        on_delete,
    })
}

fn index_part(row: &Row<'_>) -> sqlx::Result<(String, bool, Part)> {
    let part = match (row.get::<Option<String>>("part")?, row.get("descends")?) {
        (Some(column), false) => Part::Ascending(column),
        (Some(column), true) => Part::Descending(column),
        (None, _) => Part::Expression(row.get("expression")?),
    };
    Ok((row.get("name")?, row.get("unique")?, part))
}
