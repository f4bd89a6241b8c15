//! New rows, in one statement.

use super::statement::sealed::Build;
use super::statement::{Built, Statement, quote};
use super::{Database, Dialect, Key, Model};
use crate::error::{Error, Result};
use sea_query::Values;

impl Database {
    /// Inserts rows that all have a key, or all get one from the database, which is filled in.
    pub(super) async fn insert_rows<M: Model>(&self, rows: &mut [M]) -> Result<()> {
        let insert = Insert(rows);
        if !insert.counts_up() {
            return self.execute(&insert).await.map(drop);
        }
        let keys = match self.dialect().knows_returning() {
            true => self.fetch_all(&insert, |row| row.get::<M::Key>(M::KEY)).await?,
            false if rows.len() < 2 => self.insert_each(rows).await?,
            false => self.transaction(async |db| db.insert_each(rows).await).await?,
        };
        rows.iter_mut().zip(keys).for_each(|(row, key)| row.set_key(key));
        Ok(())
    }

    /// One after the other: the database tells the last key alone.
    async fn insert_each<M: Model>(&self, rows: &[M]) -> Result<Vec<M::Key>> {
        let mut keys = Vec::new();
        for row in rows {
            let key = self.run(&Insert(std::slice::from_ref(row))).await?.key;
            let key = key.and_then(|key| M::Key::parse(&key.to_string()));
            keys.push(key.ok_or_else(|| no_key(M::NAME))?);
        }
        Ok(keys)
    }
}

fn no_key(model: &str) -> Error {
    Error::Refused(format!("the database counted up no key for the new {model}"))
}

/// Inserts rows that all have a key, or all get one from the database; answers those keys, where the database can.
///
/// sea-query would copy every value twice on its way to the database, which is most of what many rows cost.
struct Insert<'r, M>(&'r [M]);

impl<M: Model> Statement for Insert<'_, M> {
    const WRITES: bool = true;
}

impl<M: Model> Build for Insert<'_, M> {
    #[allow(private_interfaces, reason = "only this room calls it")]
    fn build_for(&self, dialect: Dialect) -> Built {
        let mut names = M::column_names();
        let left_out = names.iter().position(|name| self.counts_up() && *name == M::KEY);
        let mut values = Vec::with_capacity(names.len() * self.0.len());
        for row in self.0 {
            let row = row.values().into_iter().enumerate();
            values.extend(row.filter(|(position, _)| Some(*position) != left_out).map(|(_, value)| value));
        }
        left_out.map(|position| names.remove(position));
        let sql = self.text(&names, dialect);
        Built { sql, values: dialect.adapt(Values(values)), first: false }
    }
}

impl<M: Model> Insert<'_, M> {
    /// Whether the database makes the keys.
    fn counts_up(&self) -> bool {
        M::Key::AUTO && self.0.iter().all(|row| row.key().is_unset())
    }

    fn text(&self, names: &[&str], dialect: Dialect) -> String {
        let quoted: Vec<_> = names.iter().map(|name| quote(name)).collect();
        let mut sql = match names {
            [] => format!("INSERT INTO {} ({}) VALUES ", quote(M::TABLE), quote(M::KEY)),
            _ => format!("INSERT INTO {} ({}) VALUES ", quote(M::TABLE), quoted.join(", ")),
        };
        for row in 0..self.0.len() {
            sql.push_str(if row == 0 { "(" } else { "), (" });
            if names.is_empty() {
                sql.push_str(dialect.default_value());
            }
            for column in 0..names.len() {
                sql.push_str(if column == 0 { "" } else { ", " });
                dialect.write_placeholder(&mut sql, row * names.len() + column + 1);
            }
        }
        sql.push(')');
        if self.counts_up() && dialect.knows_returning() {
            sql.push_str(&format!(" RETURNING {}", quote(M::KEY)));
        }
        sql
    }
}

#[cfg(all(test, feature = "sqlite", feature = "postgres"))]
mod tests {
    use super::*;

    #[derive(Clone, Debug, crate::Model)]
    #[model(app = "blog")]
    struct Tag {
        name: String,
        id: i64,
    }

    #[derive(Clone, Debug, crate::Model)]
    #[model(app = "blog")]
    struct Number {
        id: i64,
    }

    fn built<M: Model>(rows: &[M], dialect: Dialect) -> (String, usize) {
        let built = Insert(rows).build_for(dialect);
        (built.sql, built.values.0.len())
    }

    #[test]
    fn a_key_that_the_database_counts_up_is_left_out() {
        let tag = |id| Tag { name: "swing".into(), id };
        let (new, known) = ([tag(0), tag(0)], [tag(7), tag(0)]);
        let sql = r#"INSERT INTO "blog_tag" ("name") VALUES ($1), ($2) RETURNING "id""#;
        assert_eq!(built(&new, Dialect::Postgres), (sql.into(), 2));
        let sql = r#"INSERT INTO "blog_tag" ("name", "id") VALUES (?, ?), (?, ?)"#;
        assert_eq!(built(&known, Dialect::Sqlite), (sql.into(), 4));
    }

    #[test]
    fn a_row_may_be_a_key_and_nothing_else() {
        let new = [Number { id: 0 }, Number { id: 0 }];
        let sql = r#"INSERT INTO "blog_number" ("id") VALUES (DEFAULT), (DEFAULT) RETURNING "id""#;
        assert_eq!(built(&new, Dialect::Postgres), (sql.into(), 0));
        assert_eq!(built(&new, Dialect::Sqlite), (sql.replace("DEFAULT", "NULL"), 0));
    }
}
