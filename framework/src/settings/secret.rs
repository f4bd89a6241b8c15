//! Text that is never shown.

use std::collections::HashMap;
use std::fmt;

/// A password, a key, a URL with a password: `Debug` prints nothing of it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Names and values from outside; `Debug` prints nothing of them, since any may be a secret.
#[derive(Clone, Default)]
pub struct Variables(HashMap<String, String>);

impl Variables {
    /// The value of this name; an empty one counts as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl From<HashMap<String, String>> for Variables {
    fn from(pairs: HashMap<String, String>) -> Self {
        Self(pairs)
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} variables", self.0.len())
    }
}
