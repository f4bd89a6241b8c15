//! The log as text: what could act on a terminal, or begin a line of its own, is written as an escape.

use super::request;
use chrono::{SecondsFormat, Utc};
use std::fmt::{self, Debug, Write};
use tracing::field::Field;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// What the further lines of a message begin with, such as those about a broken template. No event begins so.
const CONTINUED: &str = "\n  | ";

/// An event as a line: when, how bad, in which request and spans, and what.
pub(super) struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (moment, level) =
            (Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true), *event.metadata().level());
        match colour(level) {
            code if writer.has_ansi_escapes() => {
                write!(writer, "\u{1b}[2m{moment}\u{1b}[0m \u{1b}[{code}m{level:>5}\u{1b}[0m ")?
            }
            _ => write!(writer, "{moment} {level:>5} ")?,
        }
        let mut places = Vec::from_iter(request::current().map(|id| format!("http{{request_id={id}}}:")));
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<N>>().map_or("", |fields| fields.as_str());
            places.push(if fields.is_empty() {
                format!("{}:", span.name())
            } else {
                format!("{}{{{fields}}}:", span.name())
            });
        }
        if !places.is_empty() {
            write!(writer, "{} ", places.concat())?;
        }
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// The colour of a level on a terminal.
fn colour(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 35,
    }
}

/// Writes an event's message, and its fields as `name=value`.
pub(super) fn fields() -> impl for<'w> FormatFields<'w> + Send + Sync + 'static {
    debug_fn(write).delimited(" ")
}

fn write(writer: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> fmt::Result {
    match field.name() {
        "message" => write!(Visible { writer, line_break: CONTINUED }, "{value:?}"),
        name => {
            write!(writer, "{}=", name.trim_start_matches("r#"))?;
            write!(Visible { writer, line_break: "\\n" }, "{value:?}")
        }
    }
}

/// Shows each character that would not show itself.
struct Visible<'w, 'l> {
    writer: &'w mut Writer<'l>,
    line_break: &'static str,
}

impl Write for Visible<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|letter| match letter {
            '\n' => self.writer.write_str(self.line_break),
            _ if is_hidden(letter) => write!(self.writer, "{}", letter.escape_unicode()),
            _ => self.writer.write_char(letter),
        })
    }
}

/// Control characters, line breaks of Unicode, and what turns the direction of writing.
fn is_hidden(letter: char) -> bool {
    letter.is_control() || turns_writing(letter) || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// Whether a letter, which nobody sees, turns the direction of those behind it.
pub(crate) fn turns_writing(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
