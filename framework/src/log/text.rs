//! The log as text: what could act on a terminal, or begin a line of its own, is written as an escape.

use std::fmt::{self, Debug, Write};
use tracing::field::Field;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

/// What the further lines of a message begin with, such as those about a broken template. No event begins so.
const CONTINUED: &str = "\n  | ";

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
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    letter.is_control() || turns || matches!(letter, '\u{2028}' | '\u{2029}')
}
