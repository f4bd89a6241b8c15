//! The databases that every promise is tested on.

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file in the temporary folder.
    Sqlite,
    /// A database on the server that `NUAGES_TEST_POSTGRES` names.
    #[cfg(feature = "postgres")]
    Postgres,
}

impl Kind {
    /// What `DATABASE_URL` says; the tests make databases of their own of this kind.
    ///
    /// # Panics
    /// Without `NUAGES_TEST_POSTGRES`, for PostgreSQL.
    pub fn url(self) -> String {
        match self {
            Self::Sqlite => "sqlite://site.db".into(),
            #[cfg(feature = "postgres")]
            Self::Postgres => std::env::var("NUAGES_TEST_POSTGRES").expect(
                "NUAGES_TEST_POSTGRES must hold the URL of a server; `cargo xtask test` starts one and sets it",
            ),
        }
    }
}
