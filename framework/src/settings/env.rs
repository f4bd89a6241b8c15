//! The environment and `.env`, read into settings.

use super::{Secret, Settings};
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

/// Names and values; the real environment has replaced what `.env` says.
pub(super) struct Source {
    pairs: HashMap<String, String>,
    /// Where a made key is kept; none when the pairs did not come from outside.
    file: Option<&'static str>,
}

impl Source {
    pub(super) fn read() -> Result<Self> {
        let mut pairs = from_file(Path::new(".env"))?;
        for (name, value) in std::env::vars_os() {
            if let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) {
                pairs.insert(name, value);
            }
        }
        Ok(Self { pairs, file: Some(".env") })
    }

    pub(super) fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { pairs, file: None }
    }

    pub(super) fn settings(&self) -> Result<Settings> {
        let d = Settings::default();
        let debug = self.boolean("DEBUG", d.debug)?;
        let settings = Settings {
            secret_key: self.secret_key(debug)?,
            secret_key_fallbacks: self.list("SECRET_KEY_FALLBACKS").into_iter().map(Secret::from).collect(),
            debug,
            allowed_hosts: self.list("ALLOWED_HOSTS"),
            database_url: self.text("DATABASE_URL").map_or(d.database_url, Secret::from),
            site_name: self.text("SITE_NAME").map_or(d.site_name, str::to_owned),
            session_cookie_name: self.text("SESSION_COOKIE_NAME").map(str::to_owned),
            session_cookie_age: self.number("SESSION_COOKIE_AGE", d.session_cookie_age)?,
            session_cookie_secure: self.optional_boolean("SESSION_COOKIE_SECURE")?,
            session_expire_at_browser_close: self.boolean("SESSION_EXPIRE_AT_BROWSER_CLOSE", false)?,
            csrf_cookie_name: self.text("CSRF_COOKIE_NAME").map(str::to_owned),
            csrf_cookie_age: self.number("CSRF_COOKIE_AGE", d.csrf_cookie_age)?,
            csrf_trusted_origins: self.list("CSRF_TRUSTED_ORIGINS"),
            login_url: self.text("LOGIN_URL").map_or(d.login_url, str::to_owned),
            login_redirect_url: self.text("LOGIN_REDIRECT_URL").map_or(d.login_redirect_url, str::to_owned),
            logout_redirect_url: self.text("LOGOUT_REDIRECT_URL").map(str::to_owned),
            username_case_sensitive: self.boolean("USERNAME_CASE_SENSITIVE", false)?,
            secure_ssl_redirect: self.boolean("SECURE_SSL_REDIRECT", false)?,
            secure_hsts_seconds: self.number("SECURE_HSTS_SECONDS", 0)?,
            secure_proxy_ssl_header: self.header("SECURE_PROXY_SSL_HEADER")?,
            static_url: self.text("STATIC_URL").map_or(d.static_url, str::to_owned),
            media_root: self.text("MEDIA_ROOT").map_or(d.media_root, Into::into),
            append_slash: self.boolean("APPEND_SLASH", true)?,
            data_upload_max_memory_size: self
                .number("DATA_UPLOAD_MAX_MEMORY_SIZE", d.data_upload_max_memory_size)?,
            data_upload_max_number_fields: self
                .number("DATA_UPLOAD_MAX_NUMBER_FIELDS", d.data_upload_max_number_fields)?,
        };
        settings.fit_to_serve()
    }

    fn secret_key(&self, debug: bool) -> Result<Secret> {
        match (self.text("SECRET_KEY"), self.file) {
            (Some(key), _) => Ok(key.into()),
            (None, Some(file)) if debug => make_key(Path::new(file)),
            (None, _) => Ok(Secret::default()),
        }
    }

    /// An empty value counts as none.
    fn text(&self, name: &str) -> Option<&str> {
        self.pairs.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn list(&self, name: &str) -> Vec<String> {
        let items = self.text(name).unwrap_or_default().split(',');
        items.map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    fn boolean(&self, name: &str, default: bool) -> Result<bool> {
        Ok(self.optional_boolean(name)?.unwrap_or(default))
    }

    fn optional_boolean(&self, name: &str) -> Result<Option<bool>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(Some(true)),
            "false" | "0" | "no" | "off" => Ok(Some(false)),
            _ => Err(Error::NotReady(format!("{name} is `{text}`; use true or false"))),
        }
    }

    fn number<T: FromStr<Err: Display>>(&self, name: &str, default: T) -> Result<T> {
        let Some(text) = self.text(name) else { return Ok(default) };
        text.parse()
            .map_err(|error| Error::NotReady(format!("{name} is `{text}`: {error}; use a whole number")))
    }

    fn header(&self, name: &str) -> Result<Option<(String, String)>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let pair = text.split_once(':').map(|(header, value)| (header.trim().into(), value.trim().into()));
        pair.map(Some).ok_or_else(|| {
            Error::NotReady(format!("{name} is `{text}`; write it as X-Forwarded-Proto:https"))
        })
    }
}

