use super::*;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// What was written so far.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The lines that this writes to the log, with `RUST_LOG` as given.
fn lines(format: LogFormat, filter: &str, write: impl FnOnce()) -> Vec<String> {
    let written = Written::default();
    let writer = written.clone();
    let log = dispatch(format, EnvFilter::new(filter), move || writer.clone());
    tracing::dispatcher::with_default(&log, write);
    let bytes = written.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
}

/// Line breaks of every kind, colours, the 8-bit escape, and what turns the direction of writing.
const EVIL: &str =
    "a\r\n2026-01-01T00:00:00.000000Z  INFO forged\u{1b}[31m\u{9b}2J\u{7}\u{85}\u{2028}\u{202e}\u{7f}end";

fn evil() {
    let span = tracing::info_span!("evil", path = EVIL, shown = %EVIL);
    span.in_scope(|| tracing::warn!(user = EVIL, method = %EVIL, wrong = ?Some(EVIL), "no {EVIL}"));
}

#[test]
fn nobody_forges_a_line_of_text() {
    let lines = lines(LogFormat::Text, "info", evil);
    assert_eq!(lines.len(), 2, "{lines:#?}");
    let is_moment =
        |line: &str| chrono::DateTime::parse_from_rfc3339(line.split(' ').next().unwrap()).is_ok();
    assert!(is_moment(&lines[0]) && lines[1].starts_with("  | 2026-01-01"), "{lines:#?}");
    let all = lines.concat();
    assert!(all.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()), "{all}");
    assert!(all.contains(r"\u{1b}[31m\u{9b}2J\u{7}\u{85}\u{2028}\u{202e}\u{7f}end"), "{all}");
}

#[test]
fn nobody_forges_a_line_of_json() {
    let lines = lines(LogFormat::Json, "info", evil);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()), "{lines:?}");
    let line: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    let debug = format!("Some({EVIL:?})");
    let message = format!("no {EVIL}");
    for (name, value) in [
        ("path", EVIL),
        ("shown", EVIL),
        ("user", EVIL),
        ("method", EVIL),
        ("wrong", &debug),
        ("message", &message),
    ] {
        assert_eq!(line[name], value, "{name}");
    }
}

#[test]
fn an_object_of_json_is_flat_and_has_the_fields_of_its_spans() {
    let lines = lines(LogFormat::Json, "info", || {
        let outer = tracing::error_span!("http", request_id = %"4f0c", step = "outer");
        let _outer = outer.enter();
        let inner = tracing::info_span!("order", number = 7, paid = tracing::field::Empty, step = "inner");
        inner.record("paid", true);
        let _inner = inner.enter();
        let failed = std::io::Error::other("no paper");
        tracing::info!(target: "shop", level = "gold", price = 1.5, by = -1_i64, cause = &failed as &dyn std::error::Error, "sold");
    });
    let mut line: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    let moment = line.as_object_mut().unwrap().remove("timestamp").unwrap();
    let moment = moment.as_str().unwrap();
    assert!(moment.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(moment).is_ok(), "{moment}");
    let wanted = serde_json::json!({
        "level": "INFO", "target": "shop", "message": "sold", "level_": "gold", "price": 1.5, "by": -1, "cause": "no paper",
        "number": 7, "paid": true, "step": "inner", "request_id": "4f0c",
    });
    assert_eq!(line, wanted);
}

#[test]
fn a_line_of_text_says_when_how_bad_in_which_request_and_what() {
    let lines = lines(LogFormat::Text, "info", || {
        tracing::error_span!("http", request_id = %"4f0c").in_scope(|| {
            tracing::warn!(status = 404, path = "/a b/", "the page is not here\nbut there");
        });
    });
    let (moment, rest) = lines[0].split_once(' ').unwrap();
    assert!(moment.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(moment).is_ok(), "{moment}");
    assert_eq!(rest, " WARN http{request_id=4f0c}: the page is not here");
    assert_eq!(lines[1], r#"  | but there status=404 path="/a b/""#);
}

#[test]
fn a_request_is_named_however_little_is_logged() {
    for filter in ["error", "shop=info", "off,shop=warn"] {
        let lines = lines(LogFormat::Text, filter, || {
            let span = tracing::error_span!(target: "nuages::request_id", "http", request_id = %"4f0c");
            span.in_scope(|| tracing::error!(target: "shop", "sold out"));
        });
        assert!(lines.len() == 1 && lines[0].contains("request_id=4f0c"), "{filter}: {lines:?}");
    }
}

#[test]
fn a_path_is_told_without_the_token_of_a_link() {
    let token = "c9pq4x-0123456789abcdef0123456789abcdef";
    assert_eq!(without_tokens(&format!("/accounts/reset/MQ/{token}/")), "/accounts/reset/MQ/***/");
    for path in ["/", "", "/blog/a-post/", "/doc/0f8fad5b-d9cb-469f-a165-70867728950e/", &token[1..31]] {
        assert_eq!(without_tokens(path), path);
    }
}
