//! Rows by the keys of those that they belong to, for all of them in one query.

use super::QuerySet;
use super::read::KEYS;
use crate::db::model::Model;
use crate::db::statement::Limited;
use crate::db::{Field, Key};
use crate::error::Result;
use sea_query::{DynIden, Expr, ExprTrait, JoinType};
use std::collections::HashMap;

/// Where the key stands that says to whom a row belongs.
pub(in crate::db) struct Home {
    /// The rows' own table, or one in between.
    pub(in crate::db) table: DynIden,
    /// The column of that key.
    pub(in crate::db) column: DynIden,
    /// The column that points to the rows, if the table is one in between.
    pub(in crate::db) points_by: Option<DynIden>,
}

impl<M: Model> QuerySet<M> {
    /// The rows that belong to each of these keys; a key without rows has an empty list.
    pub(in crate::db) async fn grouped<K: Key>(
        self,
        keys: impl IntoIterator<Item = K>,
        home: &Home,
    ) -> Result<HashMap<K, Vec<M>>> {
        let query = self.in_some_order();
        let mut groups: HashMap<K, Vec<M>> = keys.into_iter().map(|key| (key, Vec::new())).collect();
        let keys: Vec<K> = groups.keys().cloned().collect();
        let reader = query.reader();
        for keys in keys.chunks(KEYS) {
            let statement = query.of_keys(keys, home);
            let read =
                |row: &crate::db::Row<'_>| Ok((row.from(reader.width).get::<K>("key")?, reader.read(row)?));
            for (key, row) in query.db.fetch_all(&statement, read).await? {
                groups.entry(key).or_default().push(row);
            }
        }
        Ok(groups)
    }

    fn of_keys<K: Key>(&self, keys: &[K], home: &Home) -> Limited {
        let at = |column: &DynIden| Expr::col((home.table.clone(), column.clone()));
        let mut select = self.select();
        if let Some(points_by) = &home.points_by {
            let on = at(points_by).equals((M::TABLE, M::KEY));
            select.join(JoinType::InnerJoin, home.table.clone(), on);
        }
        select.expr(at(&home.column));
        select.and_where(at(&home.column).is_in(keys.iter().map(Field::value)));
        self.limited(select)
    }
}
