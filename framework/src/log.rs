//! The log: an event is a line, as text for people or as JSON for what collects logs, and no value can make a line of its own
//! (OWASP ASVS 5.0, 16.2.4 and 16.4.1).

mod json;
mod text;

use crate::settings::LogFormat;
use tracing::Dispatch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{MakeWriter, fmt};

/// The span around each request; whatever `RUST_LOG` says, it is there, so that each line has the request's id.
const REQUEST_SPAN: &str = "nuages::request_id=error";

/// Sends the log to stderr; `RUST_LOG` says how much of it.
pub(crate) fn to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    // Another logger may be there already, in an application that has its own.
    let _ = tracing::dispatcher::set_global_default(dispatch(format, filter, std::io::stderr));
}

/// What writes the log, in this format.
fn dispatch<W>(format: LogFormat, filter: EnvFilter, writer: W) -> Dispatch
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let span = REQUEST_SPAN.parse().expect("it is a directive");
    let log = fmt().with_env_filter(filter.add_directive(span)).with_writer(writer);
    match format {
        LogFormat::Text => log.with_target(false).fmt_fields(text::fields()).into(),
        LogFormat::Json => log.fmt_fields(json::Fields).event_format(json::Line).into(),
    }
}

#[cfg(test)]
mod tests;
