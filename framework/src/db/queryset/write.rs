//! The ends of a query that write.

use super::QuerySet;
use crate::db::column::{Assignment, Column};
use crate::db::condition::Condition;
use crate::db::model::{self, Model};
use crate::db::selection::Columns;
use crate::db::{Database, Field, Key};
use crate::error::{Error, Result};
use sea_query::{CaseStatement, Expr, ExprTrait, Query, UpdateStatement, Value};
use std::collections::BTreeSet;

/// How many values one statement binds: SQLite takes 32,766.
const VALUES: usize = 30_000;
/// How many rows `bulk_update` writes in one statement, which looks each of them up in a list.
const UPDATES: usize = 100;
/// How many rows `delete_in_batches` deletes with one statement.
const BATCH: u64 = 1000;

impl<M: Model> QuerySet<M> {
    /// Sets columns of all these rows and says how many there were.
    ///
    /// # Errors
    /// [`Error::Refused`] with a limit or an offset, which SQL does not know here.
    pub async fn update(self, assignments: impl IntoIterator<Item = Assignment<M>>) -> Result<u64> {
        self.refuse_a_piece("`update`")?;
        let mut statement = Query::update();
        let values: Vec<_> =
            assignments.into_iter().map(|assignment| (assignment.column, assignment.value)).collect();
        if values.is_empty() {
            return self.count().await;
        }
        statement.table(M::TABLE).values(values);
        for condition in &self.conditions {
            statement.and_where(condition.build(self.db.dialect()));
        }
        self.db.execute(&statement).await
    }

    /// Deletes all these rows and says how many there were.
    ///
    /// # Errors
    /// [`Error::Refused`] with a limit or an offset, which SQL does not know here.
    pub async fn delete(self) -> Result<u64> {
        self.refuse_a_piece("`delete`")?;
        let mut statement = Query::delete();
        statement.from_table(M::TABLE);
        for condition in &self.conditions {
            statement.and_where(condition.build(self.db.dialect()));
        }
        self.db.execute(&statement).await
    }

    /// Deletes all these rows and says how many there were: a thousand with one statement, so that nobody waits long for the table. A row
    /// that is no longer one of them when its turn comes stays.
    ///
    /// # Errors
    /// As [`delete`](QuerySet::delete).
    pub async fn delete_in_batches(self) -> Result<u64> {
        self.refuse_a_piece("`delete_in_batches`")?;
        let key = Column::<M, M::Key>::new(M::KEY);
        let mut deleted = 0;
        loop {
            let keys = self.clone().limit(BATCH).values(key).await?;
            let is_last = (keys.len() as u64) < BATCH;
            deleted += self.clone().filter(key.is_in(keys)).delete().await?;
            if is_last {
                return Ok(deleted);
            }
        }
    }

    /// Inserts new rows, many in one statement, and answers them in the same order as saved: all of them, or none after an
    /// error.
    pub async fn bulk_create(self, rows: impl IntoIterator<Item = M>) -> Result<Vec<M>> {
        let mut rows: Vec<M> = rows.into_iter().collect();
        rows.iter_mut().for_each(model::prepare);
        let most = (VALUES / M::column_names().len().max(1)).max(1);
        let same = |one: &M, other: &M| one.key().is_unset() == other.key().is_unset();
        let batches: Vec<&mut [M]> = rows.chunk_by_mut(same).flat_map(|run| run.chunks_mut(most)).collect();
        if batches.len() < 2 {
            insert_all(&self.db, batches).await?;
        } else {
            self.db.transaction(async |db| insert_all(&db, batches).await).await?;
        }
        Ok(rows)
    }

    /// Writes these columns of rows that exist, many in one statement, and says how many were there: all of them, or none
    /// after an error.
    pub async fn bulk_update(self, rows: &mut [M], columns: impl Columns<M>) -> Result<u64> {
        let mut names: BTreeSet<_> = columns.names().into_iter().collect();
        names.extend(rows.iter_mut().flat_map(model::touch));
        let statements: Vec<_> = rows.chunks(UPDATES).map(|rows| update_all(rows, &names)).collect();
        match statements.as_slice() {
            [] => Ok(0),
            [only] => self.db.execute(only).await,
            _ => self.db.transaction(async |db| execute_all(&db, &statements).await).await,
        }
    }

