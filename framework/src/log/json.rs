//! The log as JSON: an object a line, flat, with the fields of the spans around an event among its own. `tracing-subscriber` has spans in
//! an object of their own, where a line of a site's span inside of the request's would lose the request's id.

use super::request;
use crate::signing::ascii_json;
use chrono::{SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Deserializer, Map, Value};
use std::error::Error;
use std::fmt::{self, Debug};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

type Found = Map<String, Value>;

/// Names that every line has of its own; a field that is called so has `_` behind it.
const OWN: [&str; 3] = ["timestamp", "level", "target"];

/// An event as a line.
pub(super) struct Line;

/// The fields of a span, kept as JSON until an event needs them.
pub(super) struct Fields;

#[derive(Serialize)]
struct Object<'e> {
    timestamp: String,
    level: &'e str,
    target: &'e str,
    #[serde(flatten)]
    fields: Found,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    /// The event's own fields go before those of its spans, and the inner span's before the outer's.
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Map::new();
        event.record(&mut Visitor(|name: &str, value| add(&mut fields, name, value)));
        for span in context.event_scope().into_iter().flatten() {
            if let Some(kept) = span.extensions().get::<FormattedFields<N>>() {
                for (name, value) in read(kept) {
                    add(&mut fields, &name, value);
                }
            }
        }
        if let Some(id) = request::current() {
            add(&mut fields, "request_id", id.to_string().into());
        }
        let (timestamp, about) = (Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true), event.metadata());
        let (level, target) = (about.level().as_str(), about.target());
        put(&mut writer, &Object { timestamp, level, target, fields })?;
        writer.write_char('\n')
    }
}

impl<'w> FormatFields<'w> for Fields {
    /// An object for each field, since every request pays for it.
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut outcome = Ok(());
        fields.record(&mut Visitor(|name: &str, value: Value| {
            outcome = outcome.and_then(|()| write!(writer, "{{{}:{value}}}", Value::from(name)));
        }));
        outcome
    }
}

/// What is kept of a span: several objects, also as more may be recorded later.
fn read(kept: &str) -> impl Iterator<Item = (String, Value)> {
    Deserializer::from_str(kept).into_iter::<Found>().flatten().flatten()
}

fn add(fields: &mut Found, name: &str, value: Value) {
    let end = if OWN.contains(&name) { "_" } else { "" };
    fields.entry(format!("{name}{end}")).or_insert(value);
}

/// Nothing but ASCII: neither a line break nor what a terminal would act on.
fn put(writer: &mut Writer<'_>, value: &impl Serialize) -> fmt::Result {
    let json = ascii_json(value).map_err(|_| fmt::Error)?;
    writer.write_str(str::from_utf8(&json).map_err(|_| fmt::Error)?)
}

/// Hands on names and values.
struct Visitor<F>(F);

impl<F: FnMut(&str, Value)> Visitor<F> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        (self.0)(field.name().trim_start_matches("r#"), value.into());
    }
}

impl<F: FnMut(&str, Value)> Visit for Visitor<F> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put(field, value.to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}"));
    }
}
