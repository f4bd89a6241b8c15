//! The databases that every promise is tested on.

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file in the temporary folder.
    Sqlite,
    /// A database on the server that `NUAGES_TEST_POSTGRES` names.
    #[cfg(feature = "postgres")]
    Postgres,
    /// A database on the server that `NUAGES_TEST_MYSQL` names, be it MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    MySql,
}

impl Kind {
    /// Whether a transaction that is rolled back undoes changes of tables too.
    pub fn rolls_tables_back(self) -> bool {
        !self.is_mysql()
    }

    /// Whether a number may be infinite.
    pub fn knows_infinity(self) -> bool {
        !self.is_mysql()
    }

    /// Whether spaces at the end of a text make it another one.
    pub fn sees_spaces_at_the_end(self) -> bool {
        !self.is_mysql()
    }

    /// Whether it is MySQL, whose SQL lacks some words that the two others have in common.
    pub fn is_mysql(self) -> bool {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => true,
            _ => false,
        }
    }

    /// What `DATABASE_URL` says; the tests make databases of their own of this kind.
    ///
    /// # Panics
    /// Without the variable that names the server.
    pub fn url(self) -> String {
        match self {
            Self::Sqlite => "sqlite://site.db".into(),
            #[cfg(feature = "postgres")]
            Self::Postgres => server("NUAGES_TEST_POSTGRES"),
            #[cfg(feature = "mysql")]
            Self::MySql => server("NUAGES_TEST_MYSQL"),
        }
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn server(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} must hold the URL of a server; `cargo xtask test` starts one and sets it")
    })
}