impl Settings {
    /// What must hold for a site that strangers can reach.
    fn fit_to_serve(self) -> Result<Self> {
        if self.debug {
            return Ok(self);
        }
        if let Some(fault) = weakness(self.secret_key.expose()) {
            let remedy = "set it in .env or the environment to 50 or more random characters";
            return Err(Error::NotReady(format!("SECRET_KEY {fault}; {remedy}")));
        }
        if self.allowed_hosts.is_empty() {
            let text = "ALLOWED_HOSTS is empty, and DEBUG is off; set it to the site's host names, separated by commas";
            return Err(Error::NotReady(text.into()));
        }
        Ok(self)
    }
}

/// What is wrong with a secret key, if anything: Django's rule `security.W009`.
fn weakness(key: &str) -> Option<&'static str> {
    let distinct = key.chars().collect::<std::collections::HashSet<_>>().len();
    match key {
        "" => Some("is missing"),
        _ if key.contains("insecure") => Some("says itself that it is insecure"),
        _ if key.len() < 50 => Some("is shorter than 50 characters"),
        _ if distinct < 16 => Some("has fewer than 16 different characters"),
        _ => None,
    }
}

fn from_file(path: &Path) -> Result<HashMap<String, String>> {
    if !path.exists() {
        return Ok(HashMap::new());
    }
    let wrong =
        |error: dotenvy::Error| Error::NotReady(format!("{} cannot be read: {error}", path.display()));
    dotenvy::from_path_iter(path).map_err(wrong)?.map(|pair| pair.map_err(wrong)).collect()
}

/// In debug, a missing key is made and kept, so that sessions outlive a restart.
fn make_key(path: &Path) -> Result<Secret> {
    use std::io::Write;
    let key = crate::signing::random_string(64, crate::signing::ALPHANUMERIC);
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "SECRET_KEY={key}")?;
    tracing::warn!("SECRET_KEY was missing; made one and wrote it to {}", path.display());
    Ok(key.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "kJ8vQ2mX5nB7cR4tY9wZ3pL6sD1fG0hAeUiOxMqTbVyNzKjHgF";

    fn error(pairs: &[(&str, &str)]) -> String {
        Settings::from_pairs(pairs.iter().copied()).unwrap_err().to_string()
    }

    #[test]
    fn a_missing_secret_key_keeps_the_site_from_starting() {
        assert!(error(&[("ALLOWED_HOSTS", "a.example")]).contains("SECRET_KEY is missing"));
    }

    #[test]
    fn a_weak_secret_key_keeps_the_site_from_starting() {
        for weak in ["short", &"ab".repeat(40), &format!("django-insecure-{GOOD}")] {
            assert!(
                error(&[("ALLOWED_HOSTS", "a.example"), ("SECRET_KEY", weak)]).starts_with("SECRET_KEY"),
                "{weak}"
            );
        }
    }

    #[test]
    fn empty_allowed_hosts_keep_the_site_from_starting() {
        assert!(error(&[("SECRET_KEY", GOOD)]).contains("ALLOWED_HOSTS"));
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named() {
        assert!(error(&[("DEBUG", "perhaps")]).contains("DEBUG is `perhaps`"));
        assert!(error(&[("DEBUG", "1"), ("SESSION_COOKIE_AGE", "soon")]).contains("SESSION_COOKIE_AGE"));
        assert!(
            error(&[("DEBUG", "1"), ("SECURE_PROXY_SSL_HEADER", "https")])
                .contains("SECURE_PROXY_SSL_HEADER")
        );
    }

    #[test]
    fn lists_and_booleans_read_as_people_write_them() {
        let pairs = [("DEBUG", "On"), ("ALLOWED_HOSTS", " a.example, .b.example ,")];
        let settings = Settings::from_pairs(pairs).unwrap();
        assert!(settings.debug);
        assert_eq!(settings.allowed_hosts, ["a.example", ".b.example"]);
    }

    #[test]
    fn cookies_are_host_bound_outside_debug() {
        let settings = Settings::from_pairs([("SECRET_KEY", GOOD), ("ALLOWED_HOSTS", "a.example")]).unwrap();
        assert_eq!(settings.session_cookie(), "__Host-sessionid");
        assert_eq!(Settings::from_pairs([("DEBUG", "1")]).unwrap().csrf_cookie(), "csrftoken");
    }

    #[test]
    fn secrets_do_not_print() {
        let settings = Settings::from_pairs([("DEBUG", "1"), ("SECRET_KEY", "canary-key")]).unwrap();
        assert!(!format!("{settings:?}").contains("canary"));
    }
}
