//! Why something was not done: one line for the person at the keyboard.

use std::fmt::{Display, Formatter};
use std::path::Path;

/// What the command-line program answers with.
pub(crate) type Result<T, E = Refusal> = std::result::Result<T, E>;

/// What is wrong, then what to do.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal(String);

impl Refusal {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For `map_err` on whatever touches the disk.
    pub(crate) fn at<E: Display>(doing: &str, place: &Path) -> impl FnOnce(E) -> Self {
        let what = format!("cannot {doing} {}", quoted(place));
        move |cause| Self(format!("{what}: {cause}"))
    }
}

impl Display for Refusal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A path on one line, whatever it is made of.
pub(crate) fn quoted(path: &Path) -> String {
    format!("`{}`", path.display().to_string().escape_debug())
}
