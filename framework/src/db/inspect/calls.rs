//! Columns that stand in SQL as the argument of a function.

/// The columns, in lower case, with which the SQL calls a function: `JSON_VALID("data")`, `lower(name::text)`.
pub(super) fn arguments_of<'s>(
    sql: &'s str,
    function: &'static str,
) -> impl Iterator<Item = String> + use<'s> {
    let sql = sql.to_lowercase();
    let calls: Vec<_> = sql.split(&format!("{function}(")).skip(1).map(argument).collect();
    calls.into_iter().flatten()
}

fn argument(rest: &str) -> Option<String> {
    let (argument, _) = rest.split_once(')')?;
    let (name, _cast) = argument.split_once("::").unwrap_or((argument, ""));
    Some(name.trim_matches(['(', ' ', '"', '`', '[', ']']).replace("\"\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_in_whichever_quotes() {
        let sql = r#"CHECK (JSON_VALID("a") OR json_valid(`b`) AND Json_Valid( [C] )), lower((d)::text), json_valid("#;
        assert_eq!(arguments_of(sql, "json_valid").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(arguments_of(sql, "lower").collect::<Vec<_>>(), ["d"]);
    }
}
