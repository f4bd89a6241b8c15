//! Moves a site's users from one table to another, on a database that has them.

use super::records;
use super::schema::{Pointer, Swap};
use super::user::UserTable;
use crate::db::schema::Table;
use crate::db::sea_query::{Expr, ExprTrait, Func, Query};
use crate::db::{Database, inspect};
use crate::error::{Error, Result};

/// The tables between users and others, as Django calls them.
const BETWEEN: [&str; 2] = ["_groups", "_user_permissions"];

/// Moves the users, if the database has them where they were.
pub(super) async fn run(db: &Database, swap: &Swap) -> Result<()> {
    let names = inspect::names(db).await?;
    let has = |name: &str| names.iter().any(|known| known == name);
    if !has(swap.from.table) || (swap.is_undone && !records::was_swapped(db, swap.to.table).await?) {
        return Ok(());
    }
    let pointers = pointers(db, &names, swap.from.table).await?;
    let mut pairs = vec![String::new()];
    pairs.extend(
        BETWEEN.map(str::to_owned).into_iter().filter(|end| has(&format!("{}{end}", swap.from.table))),
    );
    if !swap.is_undone {
        clear_the_way(db, swap, &pairs, has).await?;
    }
    for end in pairs.iter().rev() {
        for sql in swap.rename(db.dialect(), end) {
            db.execute_sql(&sql).await?;
        }
    }
    take_shape(db, swap, pointers).await?;
    if swap.is_undone {
        make_again(db, swap, &pairs).await?;
    }
    rename_content_type(db, swap, has("django_content_type")).await?;
    records::set_user_model(db, &swap.to).await?;
    records::remember_swap(db, swap.from.table, swap.is_undone).await
}

/// What points to the users, whoever has made it.
async fn pointers(db: &Database, names: &[String], users: &str) -> Result<Vec<Pointer>> {
    let mut found = Vec::new();
    for name in names.iter().filter(|name| *name != users) {
        let table = inspect::table(db, name).await?;
        for column in table.into_iter().flat_map(|table| table.columns) {
            if super::state::points_to(&column, users, None) {
                found.push(Pointer { table: name.clone(), column });
            }
        }
    }
    Ok(found)
}

/// The new tables are there, and must be empty.
async fn clear_the_way(
    db: &Database,
    swap: &Swap,
    ends: &[String],
    has: impl Fn(&str) -> bool,
) -> Result<()> {
    for end in ends.iter().rev() {
        let name = format!("{}{end}", swap.to.table);
        if !has(&name) {
            continue;
        }
        let query = Query::select().expr(Expr::val(1_i64)).from(name.clone()).take();
        if db.fetch_optional(&query, |_| Ok(())).await?.is_some() {
            return Err(Error::Refused(format!(
                "`{name}` has rows already, so the users of `{}` cannot take its place; move those rows away first",
                swap.from.table
            )));
        }
        db.execute_sql(&swap.drop(&name)).await?;
    }
    Ok(())
}

/// The users' table, those between it and others, and foreign keys of another type. SQLite has one type for all keys.
async fn take_shape(db: &Database, swap: &Swap, pointers: Vec<Pointer>) -> Result<()> {
    let name = swap.new.name.clone();
    let users = match swap.is_undone {
        true => Table { name, ..swap.old.clone() },
        // What the database says goes before what a migration says of it.
        false => Table { unique_lower: swap.old.unique_lower.clone(), ..now(db, &name).await? },
    };
    let mut tables = vec![(users, without_twins(db, &swap.new).await?)];
    let mut others = Vec::new();
    for pointer in pointers {
        let mut pointer = renamed(swap, pointer);
        let between = between(swap, &pointer);
        if let Some(table) = between {
            name_user_column(db, &mut pointer, swap.column_in(table)).await?;
        }
        match between.filter(|_| !swap.is_undone) {
            Some(table) => tables.push((now(db, &table.name).await?, table.clone())),
            None if db.dialect().has_typed_keys() => others.push(pointer),
            None => {}
        }
    }
    for sql in swap.alter(db.dialect(), &tables, &others)? {
        db.execute_sql(&sql).await?;
    }
    Ok(())
}

async fn now(db: &Database, name: &str) -> Result<Table> {
    let missing = || Error::Refused(format!("there is no table `{name}`, though it was there a moment ago"));
    inspect::table(db, name).await?.ok_or_else(missing)
}

/// The tables between users and others have the name of the new users' already.
fn renamed(swap: &Swap, mut pointer: Pointer) -> Pointer {
    for end in BETWEEN {
        if pointer.table == format!("{}{end}", swap.from.table) {
            pointer.table = format!("{}{end}", swap.to.table);
        }
    }
    pointer
}

/// The new users' table between them and others that takes the place of the pointer's, or whose place that one takes.
fn between<'a>(swap: &'a Swap, pointer: &Pointer) -> Option<&'a Table> {
    let ends = BETWEEN.into_iter().filter(|end| pointer.table == format!("{}{end}", swap.to.table));
    ends.filter_map(|end| swap.between.iter().find(|table| table.name.ends_with(end))).next()
}

async fn name_user_column(db: &Database, pointer: &mut Pointer, name: &str) -> Result<()> {
    if pointer.column.name != name {
        db.execute_sql(&Swap::rename_column(&pointer.table, &pointer.column.name, name)).await?;
        name.clone_into(&mut pointer.column.name);
    }
    Ok(())
}

/// Names that differ only in capitals stay as they are: nobody is locked out by the move.
async fn without_twins(db: &Database, users: &Table) -> Result<Table> {
    let mut users = users.clone();
    for column in users.unique_lower.clone() {
        let lower = || Func::lower(Expr::col(column.clone()));
        let mut query = Query::select();
        query.expr(Expr::val(1_i64)).from(users.name.clone()).add_group_by([lower().into()]);
        query.and_having(Func::count(Expr::col(column.clone())).gt(1_i64));
        if db.fetch_optional(&query, |_| Ok(())).await?.is_some() {
            tracing::warn!(
                "some of the users' `{column}` differ only in capitals, so they are not kept unique in any case"
            );
            users.unique_lower.retain(|other| *other != column);
        }
    }
    Ok(users)
}

/// The migrations that made the tables are still applied.
async fn make_again(db: &Database, swap: &Swap, ends: &[String]) -> Result<()> {
    let users = Swap { new: swap.old.clone(), ..swap.clone() };
    let between = swap
        .between
        .iter()
        .filter(|table| ends.iter().any(|end| table.name.ends_with(end.as_str()) && !end.is_empty()));
    for table in std::iter::once(&users.new).chain(between) {
        for sql in swap.make(db.dialect(), table)? {
            db.execute_sql(&sql).await?;
        }
    }
    Ok(())
}

/// Permissions are about the model of the new name, and stay with those who have them.
async fn rename_content_type(db: &Database, swap: &Swap, is_there: bool) -> Result<()> {
    if !is_there {
        return Ok(());
    }
    let named = |user: &UserTable| {
        Expr::col("app_label").eq(user.app).and(Expr::col("model").eq(user.model.to_lowercase()))
    };
    let mut gone = Query::delete();
    gone.from_table("django_content_type").and_where(named(&swap.to));
    db.execute(&gone).await?;
    let mut renamed = Query::update();
    renamed.table("django_content_type").and_where(named(&swap.from));
    renamed.values([("app_label", swap.to.app.into()), ("model", swap.to.model.to_lowercase().into())]);
    db.execute(&renamed).await.map(drop)
}
