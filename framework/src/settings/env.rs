//! The environment and `.env`, read into settings.

use super::IpNet;
use super::{Secret, SessionStoreKind, Settings, Variables};
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::fmt::Display;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

/// Names and values; the real environment has replaced what `.env` says.
pub(super) struct Source {
    variables: Variables,
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
        Ok(Self { variables: pairs.into(), file: Some(".env") })
    }

    pub(super) fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { variables: pairs.collect::<HashMap<_, _>>().into(), file: None }
    }

    pub(super) fn settings(&self, d: Settings) -> Result<Settings> {
        let debug = self.boolean("DEBUG", d.debug)?;
        let session_store = self.choice("SESSION_STORE", d.session_store)?;
        let case = d.username_case_sensitive || session_store == SessionStoreKind::Django;
        let settings = Settings {
            secret_key: self.secret_key(debug, d.secret_key)?,
            secret_key_fallbacks: self.secrets("SECRET_KEY_FALLBACKS", d.secret_key_fallbacks),
            debug,
            allowed_hosts: self.list("ALLOWED_HOSTS", d.allowed_hosts),
            database_url: self.text("DATABASE_URL").map_or(d.database_url, Secret::from),
            redis_url: self.text("REDIS_URL").map(Secret::from).or(d.redis_url),
            site_name: self.string("SITE_NAME", d.site_name),
            log_format: self.optional_choice("LOG_FORMAT")?.or(d.log_format),
            session_cookie_name: self.optional("SESSION_COOKIE_NAME", d.session_cookie_name),
            session_store,
            session_redis_prefix: self.string("SESSION_REDIS_PREFIX", d.session_redis_prefix),
            session_cookie_age: self.number("SESSION_COOKIE_AGE", d.session_cookie_age)?,
            session_browser_close_age: self
                .number("SESSION_BROWSER_CLOSE_AGE", d.session_browser_close_age)?,
            session_absolute_age: self.optional_number("SESSION_ABSOLUTE_AGE")?.or(d.session_absolute_age),
            session_save_every_request: self
                .boolean("SESSION_SAVE_EVERY_REQUEST", d.session_save_every_request)?,
            session_cookie_secure: self
                .optional_boolean("SESSION_COOKIE_SECURE")?
                .or(d.session_cookie_secure),
            session_expire_at_browser_close: self
                .boolean("SESSION_EXPIRE_AT_BROWSER_CLOSE", d.session_expire_at_browser_close)?,
            csrf_cookie_name: self.optional("CSRF_COOKIE_NAME", d.csrf_cookie_name),
            csrf_cookie_age: self.number("CSRF_COOKIE_AGE", d.csrf_cookie_age)?,
            csrf_trusted_origins: self.list("CSRF_TRUSTED_ORIGINS", d.csrf_trusted_origins),
            login_url: self.string("LOGIN_URL", d.login_url),
            login_redirect_url: self.string("LOGIN_REDIRECT_URL", d.login_redirect_url),
            logout_redirect_url: self.optional("LOGOUT_REDIRECT_URL", d.logout_redirect_url),
            password_hashers: self.list("PASSWORD_HASHERS", d.password_hashers),
            auth_password_validators: self.list("AUTH_PASSWORD_VALIDATORS", d.auth_password_validators),
            signup_confirm_email: self.boolean("SIGNUP_CONFIRM_EMAIL", d.signup_confirm_email)?,
            email_confirmation_timeout: self
                .number("EMAIL_CONFIRMATION_TIMEOUT", d.email_confirmation_timeout)?,
            redirect_authenticated_user: self
                .boolean("REDIRECT_AUTHENTICATED_USER", d.redirect_authenticated_user)?,
            username_case_sensitive: self.boolean("USERNAME_CASE_SENSITIVE", case)?,
            throttle_per_account: self.number("THROTTLE_PER_ACCOUNT", d.throttle_per_account)?,
            throttle_per_network: self.number("THROTTLE_PER_NETWORK", d.throttle_per_network)?,
            throttle_window: self.number("THROTTLE_WINDOW", d.throttle_window)?,
            throttle_store: self.optional_choice("THROTTLE_STORE")?.or(d.throttle_store),
            secure_ssl_redirect: self.boolean("SECURE_SSL_REDIRECT", d.secure_ssl_redirect)?,
            secure_csp: self.string("SECURE_CSP", d.secure_csp),
            secure_hsts_seconds: self.number("SECURE_HSTS_SECONDS", d.secure_hsts_seconds)?,
            secure_hsts_include_subdomains: self
                .boolean("SECURE_HSTS_INCLUDE_SUBDOMAINS", d.secure_hsts_include_subdomains)?,
            secure_hsts_preload: self.boolean("SECURE_HSTS_PRELOAD", d.secure_hsts_preload)?,
            secure_proxy_ssl_header: self.header("SECURE_PROXY_SSL_HEADER")?.or(d.secure_proxy_ssl_header),
            trusted_proxies: self.networks("TRUSTED_PROXIES", d.trusted_proxies)?,
            static_url: self.string("STATIC_URL", d.static_url),
            media_root: self.text("MEDIA_ROOT").map_or(d.media_root, Into::into),
            append_slash: self.boolean("APPEND_SLASH", d.append_slash)?,
            data_upload_max_memory_size: self
                .number("DATA_UPLOAD_MAX_MEMORY_SIZE", d.data_upload_max_memory_size)?,
            data_upload_max_number_fields: self
                .number("DATA_UPLOAD_MAX_NUMBER_FIELDS", d.data_upload_max_number_fields)?,
            file_upload_max_size: self.number("FILE_UPLOAD_MAX_SIZE", d.file_upload_max_size)?,
            file_upload_max_memory_size: self
                .number("FILE_UPLOAD_MAX_MEMORY_SIZE", d.file_upload_max_memory_size)?,
            data_upload_max_number_files: self
                .number("DATA_UPLOAD_MAX_NUMBER_FILES", d.data_upload_max_number_files)?,
            email_backend: self.optional_choice("EMAIL_BACKEND")?.or(d.email_backend),
            email_host: self.optional("EMAIL_HOST", d.email_host),
            email_port: self.optional_number("EMAIL_PORT")?.or(d.email_port),
            email_host_user: self.optional("EMAIL_HOST_USER", d.email_host_user),
            email_host_password: self.text("EMAIL_HOST_PASSWORD").map(Secret::from).or(d.email_host_password),
            email_use_tls: self.boolean("EMAIL_USE_TLS", d.email_use_tls)?,
            email_use_ssl: self.boolean("EMAIL_USE_SSL", d.email_use_ssl)?,
            email_ssl_cafile: self.text("EMAIL_SSL_CAFILE").map(Into::into).or(d.email_ssl_cafile),
            email_timeout: self.number("EMAIL_TIMEOUT", d.email_timeout)?,
            email_file_path: self.text("EMAIL_FILE_PATH").map(Into::into).or(d.email_file_path),
            default_from_email: self.optional("DEFAULT_FROM_EMAIL", d.default_from_email),
            server_email: self.optional("SERVER_EMAIL", d.server_email),
            admins: self.list("ADMINS", d.admins),
            email_subject_prefix: self.optional("EMAIL_SUBJECT_PREFIX", d.email_subject_prefix),
            site_url: self.optional("SITE_URL", d.site_url),
            password_reset_timeout: self.number("PASSWORD_RESET_TIMEOUT", d.password_reset_timeout)?,
            variables: self.variables.clone(),
        };
        settings.fit_to_serve()
    }

    fn secret_key(&self, debug: bool, default: Secret) -> Result<Secret> {
        match (self.text("SECRET_KEY"), self.file) {
            (Some(key), _) => Ok(key.into()),
            (None, Some(file)) if debug && default.expose().is_empty() => make_key(Path::new(file)),
            (None, _) => Ok(default),
        }
    }

    fn secrets(&self, name: &str, default: Vec<Secret>) -> Vec<Secret> {
        match self.text(name) {
            Some(_) => self.list(name, Vec::new()).into_iter().map(Secret::from).collect(),
            None => default,
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.variables.get(name)
    }

    fn string(&self, name: &str, default: String) -> String {
        self.text(name).map_or(default, str::to_owned)
    }

    fn optional(&self, name: &str, default: Option<String>) -> Option<String> {
        self.text(name).map(str::to_owned).or(default)
    }

    fn list(&self, name: &str, default: Vec<String>) -> Vec<String> {
        let Some(text) = self.text(name) else { return default };
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
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
        Ok(self.optional_number(name)?.unwrap_or(default))
    }

    fn optional_number<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let wrong = |error| Error::NotReady(format!("{name} is `{text}`: {error}; use a whole number"));
        text.parse().map(Some).map_err(wrong)
    }

    fn choice<T: FromStr<Err: Display>>(&self, name: &str, default: T) -> Result<T> {
        Ok(self.optional_choice(name)?.unwrap_or(default))
    }

    fn optional_choice<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|error| Error::NotReady(format!("{name} is `{text}`: {error}")))
    }

    /// Networks, and single addresses, which are networks of one.
    fn networks(&self, name: &str, default: Vec<IpNet>) -> Result<Vec<IpNet>> {
        if self.text(name).is_none() {
            return Ok(default);
        }
        let network = |text: String| {
            let one = text.parse::<IpAddr>().map(IpNet::from);
            one.or_else(|_| text.parse()).map_err(|_| {
                let remedy = "write addresses and networks, such as 127.0.0.1,10.0.0.0/8";
                Error::NotReady(format!("{name} has `{text}`, which is neither; {remedy}"))
            })
        };
        self.list(name, Vec::new()).into_iter().map(network).collect()
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
            let remedy =
                "set it in .env (.env.example shows how) or the environment to 50 or more random characters";
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

/// In debug, a missing key is made and kept, so that sessions outlive a restart. Nobody else may read the file then.
fn make_key(path: &Path) -> Result<Secret> {
    let key = crate::signing::random_string(64, crate::signing::ALPHANUMERIC);
    let before = if path.exists() { std::fs::read_to_string(path)? } else { String::new() };
    let others = before.lines().filter(|line| line.trim() != "SECRET_KEY=");
    let lines: Vec<_> = others.map(str::to_owned).chain([format!("SECRET_KEY={key}\n")]).collect();
    std::fs::write(path, lines.join("\n"))?;
    keep_private(path)?;
    tracing::warn!("SECRET_KEY was missing; made one and wrote it to {}", path.display());
    Ok(key.into())
}

#[cfg(unix)]
fn keep_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?)
}

#[cfg(not(unix))]
fn keep_private(_path: &Path) -> Result<()> {
    Ok(())
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
    fn the_environment_wins_over_the_sites_defaults() {
        let defaults = || Settings { site_name: "Swing".into(), debug: true, ..Settings::default() };
        assert_eq!(Source::of([]).settings(defaults()).unwrap().site_name, "Swing");
        assert_eq!(Source::of([("SITE_NAME", "Blues")]).settings(defaults()).unwrap().site_name, "Blues");
    }

    #[test]
    fn a_made_key_replaces_an_empty_line_and_nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        std::fs::write(&path, "DEBUG=true\nSECRET_KEY=\n").unwrap();
        let key = make_key(&path).unwrap();
        let kept = from_file(&path).unwrap();
        assert_eq!((kept["SECRET_KEY"].as_str(), kept["DEBUG"].as_str()), (key.expose(), "true"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
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
