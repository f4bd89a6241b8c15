//! Settings: Django's names in lower case, read once from the environment and `.env`.

mod defaults;
mod env;
mod log_format;
mod mail;
mod secret;

pub use ipnet::IpNet;
pub use log_format::LogFormat;
pub use mail::EmailBackendKind;
pub use secret::{Secret, Variables};

use crate::belongings::Belongings;
use crate::error::Result;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

/// What keeps the sessions: `SESSION_STORE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionStoreKind {
    /// The table `sessions_session`: `database`.
    #[default]
    Database,
    /// The visitor's own cookie, signed: `signed_cookie`. No session can be ended from elsewhere.
    SignedCookie,
    /// Django's table `django_session` in Django's form, shared with a Django beside this site: `django`. Cookies have Django's
    /// names, and user names are compared with case.
    Django,
    /// A Redis server: `redis`. Needs the feature `redis` and the setting `redis_url`.
    Redis,
    /// The table `sessions_session`, with a Redis server in front that may be away: `cached_database`. Needs the same.
    CachedDatabase,
}

impl FromStr for SessionStoreKind {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "database" => Ok(Self::Database),
            "signed_cookie" => Ok(Self::SignedCookie),
            "django" => Ok(Self::Django),
            "redis" => Ok(Self::Redis),
            "cached_database" => Ok(Self::CachedDatabase),
            _ => Err("it is no session store; use database, redis, cached_database, signed_cookie or django"),
        }
    }
}

/// Where attempts are counted: `THROTTLE_STORE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThrottleStoreKind {
    /// The table `auth_attempts`: `database`.
    Database,
    /// A Redis server: `redis`. Needs the setting `redis_url`.
    Redis,
}

impl FromStr for ThrottleStoreKind {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "database" => Ok(Self::Database),
            "redis" => Ok(Self::Redis),
            _ => Err("attempts are not counted there; use database or redis"),
        }
    }
}

/// What a site can be told from outside.
///
/// A site's own function reads them: see [`from_env_or`](Settings::from_env_or).
#[derive(Clone, Debug)]
pub struct Settings {
    /// Signs cookies and tokens. 50 random characters or more.
    pub secret_key: Secret,
    /// Former keys: they verify, but no longer sign.
    pub secret_key_fallbacks: Vec<Secret>,
    /// Detailed error pages, templates and static files from the source folder. Never in production.
    pub debug: bool,
    /// The hosts that the site answers to; `.example.com` covers subdomains, `*` all. In debug an empty list
    /// means localhost.
    pub allowed_hosts: Vec<String>,
    /// Where the database is, such as `sqlite://site.db`.
    pub database_url: Secret,
    /// Where the Redis server is, such as `redis://127.0.0.1:6379/0`; only some session stores need one.
    pub redis_url: Option<Secret>,
    /// The name of the site, for titles.
    pub site_name: String,
    /// What the log is written as; `None` is text in debug, and JSON outside it.
    pub log_format: Option<LogFormat>,

    /// Name of the session's cookie; `None` is `__Host-sessionid` where cookies are for https alone, `sessionid` otherwise.
    pub session_cookie_name: Option<String>,
    /// What keeps the sessions.
    pub session_store: SessionStoreKind,
    /// What the names of all keys in Redis begin with. Sites that share a Redis server need one each.
    pub session_redis_prefix: String,
    /// Seconds that a session lives after its last use; with the store `django`, after its last change.
    pub session_cookie_age: i64,
    /// The same, for sessions whose cookie ends with the browser.
    pub session_browser_close_age: i64,
    /// Seconds that a session lives after its beginning, however much it is used; `None` is no limit.
    pub session_absolute_age: Option<i64>,
    /// Whether use alone prolongs the sessions of the store `django`; the others always do, and write it once a minute at most.
    pub session_save_every_request: bool,
    /// Whether the framework's cookies go over https alone, which also names them `__Host-…`; `None` is "unless in debug".
    pub session_cookie_secure: Option<bool>,
    /// Whether sessions end when the browser is closed.
    pub session_expire_at_browser_close: bool,

    /// Name of the CSRF cookie; `None` is `__Host-csrftoken` where cookies are for https alone, `csrftoken` otherwise.
    pub csrf_cookie_name: Option<String>,
    /// Seconds that the CSRF cookie lives.
    pub csrf_cookie_age: i64,
    /// Other origins that may post here, with scheme: `https://shop.example.com`, `https://*.example.com`.
    pub csrf_trusted_origins: Vec<String>,

