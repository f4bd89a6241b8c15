//! Filters that Django's templates have and minijinja lacks.

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::{Environment, Error, ErrorKind, HtmlEscape, Value};

pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter("date", date);
    environment.add_filter("truncatechars", truncatechars);
    environment.add_filter("linebreaks", linebreaks);
}

/// `{{ post.published_at|date }}`, or `|date('%d.%m.%Y')` in the letters of strftime. The time is UTC.
fn date(value: &Value, format: Option<&str>) -> Result<String, Error> {
    let Some(text) = value.as_str().filter(|text| !text.is_empty()) else { return Ok(String::new()) };
    let format = format.unwrap_or("%-d %B %Y");
    let written = match (text.parse::<DateTime<Utc>>(), text.parse::<NaiveDate>()) {
        (Ok(moment), _) => write(moment.format(format)),
        (_, Ok(day)) => write(day.format(format)),
        _ => Err(std::fmt::Error),
    };
    written.map_err(|_| {
        Error::new(ErrorKind::InvalidOperation, format!("`{text}` cannot be written as the date `{format}`"))
    })
}

/// chrono reports a wrong format only while it writes.
fn write(date: impl std::fmt::Display) -> Result<String, std::fmt::Error> {
    use std::fmt::Write;
    let mut text = String::new();
    write!(text, "{date}")?;
    Ok(text)
}

/// `{{ post.body|truncatechars(80) }}`: at most so many characters, the last of them an ellipsis if text is left out.
fn truncatechars(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// `{{ post.body|linebreaks }}`: paragraphs at blank lines, breaks at others; the text itself is escaped.
fn linebreaks(text: &str) -> Value {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    let html =
        paragraphs.map(|text| format!("<p>{}</p>", HtmlEscape(text).to_string().replace('\n', "<br>")));
    Value::from_safe_string(html.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_people_read_it() {
        let moment = Value::from("2030-01-02T03:04:05Z");
        assert_eq!(date(&moment, None).unwrap(), "2 January 2030");
        assert_eq!(date(&moment, Some("%H:%M")).unwrap(), "03:04");
        assert_eq!(date(&Value::from("2030-01-02"), None).unwrap(), "2 January 2030");
        assert_eq!(date(&Value::from(()), None).unwrap(), "");
    }

    #[test]
    fn a_wrong_date_or_format_is_an_error_not_a_panic() {
        assert!(date(&Value::from("soon"), None).is_err());
        assert!(date(&Value::from("2030-01-02T03:04:05Z"), Some("%Q")).is_err());
    }

    #[test]
    fn long_text_ends_in_an_ellipsis() {
        assert_eq!(truncatechars("Minor Swing", 6), "Minor…");
        assert_eq!(truncatechars("Nuages", 6), "Nuages");
    }

    #[test]
    fn paragraphs_are_escaped() {
        assert_eq!(linebreaks("a <b>\nc\r\n\r\nd").to_string(), "<p>a &lt;b&gt;<br>c</p>\n<p>d</p>");
    }
}
