//! The log: an event is a line, as text for people or as JSON for what collects logs, and no value can make a line of its own
//! (OWASP ASVS 5.0, 16.2.4 and 16.4.1).

mod json;
mod request;
mod text;

pub use request::request_span;
pub(crate) use request::{RequestId, serving};
pub(crate) use text::turns_writing;

use crate::settings::LogFormat;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{Location, PanicHookInfo};
use tracing::Dispatch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{MakeWriter, fmt};

/// What is logged whatever `RUST_LOG` says: panics, and the span around each request, so that each line has the request's id.
const ALWAYS: [&str; 2] = ["panic=error", "nuages::request_id=error"];

/// Sends the log to stderr, panics too; `RUST_LOG` says how much of it.
pub(crate) fn to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    // Another logger may be there already, in an application that has its own.
    if tracing::dispatcher::set_global_default(dispatch(format, filter, std::io::stderr)).is_ok() {
        request::is_asked_for();
        std::panic::set_hook(Box::new(tell_panic));
    }
}

/// A panic is a line like any other; the one that Rust would write has line breaks, and no format.
fn tell_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(Location::to_string).unwrap_or_default();
    let words = panic.payload_as_str().unwrap_or("no message");
    let way = Backtrace::capture();
    match way.status() {
        BacktraceStatus::Captured => tracing::error!(target: "panic", place, "panicked: {words}\n{way}"),
        _ => tracing::error!(target: "panic", place, "panicked: {words}"),
    }
}

/// What writes the log, in this format.
fn dispatch<W>(format: LogFormat, filter: EnvFilter, writer: W) -> Dispatch
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let always = ALWAYS.map(|directive| directive.parse().expect("it is a directive"));
    let filter = always.into_iter().fold(filter, EnvFilter::add_directive);
    let log = fmt().with_env_filter(filter).with_writer(writer);
    match format {
        LogFormat::Text => log.fmt_fields(text::fields()).event_format(text::Line).into(),
        LogFormat::Json => log.fmt_fields(json::Fields).event_format(json::Line).into(),
    }
}

/// A path as the log may have it: without the tokens of links, which may still work.
pub(crate) fn without_tokens(path: &str) -> String {
    let parts: Vec<_> = path.split('/').map(|part| if is_token(part) { "***" } else { part }).collect();
    parts.join("/")
}

/// Whether it has the form of Django's tokens: a time in base 36, and 32 hexadecimal digits.
fn is_token(part: &str) -> bool {
    let Some((time, proof)) = part.split_once('-') else { return false };
    let is_time = (1..=12).contains(&time.len()) && time.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_time && proof.len() == 32 && proof.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