    /// The one row for which the condition holds, or a new one, and whether it is new.
    ///
    /// Safe against others who do the same at the same time if the table is: a `unique` field must be among those that
    /// the condition looks at.
    ///
    /// # Errors
    /// [`Error::MultipleObjects`], or what inserting the new row fails with.
    pub async fn get_or_create(
        self,
        condition: Condition<M>,
        new: impl FnOnce() -> M + Send,
    ) -> Result<(M, bool)> {
        let find = || self.clone().get(condition.clone());
        match find().await {
            Err(Error::DoesNotExist(_)) => {}
            found => return Ok((found?, false)),
        }
        match insert_apart(&self.db, new()).await {
            Err(taken) if taken.is_unique_violation() => match find().await {
                Err(Error::DoesNotExist(_)) => Err(taken),
                found => Ok((found?, false)),
            },
            created => Ok((created?, true)),
        }
    }

    /// Changes and saves the one row for which the condition holds, or makes a new one; answers the row, and whether it
    /// is new. As safe as [`get_or_create`](QuerySet::get_or_create), and a row that is changed is held meanwhile.
    ///
    /// ```no_run
    /// # use nuages::{Database, Model, Result};
    /// # #[derive(Clone, Debug, Model)]
    /// # #[model(app = "blog")]
    /// # pub struct Tag { pub id: i64, #[model(max_length = 50, unique)] pub name: String, pub uses: i64 }
    /// # async fn run(db: Database) -> Result<()> {
    /// let new = || Tag { id: 0, name: "swing".into(), uses: 1 };
    /// let swing = Tag::NAME.eq("swing");
    /// let (tag, created) = Tag::objects(&db).update_or_create(swing, |tag| tag.uses += 1, new).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update_or_create(
        self,
        condition: Condition<M>,
        change: impl FnOnce(&mut M) + Send,
        new: impl FnOnce() -> M + Send,
    ) -> Result<(M, bool)> {
        let (found, created) = self.clone().get_or_create(condition.clone(), new).await?;
        if created {
            return Ok((found, true));
        }
        // Held only now: on MySQL two who hold a place where no row is yet, and then insert one, wait for each other.
        let run = async |db: Database| {
            let mut row = self.on(&db).select_for_update().get(condition).await?;
            change(&mut row);
            row.save(&db).await.map(|()| (row, false))
        };
        self.db.transaction(run).await
    }
}

/// Inserts batches of rows, and fills in their keys.
async fn insert_all<M: Model>(db: &Database, batches: Vec<&mut [M]>) -> Result<()> {
    for batch in batches {
        db.insert_rows(batch).await?;
    }
    Ok(())
}

async fn execute_all(db: &Database, statements: &[UpdateStatement]) -> Result<u64> {
    let mut rows = 0;
    for statement in statements {
        rows += db.execute(statement).await?;
    }
    Ok(rows)
}

/// Inserts a row so that a failure leaves a running transaction as it was.
async fn insert_apart<M: Model>(db: &Database, row: M) -> Result<M> {
    match db.in_transaction() {
        true => db.transaction(async |db| row.create(&db).await).await,
        false => row.create(db).await,
    }
}

/// `UPDATE … SET title = CASE WHEN id = 1 THEN 'a' WHEN id = 2 THEN 'b' END WHERE id IN (1, 2)`.
fn update_all<M: Model>(rows: &[M], names: &BTreeSet<&'static str>) -> UpdateStatement {
    let is = |row: &M| Expr::col((M::TABLE, M::KEY)).eq(row.key().value());
    let values: Vec<_> = rows.iter().map(|row| (row, row.values())).collect();
    let mut statement = Query::update();
    statement.table(M::TABLE);
    let columns = M::column_names().into_iter().enumerate();
    for (position, name) in columns.filter(|(_, name)| names.contains(name)) {
        let case = |case: CaseStatement, (row, values): &(&M, Vec<Value>)| {
            case.case(is(row), Expr::val(values[position].clone()))
        };
        statement.value(name, values.iter().fold(CaseStatement::new(), case));
    }
    let keys = rows.iter().map(|row| row.key().value());
    statement.and_where(Expr::col((M::TABLE, M::KEY)).is_in(keys));
    statement
}
