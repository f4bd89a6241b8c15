//! A column's default, as far as it is a plain value or the current time.

use crate::db::schema::{DefaultValue, Kind};

/// What the current time is called.
const NOW: [&str; 8] = [
    "current_timestamp",
    "current_date",
    "curdate()",
    "now()",
    "localtimestamp",
    "transaction_timestamp()",
    "statement_timestamp()",
    "datetime('now')",
];

/// The value of a default that is written in SQL; none if it takes more than a value.
pub(super) fn default_of(sql: &str, kind: Kind) -> Option<DefaultValue> {
    let value = bare(sql.trim());
    match quoted(value) {
        Some(text) => of_text(&text, kind),
        None => of_word(value, kind),
    }
}

/// The value without casts behind it and brackets around it.
fn bare(sql: &str) -> &str {
    let cast = sql.rsplit_once("::").filter(|(_, to)| !to.contains('\''));
    let inside = sql.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    match (cast, inside.filter(|inside| is_balanced(inside))) {
        (_, Some(inside)) => bare(inside.trim()),
        (Some((value, _)), None) => bare(value.trim()),
        (None, None) => sql,
    }
}

/// Whether no bracket is closed that was not opened.
fn is_balanced(sql: &str) -> bool {
    let depth = |depth: usize, letter| match letter {
        '(' => Some(depth + 1),
        ')' => depth.checked_sub(1),
        _ => Some(depth),
    };
    sql.chars().try_fold(0, depth).is_some()
}

/// The text between quotes, if there is nothing else.
fn quoted(sql: &str) -> Option<String> {
    let inside = sql.strip_prefix('\'')?.strip_suffix('\'')?;
    let is_one = !inside.replace("''", "").contains('\'');
    is_one.then(|| inside.replace("''", "'"))
}

/// PostgreSQL puts a number in quotes, and casts it: `'-1'::integer`.
fn of_text(text: &str, kind: Kind) -> Option<DefaultValue> {
    match kind {
        Kind::Bool | Kind::SmallInt | Kind::Integer | Kind::BigInt | Kind::Double => of_word(text, kind),
        _ => Some(DefaultValue::Text(text.to_owned())),
    }
}

fn of_word(word: &str, kind: Kind) -> Option<DefaultValue> {
    let lower = word.to_lowercase();
    match kind {
        Kind::Bool => truth(&lower).map(DefaultValue::Bool),
        Kind::SmallInt | Kind::Integer | Kind::BigInt => lower.parse().ok().map(DefaultValue::Int),
        Kind::Double => lower.parse().ok().map(DefaultValue::Float),
        Kind::Date | Kind::DateTime => is_now(&lower).then_some(DefaultValue::Now),
        _ => None,
    }
}

fn truth(word: &str) -> Option<bool> {
    match word {
        "true" | "1" | "b'1'" => Some(true),
        "false" | "0" | "b'0'" => Some(false),
        _ => None,
    }
}

/// MySQL says how many digits the seconds have: `current_timestamp(6)`.
fn is_now(word: &str) -> bool {
    let plain = word.split_once('(').map_or(word, |(name, _)| name);
    NOW.contains(&word) || NOW.contains(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_are_read_as_each_database_writes_them() {
        let text = |text: &str| DefaultValue::Text(text.into());
        for (sql, kind, value) in [
            ("'it''s'", Kind::Text, text("it's")),
            ("'it''s'::text", Kind::Text, text("it's")),
            ("''::character varying", Kind::Char(9), text("")),
            ("('a::b'::text)", Kind::Text, text("a::b")),
            ("'-1'::integer", Kind::SmallInt, DefaultValue::Int(-1)),
            ("('-1'::integer)::smallint", Kind::SmallInt, DefaultValue::Int(-1)),
            ("(-1)", Kind::BigInt, DefaultValue::Int(-1)),
            ("1.5", Kind::Double, DefaultValue::Float(1.5)),
            ("'1.5'::double precision", Kind::Double, DefaultValue::Float(1.5)),
            ("1", Kind::Bool, DefaultValue::Bool(true)),
            ("FALSE", Kind::Bool, DefaultValue::Bool(false)),
            ("CURRENT_TIMESTAMP", Kind::DateTime, DefaultValue::Now),
            ("current_timestamp(6)", Kind::DateTime, DefaultValue::Now),
            ("now()", Kind::DateTime, DefaultValue::Now),
            ("(datetime('now'))", Kind::DateTime, DefaultValue::Now),
            ("CURRENT_DATE", Kind::Date, DefaultValue::Now),
            ("(curdate())", Kind::Date, DefaultValue::Now),
            ("'2030-01-02'::date", Kind::Date, text("2030-01-02")),
        ] {
            assert_eq!(default_of(sql, kind), Some(value), "{sql}");
        }
    }

    #[test]
    fn what_takes_more_than_a_value_is_none() {
        for (sql, kind) in [
            ("NULL", Kind::Text),
            ("nextval('a_id_seq'::regclass)", Kind::BigInt),
            ("'a' || 'b'", Kind::Text),
            ("lower('A')", Kind::Text),
            ("(1 + (2))", Kind::Integer),
            ("gen_random_uuid()", Kind::Uuid),
            ("'open", Kind::Text),
        ] {
            assert_eq!(default_of(sql, kind), None, "{sql}");
        }
    }
}
