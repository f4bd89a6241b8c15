//! How mail is sent, and what its links begin with.

use super::Settings;
use std::str::FromStr;

/// What takes the site's mail: `EMAIL_BACKEND`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailBackendKind {
    /// A mail server: `smtp`.
    Smtp,
    /// The terminal of the server: `console`.
    Console,
    /// A folder, one file for each message: `file`.
    File,
    /// A list in memory, for tests: `memory`.
    Memory,
}

impl FromStr for EmailBackendKind {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "smtp" => Ok(Self::Smtp),
            "console" => Ok(Self::Console),
            "file" => Ok(Self::File),
            "memory" => Ok(Self::Memory),
            _ => Err("it is no e-mail backend; use smtp, console, file or memory"),
        }
    }
}

impl Settings {
    /// What takes the mail: as `email_backend` says, or else the console in debug and a mail server outside it.
    pub fn email_backend_kind(&self) -> EmailBackendKind {
        let usual = if self.debug { EmailBackendKind::Console } else { EmailBackendKind::Smtp };
        self.email_backend.unwrap_or(usual)
    }

    /// The mail server's port: as `email_port` says, or else the usual one for how it is spoken to.
    pub fn smtp_port(&self) -> u16 {
        self.email_port.unwrap_or(match (self.email_use_ssl, self.email_use_tls) {
            (true, _) => 465,
            (_, true) => 587,
            _ => 25,
        })
    }

    /// Whom mail is from that names no sender: `default_from_email`, or else `webmaster@` the site's own host.
    pub fn from_email(&self) -> String {
        let webmaster = || format!("webmaster@{}", host_of(&self.site_origin()));
        self.default_from_email.clone().unwrap_or_else(webmaster)
    }

    /// Whom mail to the admins is from.
    pub fn from_server(&self) -> String {
        self.server_email.clone().unwrap_or_else(|| self.from_email())
    }

    /// What the subject of mail to the admins begins with.
    pub fn subject_prefix(&self) -> String {
        self.email_subject_prefix.clone().unwrap_or_else(|| format!("[{}] ", self.site_name))
    }

    /// What the links in mail begin with, as in `https://www.site.example`: never what a request calls its host.
    ///
    /// It is `site_url`; where that is not set, `http://127.0.0.1:8000` in debug, and outside debug https and the first of
    /// `allowed_hosts`.
    pub fn site_origin(&self) -> String {
        if let Some(url) = &self.site_url {
            return url.trim_end_matches('/').to_owned();
        }
        if self.debug {
            return "http://127.0.0.1:8000".into();
        }
        let hosts = || self.allowed_hosts.iter().filter(|host| *host != "*");
        let concrete = hosts().find(|host| !host.starts_with('.')).or_else(|| hosts().next());
        let host = concrete.map_or("localhost", |host| host.trim_start_matches('.'));
        format!("https://{host}")
    }
}

/// The host of an origin, without its port.
fn host_of(origin: &str) -> &str {
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = Settings::default();
        change(&mut settings);
        settings
    }

    #[test]
    fn mail_goes_to_the_console_in_debug_and_to_a_server_otherwise() {
        assert_eq!(settings(|s| s.debug = true).email_backend_kind(), EmailBackendKind::Console);
        assert_eq!(settings(|_| ()).email_backend_kind(), EmailBackendKind::Smtp);
        let file = settings(|s| s.email_backend = Some(EmailBackendKind::File));
        assert_eq!(file.email_backend_kind(), EmailBackendKind::File);
    }

    #[test]
    fn the_port_is_the_usual_one_unless_set() {
        assert_eq!(settings(|_| ()).smtp_port(), 25);
        assert_eq!(settings(|s| s.email_use_tls = true).smtp_port(), 587);
        assert_eq!(settings(|s| s.email_use_ssl = true).smtp_port(), 465);
        assert_eq!(settings(|s| s.email_port = Some(2525)).smtp_port(), 2525);
    }

    #[test]
    fn links_begin_with_what_the_settings_say() {
        let hosts = |hosts: &[&str]| {
            let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
            settings(|s| s.allowed_hosts = hosts).site_origin()
        };
        assert_eq!(hosts(&["*", ".a.example", "www.a.example"]), "https://www.a.example");
        assert_eq!(hosts(&[".a.example"]), "https://a.example");
        assert_eq!(hosts(&["*"]), "https://localhost");
        assert_eq!(settings(|s| s.debug = true).site_origin(), "http://127.0.0.1:8000");
        let set = settings(|s| s.site_url = Some("https://b.example/".into()));
        assert_eq!(set.site_origin(), "https://b.example");
    }

    #[test]
    fn mail_is_from_the_sites_own_host_unless_set() {
        assert_eq!(settings(|s| s.debug = true).from_email(), "webmaster@127.0.0.1");
        let set = settings(|s| s.site_url = Some("https://b.example:8443".into()));
        assert_eq!(set.from_email(), "webmaster@b.example");
        let set = settings(|s| s.default_from_email = Some("Ann <ann@b.example>".into()));
        assert_eq!((set.from_email(), set.from_server()), (set.from_server(), "Ann <ann@b.example>".into()));
    }
}
