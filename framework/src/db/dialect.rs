//! The databases that there are, and the one match over all of them.

/// Which SQL a database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite,
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres,
    /// MySQL and MariaDB.
    #[cfg(feature = "mysql")]
    MySql,
}

impl Dialect {
    /// Whether a foreign key must have the type of the key that it points to.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    pub(crate) fn has_typed_keys(self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => false,
            _ => true,
        }
    }

    /// Whether a transaction that is rolled back takes changes of tables back too; otherwise each is committed at once.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    pub fn has_transactional_ddl(self) -> bool {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => false,
            _ => true,
        }
    }

    /// Whether a foreign key may be wider than the key that it points to.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    pub(crate) fn has_wider_keys(self) -> bool {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => false,
            _ => true,
        }
    }

    /// What a session has to be told before it reads our SQL.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    pub(crate) fn reading(self) -> Option<&'static str> {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => Some(super::connect::MYSQL_MODE),
            _ => None,
        }
    }

    /// Whether an insert answers with columns of the new row; MariaDB's does and MySQL's does not.
    #[allow(unreachable_patterns, reason = "each database is left out in some build")]
    pub fn knows_returning(self) -> bool {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => false,
            _ => true,
        }
    }
}

/// Does the same with what an enum holds, whichever database it belongs to: `each!(Pools, self, pair => pair.close())`.
macro_rules! each {
    ($enum:ident, $value:expr, $inner:pat => $body:expr) => {
        match $value {
            #[cfg(feature = "sqlite")]
            $enum::Sqlite($inner) => $body,
            #[cfg(feature = "postgres")]
            $enum::Postgres($inner) => $body,
            #[cfg(feature = "mysql")]
            $enum::MySql($inner) => $body,
        }
    };
}
pub(super) use each;
