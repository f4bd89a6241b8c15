//! The client program that a database brings, for people who write SQL by hand.

use crate::error::{Error, Result};

/// How the client is started.
pub(crate) struct Shell {
    /// What the program may be called.
    pub(crate) programs: &'static [&'static str],
    /// The package that has it.
    pub(crate) package: &'static str,
    /// The database as people know it; there is no password in it.
    pub(crate) database: String,
    /// What the client is told on its command line.
    pub(crate) arguments: Vec<String>,
    /// What goes into its environment, where the password is seen by nobody else.
    pub(crate) environment: Vec<(&'static str, String)>,
}

impl Shell {
    /// The client for the database at this URL.
    ///
    /// # Errors
    /// [`Error::NotReady`] if the URL cannot be read, or names a database that nuages was built without.
    pub(crate) fn of(url: &str) -> Result<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            #[cfg(feature = "sqlite")]
            Some("sqlite") => sqlite(url),
            #[cfg(feature = "postgres")]
            Some("postgres" | "postgresql") => postgres(url),
            #[cfg(feature = "mysql")]
            Some("mysql" | "mariadb") => mysql(url),
            _ => Err(unreadable()),
        }
    }
}

fn unreadable() -> Error {
    Error::NotReady(
        "DATABASE_URL cannot be read; write it like sqlite://site.db or postgres://user@host/name".into(),
    )
}

#[cfg(feature = "sqlite")]
fn sqlite(url: &str) -> Result<Shell> {
    let options: sqlx::sqlite::SqliteConnectOptions = url.parse().map_err(|_| unreadable())?;
    let database = options.get_filename().display().to_string();
    let (arguments, environment) = (vec![database.clone()], Vec::new());
    Ok(Shell { programs: &["sqlite3"], package: "sqlite3", database, arguments, environment })
}

/// `psql` reads the same URLs as sqlx, but for one word.
#[cfg(feature = "postgres")]
fn postgres(url: &str) -> Result<Shell> {
    let (mut url, password) = without_password(url)?;
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let kept = pairs.iter().filter(|(name, _)| name != "statement-cache-capacity");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
    let database = String::from(url);
    let (arguments, environment) = (vec![database.clone()], in_environment("PGPASSWORD", password));
    Ok(Shell { programs: &["psql"], package: "postgresql-client", database, arguments, environment })
}

/// The client of either server reads this variable, which Django uses too.
#[cfg(feature = "mysql")]
fn mysql(url: &str) -> Result<Shell> {
    let (url, password) = without_password(url)?;
    let user = Some(url.username()).filter(|user| !user.is_empty()).and_then(decoded);
    let host = url.host_str().map(ToOwned::to_owned);
    let main = [("user", user), ("host", host), ("port", url.port().map(|port| port.to_string()))];
    let main = main.into_iter().filter_map(|(name, value)| Some(format!("--{name}={}", value?)));
    let known = ["socket", "ssl-ca", "ssl-cert", "ssl-key"];
    let more = url.query_pairs().filter(|(name, _)| known.contains(&name.as_ref()));
    let more = more.map(|(name, value)| format!("--{name}={value}"));
    let name = decoded(url.path().trim_start_matches('/')).filter(|name| !name.is_empty());
    Ok(Shell {
        programs: &["mysql", "mariadb"],
        package: "mariadb-client",
        arguments: main.chain(more).chain(name).collect(),
        environment: in_environment("MYSQL_PWD", password),
        database: url.clone().into(),
    })
}

/// The URL and the password that it had, which stands behind the user or among the options.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn without_password(url: &str) -> Result<(url::Url, Option<String>)> {
    let mut url = url::Url::parse(url).map_err(|_| unreadable())?;
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let (passwords, kept): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| name == "password");
    let password = passwords.into_iter().next().map(|(_, password)| password);
    let password = password.or_else(|| decoded(url.password()?));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
    // A URL without a host has none.
    let _ = url.set_password(None);
    Ok((url, password))
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn in_environment(name: &'static str, password: Option<String>) -> Vec<(&'static str, String)> {
    password.map(|password| (name, password)).into_iter().collect()
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn decoded(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "sqlite")]
    #[test]
    fn sqlite_is_a_file() {
        for (url, file) in
            [("sqlite://site.db", "site.db"), ("sqlite:///var/my%20site.db?mode=ro", "/var/my site.db")]
        {
            let shell = Shell::of(url).unwrap();
            assert_eq!((shell.database.as_str(), shell.environment.len()), (file, 0));
        }
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_password_is_in_the_environment_alone() {
        for (url, database, password) in [
            ("postgres://ann:s%40cr%3At@host:5433/site", "postgres://ann@host:5433/site", Some("s@cr:t")),
            (
                "postgresql://ann@host/site?sslmode=require",
                "postgresql://ann@host/site?sslmode=require",
                None,
            ),
            (
                "postgres:///site?host=/run&password=s%26t&statement-cache-capacity=7",
                "postgres:///site?host=%2Frun",
                Some("s&t"),
            ),
        ] {
            let shell = Shell::of(url).unwrap();
            assert_eq!((shell.database.as_str(), shell.arguments), (database, vec![database.to_owned()]));
            let expected: Vec<_> =
                password.map(|password| ("PGPASSWORD", password.to_owned())).into_iter().collect();
            assert_eq!(shell.environment, expected);
        }
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn the_client_of_mysql_is_told_word_for_word() {
        let shell =
            Shell::of("mysql://ann:s%40cr%3At@host:3307/si%20te?ssl-ca=%2Fca.pem&charset=utf8mb4").unwrap();
        assert_eq!(
            shell.arguments,
            ["--user=ann", "--host=host", "--port=3307", "--ssl-ca=/ca.pem", "si te"]
        );
        assert_eq!(shell.environment, [("MYSQL_PWD", "s@cr:t".to_owned())]);
        assert!(!shell.database.contains("s%40cr"), "{}", shell.database);
        let plain = Shell::of("mysql://localhost/site").unwrap();
        assert_eq!(
            (plain.arguments, plain.environment.len()),
            (vec!["--host=localhost".into(), "site".into()], 0)
        );
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_shown() {
        for url in ["", "secret", "oracle://secret", "postgres://a:secret@:x/"] {
            let error = Shell::of(url).err().unwrap();
            assert!(error.exit_code() == 3 && !error.to_string().contains("secret"), "{error}");
        }
    }
}
