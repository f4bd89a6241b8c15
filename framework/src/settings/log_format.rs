//! What the log is written as.

use super::Settings;
use std::str::FromStr;

/// What the log is written as: `LOG_FORMAT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people: `text`.
    Text,
    /// One JSON object a line, for what collects logs: `json`.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("the log has no such format; use text or json"),
        }
    }
}

impl Settings {
    /// What the log is written as: as `log_format` says, or else text in debug and JSON outside it.
    pub fn log_format_kind(&self) -> LogFormat {
        let usual = if self.debug { LogFormat::Text } else { LogFormat::Json };
        self.log_format.unwrap_or(usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_text_in_debug_and_json_otherwise_unless_set() {
        let settings = |debug, log_format| Settings { debug, log_format, ..Settings::default() };
        assert_eq!(settings(true, None).log_format_kind(), LogFormat::Text);
        assert_eq!(settings(false, None).log_format_kind(), LogFormat::Json);
        assert_eq!(settings(false, Some(LogFormat::Text)).log_format_kind(), LogFormat::Text);
        let read = Settings::from_pairs([("DEBUG", "1"), ("LOG_FORMAT", "json")]).unwrap();
        assert_eq!(read.log_format_kind(), LogFormat::Json);
        let wrong = Settings::from_pairs([("DEBUG", "1"), ("LOG_FORMAT", "xml")]).unwrap_err().to_string();
        assert!(wrong.starts_with("LOG_FORMAT is `xml`"), "{wrong}");
    }
}
