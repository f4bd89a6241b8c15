//! Whether others can read what goes to a database, or answer in its place: the way there, as the driver reads the URL.

use crate::error::{Error, Result};
#[cfg(any(feature = "postgres", feature = "mysql", feature = "redis"))]
use std::net::IpAddr;

/// The way to a database.
#[cfg_attr(
    not(any(feature = "postgres", feature = "mysql")),
    allow(dead_code, reason = "a file is always safe")
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// It stays on this machine, or TLS guards it and the server's certificate and name are checked.
    Safe,
    /// Less than that, which the URL asks for.
    Chosen { host: String, mode: &'static str, best: &'static str },
    /// TLS if the server happens to speak it, and nobody has said so: the drivers' own choice where a URL says nothing.
    MayFallBack { host: String, best: &'static str, plain: &'static str },
}

impl Transport {
    /// The way that this URL takes. What is wrong with the URL is said by whoever connects.
    pub(crate) fn of(url: &str) -> Self {
        match url.split_once(':').map_or("", |(scheme, _)| scheme) {
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => super::postgres::transport(url),
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => super::mysql::transport(url),
            _ => Self::Safe,
        }
    }

    /// Refuses one that may fall back to plain text without anybody's decision (OWASP ASVS 5.0, 12.3.1).
    ///
    /// # Errors
    /// [`Error::NotReady`], which says what to write.
    pub(crate) fn or_refuse(self) -> Result<()> {
        let Self::MayFallBack { host, best, plain } = self else { return Ok(()) };
        Err(Error::NotReady(format!(
            "the way to the database at {host} is without TLS if the server does not offer it; add ?{best} to DATABASE_URL \
             (& in place of ? behind another option), or {plain} if nobody else can reach that network"
        )))
    }
}

/// Whether this is another machine than ours. What begins with `/` is the folder of a socket.
#[cfg(any(feature = "postgres", feature = "mysql", feature = "redis"))]
pub(crate) fn is_elsewhere(host: &str) -> bool {
    let name = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    match name.parse::<IpAddr>() {
        Ok(address) => !address.to_canonical().is_loopback(),
        Err(_) => {
            let name = name.to_ascii_lowercase();
            !(name.is_empty() || name.starts_with('/') || name == "localhost" || name.ends_with(".localhost"))
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(any(feature = "postgres", feature = "mysql", feature = "redis"))]
    use super::*;

    #[cfg(any(feature = "postgres", feature = "mysql", feature = "redis"))]
    #[test]
    fn this_machine_has_several_names() {
        for here in [
            "localhost",
            "LOCALHOST.",
            "db.localhost",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "/run/postgresql",
            "",
        ] {
            assert!(!is_elsewhere(here), "{here}");
        }
        for there in
            ["db", "db.example", "10.0.0.5", "192.168.1.1", "[fd00::1]", "localhost.example", "0.0.0.0"]
        {
            assert!(is_elsewhere(there), "{there}");
        }
    }

    /// The kind of transport by one letter: safe, chosen, falls back.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    fn letter(url: &str) -> char {
        match Transport::of(url) {
            Transport::Safe => 's',
            Transport::Chosen { .. } => 'c',
            Transport::MayFallBack { .. } => 'f',
        }
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn postgresql_on_another_machine_needs_a_decision() {
        for (address, expected) in [
            ("a:b@db.example/x", 'f'),
            ("a:b@10.0.0.5:5433/x?application_name=y", 'f'),
            ("a:b@db.example/x?sslmode=prefer", 'f'),
            ("a:b@db.example/x?sslmode=allow", 'f'),
            ("a:b@localhost/x?host=db.example", 'f'),
            ("a:b@localhost/x?hostaddr=10.0.0.5", 'f'),
            ("a:b@db.example/x?sslmode=disable", 'c'),
            ("a:b@db.example/x?sslmode=require", 'c'),
            ("a:b@db.example/x?ssl-mode=verify-ca", 'c'),
            ("a:b@db.example/x?sslmode=verify-full", 's'),
            ("a:b@localhost/x", 's'),
            ("a:b@127.0.0.1:5432/x?sslmode=disable", 's'),
            ("a:b@[::1]/x", 's'),
            ("a@%2Frun%2Fpostgresql/x", 's'),
            ("a@db.example/x?host=/run/postgresql", 's'),
        ] {
            assert_eq!(letter(&format!("postgres://{address}")), expected, "{address}");
            assert_eq!(letter(&format!("postgresql://{address}")), expected, "{address}");
        }
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn mysql_on_another_machine_needs_a_decision() {
        for (address, expected) in [
            ("a:b@db.example/x", 'f'),
            ("a:b@db.example/x?ssl-mode=PREFERRED", 'f'),
            ("a:b@db.example/x?ssl-mode=DISABLED", 'c'),
            ("a:b@db.example/x?ssl-mode=REQUIRED", 'c'),
            ("a:b@db.example/x?sslmode=VERIFY_CA", 'c'),
            ("a:b@db.example/x?ssl-mode=VERIFY_IDENTITY", 's'),
            ("a:b@127.0.0.1/x", 's'),
            ("a:b@db.example/x?socket=/run/mysqld.sock", 's'),
        ] {
            assert_eq!(letter(&format!("mysql://{address}")), expected, "{address}");
            assert_eq!(letter(&format!("mariadb://{address}")), expected, "{address}");
        }
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn the_refusal_says_what_to_write_and_not_the_password() {
        let refused = Transport::of("postgres://ann:canary@db.example/x").or_refuse().unwrap_err();
        let text = refused.to_string();
        assert_eq!(refused.exit_code(), 3);
        assert!(
            text.contains("at db.example is")
                && text.contains("?sslmode=verify-full")
                && !text.contains("canary")
        );
        assert!(Transport::of("postgres://ann:canary@db.example/x?sslmode=disable").or_refuse().is_ok());
    }
}