    /// Where a stranger is sent to log in: a path or a URL name.
    pub login_url: String,
    /// Where to go after login: a path or a URL name.
    pub login_redirect_url: String,
    /// Where to go after logout; `None` shows a page that says so.
    pub logout_redirect_url: Option<String>,
    /// The hashers of passwords by name: the first writes, all read. Empty is argon2, and Django's others for reading.
    pub password_hashers: Vec<String>,
    /// The rules that a password must keep, such as `minimum_length:12`. Empty is Django's four, and the site's name.
    pub auth_password_validators: Vec<String>,
    /// Whether a new account's e-mail address has to be confirmed by a mail before its owner can log in.
    pub signup_confirm_email: bool,
    /// Seconds that the link of such a mail works.
    pub email_confirmation_timeout: u64,
    /// Whether the login page sends on who is signed in already.
    pub redirect_authenticated_user: bool,
    /// User names `Ann` and `ann` are two people.
    pub username_case_sensitive: bool,

    /// Attempts at one account, to log in or to have its password reset, within `throttle_window`; 0 is no limit.
    pub throttle_per_account: u32,
    /// Attempts from one network (an IPv4 address, an IPv6 /64) within `throttle_window`; 0 is no limit.
    pub throttle_per_network: u32,
    /// Seconds within which attempts are counted, from the first on.
    pub throttle_window: u64,
    /// Where attempts are counted; `None` is in Redis where sessions are, and in the database otherwise.
    pub throttle_store: Option<ThrottleStoreKind>,

    /// Redirect http to https, outside debug.
    pub secure_ssl_redirect: bool,
    /// Seconds of Strict-Transport-Security (RFC 6797); 0 sends none.
    pub secure_hsts_seconds: u64,
    /// Whether it holds for all subdomains.
    pub secure_hsts_include_subdomains: bool,
    /// Whether browsers may build it in: see <https://hstspreload.org>. It is hard to take back.
    pub secure_hsts_preload: bool,
    /// The policy of every page for what it may load and run; `{nonce}` stands for the page's nonce, which templates have as `csp_nonce`. `off`
    /// sends none.
    pub secure_csp: String,
    /// The header and value by which a proxy says that a request came by https.
    pub secure_proxy_ssl_header: Option<(String, String)>,

    /// The proxies whose `X-Forwarded-For` is believed: addresses and networks, such as `10.0.0.0/8`. Nobody else's is.
    pub trusted_proxies: Vec<IpNet>,

    /// Prefix of the URLs of static files.
    pub static_url: String,
    /// Where uploaded files are kept.
    pub media_root: PathBuf,
    /// Redirect `/page` to `/page/` if only that exists.
    pub append_slash: bool,
    /// Bytes that a request body may have.
    pub data_upload_max_memory_size: usize,
    /// Fields that a form may have.
    pub data_upload_max_number_fields: usize,
    /// Bytes that the files of a form may have together, beside its other fields.
    pub file_upload_max_size: usize,
    /// Bytes up to which a file is kept in memory; larger ones go to a temporary file.
    pub file_upload_max_memory_size: usize,
    /// Files that a form may have.
    pub data_upload_max_number_files: usize,

    /// What takes the mail; `None` is the console in debug, and a mail server outside it.
    pub email_backend: Option<EmailBackendKind>,
    /// The mail server; `None` is this machine.
    pub email_host: Option<String>,
    /// Its port; `None` is 587 with `email_use_tls`, 465 with `email_use_ssl`, and 25 without either.
    pub email_port: Option<u16>,
    /// The name by which the site logs in to the mail server.
    pub email_host_user: Option<String>,
    /// The password to it.
    pub email_host_password: Option<Secret>,
    /// Begin TLS on a plain connection (STARTTLS); without it nothing is sent.
    pub email_use_tls: bool,
    /// Speak TLS from the first byte.
    pub email_use_ssl: bool,
    /// A PEM file with the certificate of who vouches for the mail server, beside those that browsers trust.
    pub email_ssl_cafile: Option<PathBuf>,
    /// Seconds that the mail server has for each answer.
    pub email_timeout: u64,
    /// The folder of the backend `file`.
    pub email_file_path: Option<PathBuf>,
    /// Whom mail is from that names no sender; `None` is `webmaster@` the site's host.
    pub default_from_email: Option<String>,
    /// Whom mail to the admins is from; `None` is as `default_from_email`.
    pub server_email: Option<String>,
    /// Who gets the mail that is for the admins.
    pub admins: Vec<String>,
    /// What the subjects of such mail begin with; `None` is the site's name in brackets.
    pub email_subject_prefix: Option<String>,
    /// Where the site is, for the links in mail: `https://www.site.example`.
    pub site_url: Option<String>,
    /// Seconds that a link to a new password works.
    pub password_reset_timeout: u64,

    /// Everything that the environment and `.env` hold; see [`variable`](Settings::variable).
    pub variables: Variables,
}

impl Settings {
    /// Reads the settings from the environment and from `.env` in the working directory; the environment wins.
    ///
    /// # Errors
    /// [`Error::NotReady`](crate::Error::NotReady), naming the variable, if a value is not of its type, or if outside
    /// debug the secret key is missing or weak or `ALLOWED_HOSTS` is empty.
    pub fn from_env() -> Result<Self> {
        Self::from_env_or(Self::default())
    }

    /// Reads the settings as [`from_env`](Settings::from_env) does; what neither the environment nor `.env` names is taken
    /// from these defaults of the site.
    ///
    /// ```no_run
    /// use nuages::{Result, Settings};
    ///
    /// pub fn settings() -> Result<Settings> {
    ///     Settings::from_env_or(Settings { site_name: "Minor Swing".into(), ..Settings::default() })
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`from_env`](Settings::from_env).
    pub fn from_env_or(defaults: Self) -> Result<Self> {
        env::Source::read()?.settings(defaults)
    }

    /// Reads the settings from pairs of names and values, as they stand in the environment.
    ///
    /// # Errors
    /// As [`from_env`](Settings::from_env).
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        Self::from_pairs_or(pairs, Self::default())
    }

    /// Reads the settings from pairs; what they do not name is taken from these defaults: for tests of a site that has some.
    ///
    /// # Errors
    /// As [`from_env`](Settings::from_env).
    pub fn from_pairs_or<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        defaults: Self,
    ) -> Result<Self> {
        env::Source::of(pairs).settings(defaults)
    }

    /// A variable of the site's own, from the environment or `.env`: `settings.variable("STRIPE_KEY")`.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name)
    }

    /// The session cookie's name.
    pub fn session_cookie(&self) -> &str {
        self.session_cookie_name.as_deref().unwrap_or(self.bound("sessionid", "__Host-sessionid"))
    }

    /// The CSRF cookie's name.
    pub fn csrf_cookie(&self) -> &str {
        self.csrf_cookie_name.as_deref().unwrap_or(self.bound("csrftoken", "__Host-csrftoken"))
    }

    /// The messages cookie's name.
    pub fn messages_cookie(&self) -> &str {
        self.bound("messages", "__Host-messages")
    }

    /// Whether the framework's cookies are for https alone.
    pub fn secure_cookies(&self) -> bool {
        self.session_cookie_secure.unwrap_or(!self.debug)
    }

    /// Whether attempts are counted in Redis.
    pub fn throttle_in_redis(&self) -> bool {
        match self.throttle_store {
            Some(store) => store == ThrottleStoreKind::Redis,
            None => matches!(self.session_store, SessionStoreKind::Redis | SessionStoreKind::CachedDatabase),
        }
    }

    /// Bytes that the body of a form with files may have.
    pub(crate) fn upload_limit(&self) -> usize {
        self.data_upload_max_memory_size.saturating_add(self.file_upload_max_size)
    }

    /// The key that signs, then those that only verify.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.secret_key).chain(&self.secret_key_fallbacks).map(Secret::expose)
    }

    /// The settings that the handler gave to this request.
    ///
    /// # Panics
    /// If the request did not come through the framework's handler.
    pub(crate) fn of(request: &poem::Request) -> &Arc<Self> {
        Belongings::of(request)
    }

    /// A cookie that goes over https alone is bound to its host by its name.
    fn bound(&self, plain: &'static str, bound: &'static str) -> &'static str {
        let shared = self.session_store == SessionStoreKind::Django;
        if self.secure_cookies() && !shared { bound } else { plain }
    }
}
