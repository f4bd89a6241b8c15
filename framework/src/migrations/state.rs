//! The tables as the migrations leave them, known without asking a database.

use super::operations::Operation;
use super::user::UserTable;
use crate::db::schema::{ColumnDef, Kind, Reference, Table, Target};

/// All tables after some migrations were replayed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    tables: Vec<Table>,
    unique_lower: Vec<(String, String)>,
}

type Replayed = Result<(), String>;

impl State {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The tables that the migrations of one app have made.
    pub fn tables_of<'a>(&'a self, app: &'a str) -> impl Iterator<Item = &'a Table> {
        self.tables.iter().filter(move |table| table.app == app)
    }

    /// The columns of a table that are unique without regard to case.
    pub fn unique_lower<'a>(&'a self, table: &'a str) -> impl Iterator<Item = &'a str> {
        self.unique_lower.iter().filter(move |(of, _)| of == table).map(|(_, column)| column.as_str())
    }

    /// Does to the state what the operation does to a database; the error says what does not fit.
    pub(super) fn apply(&mut self, app: &str, operation: &Operation, user: Option<&UserTable>) -> Replayed {
        match operation {
            Operation::CreateTable(table) => self.create(app, table, user),
            Operation::DropTable(table) => self.drop_table(table, user),
            Operation::AddColumn { table, column } => self.add_column(table, column, user),
            Operation::DropColumn { table, column } => self.drop_column(table, column),
            Operation::AlterColumn { table, column, .. } => self.alter_column(table, column, user),
            Operation::UniqueLower { table, column } => self.add_unique_lower(table, column),
            Operation::RunSql { .. } => Ok(()),
        }
    }

    fn create(&mut self, app: &str, table: &Table, user: Option<&UserTable>) -> Replayed {
        if let Some(other) = self.table(&table.name) {
            return Err(format!("the table `{}` is already made by app `{}`", table.name, other.app));
        }
        check_columns(table)?;
        let mut resolved = Table { app: app.to_owned(), ..table.clone() };
        for column in &mut resolved.columns {
            column.kind = self.kind_of(column, table, user)?;
        }
        self.tables.push(resolved);
        Ok(())
    }

    /// SQLite would delete the rows that still point to it.
    fn drop_table(&mut self, name: &str, user: Option<&UserTable>) -> Replayed {
        self.table(name).ok_or_else(|| no_table(name))?;
        let is_it = |target: &Target| match target {
            Target::Table { table, .. } => table == name,
            Target::User => user.is_some_and(|user| user.table == name),
        };
        let points =
            |column: &ColumnDef| column.references.as_ref().is_some_and(|reference| is_it(&reference.target));
        let others = self.tables.iter().filter(|table| table.name != name);
        if let Some(other) = others.clone().find(|table| table.columns.iter().any(points)) {
            return Err(format!(
                "`{}` still points to `{name}`; drop that table or its column first",
                other.name
            ));
        }
        self.tables.retain(|table| table.name != name);
        self.unique_lower.retain(|(table, _)| table != name);
        Ok(())
    }

    fn add_column(&mut self, table: &str, column: &ColumnDef, user: Option<&UserTable>) -> Replayed {
        let found = self.table(table).ok_or_else(|| no_table(table))?;
        if found.column(&column.name).is_some() {
            return Err(format!("the table `{table}` has a column `{}` already", column.name));
        }
        let column = ColumnDef { kind: self.kind_of(column, found, user)?, ..column.clone() };
        self.table_mut(table)?.columns.push(column);
        Ok(())
    }

    fn drop_column(&mut self, table: &str, column: &str) -> Replayed {
        self.column_exists(table, column)?;
        let found = self.table_mut(table)?;
        found.columns.retain(|other| other.name != column);
        found.unique_together.retain(|columns| !columns.iter().any(|other| other == column));
        self.unique_lower.retain(|(of, name)| of != table || name != column);
        Ok(())
    }

    fn alter_column(&mut self, table: &str, column: &ColumnDef, user: Option<&UserTable>) -> Replayed {
        self.column_exists(table, &column.name)?;
        let found = self.table(table).ok_or_else(|| no_table(table))?;
        let column = ColumnDef { kind: self.kind_of(column, found, user)?, ..column.clone() };
        let columns = &mut self.table_mut(table)?.columns;
        columns
            .iter_mut()
            .filter(|other| other.name == column.name)
            .for_each(|other| *other = column.clone());
        Ok(())
    }

    fn add_unique_lower(&mut self, table: &str, column: &str) -> Replayed {
        self.column_exists(table, column)?;
        self.unique_lower.push((table.to_owned(), column.to_owned()));
        Ok(())
    }

    fn table_mut(&mut self, name: &str) -> Result<&mut Table, String> {
        self.tables.iter_mut().find(|table| table.name == name).ok_or_else(|| no_table(name))
    }

    fn column_exists(&self, table: &str, column: &str) -> Replayed {
        let found = self.table(table).ok_or_else(|| no_table(table))?;
        found.column(column).map(drop).ok_or_else(|| format!("the table `{table}` has no column `{column}`"))
    }

    /// What a column of `home` holds: for a foreign key, what the key that it points to holds.
    fn kind_of(&self, column: &ColumnDef, home: &Table, user: Option<&UserTable>) -> Result<Kind, String> {
        let Some(Reference { target, .. }) = &column.references else { return Ok(column.kind) };
        match target {
            Target::User => user.map(|user| user.kind).ok_or_else(no_user_model),
            Target::Table { table, column, .. } if *table == home.name => key_kind(home, column),
            Target::Table { app, table, column } => {
                let missing = || {
                    format!(
                        "the table `{table}` of app `{app}` is not there yet; add `.depends_on(\"{app}\", …)`"
                    )
                };
                key_kind(self.table(table).ok_or_else(missing)?, column)
            }
        }
    }
}

fn key_kind(table: &Table, key: &str) -> Result<Kind, String> {
    let column = table.column(key).map(|column| column.kind);
    column.ok_or_else(|| {
        format!("the table `{}` has no column `{key}` for a foreign key to point to", table.name)
    })
}

fn check_columns(table: &Table) -> Replayed {
    for (position, column) in table.columns.iter().enumerate() {
        if table.columns[..position].iter().any(|other| other.name == column.name) {
            return Err(format!("the table `{}` has two columns `{}`", table.name, column.name));
        }
    }
    let unknown = |column: &&String| table.column(column).is_none();
    match table.unique_together.iter().flatten().find(unknown) {
        Some(column) => {
            Err(format!("`unique_together` of `{}` names a column `{column}` that it has not", table.name))
        }
        None => Ok(()),
    }
}

fn no_table(name: &str) -> String {
    format!("there is no table `{name}` at this point")
}

pub(super) fn no_user_model() -> String {
    "it points to the site's user model, and the site has none; add `nuages_auth::app::<User>()` to its apps"
        .into()
}

#[cfg(test)]
mod tests {
    use super::super::{Migration, RunSql, key_of, user};
    use super::*;

    fn replay(migration: &Migration) -> Result<State, String> {
        let user = UserTable {
            app: "people",
            model: "Person",
            table: "people_person",
            key: "id",
            login: "name",
            kind: Kind::Uuid,
        };
        let mut state = State::default();
        for operation in migration.operations() {
            state.apply("blog", operation, Some(&user))?;
        }
        Ok(state)
    }

    fn posts() -> Migration {
        Migration::new("0001_initial").create_table("blog_post", |table| {
            table.for_model("Post");
            table.big_auto("id");
            table.text("title").max_length(200);
        })
    }

    #[test]
    fn a_foreign_key_has_the_type_of_the_key_it_points_to() {
        let migration = posts().create_table("blog_comment", |table| {
            table.foreign_key("author_id", user());
            table.foreign_key("title", key_of("blog", "blog_post", "title"));
        });
        let state = replay(&migration).unwrap();
        let kinds: Vec<_> =
            state.table("blog_comment").unwrap().columns.iter().map(|column| column.kind).collect();
        assert_eq!(kinds, [Kind::Uuid, Kind::Char(200)]);
    }

    #[test]
    fn a_column_that_is_added_altered_and_dropped_leaves_nothing() {
        let there_and_back = posts()
            .add_column("blog_post", |column| column.text("slug").null())
            .alter_column("blog_post", |column| column.text("slug").max_length(50), RunSql::same("…"))
            .unique_lower("blog_post", "slug")
            .drop_column("blog_post", "slug");
        assert_eq!(replay(&there_and_back), replay(&posts()));
    }

    #[test]
    fn a_table_that_is_made_twice_is_an_error() {
        let twice = posts().create_table("blog_post", |_| ());
        assert!(replay(&twice).unwrap_err().contains("already made by app `blog`"));
    }

    #[test]
    fn an_unknown_target_names_the_missing_dependency() {
        let migration = posts().add_column("blog_post", |column| {
            column.foreign_key("item_id", key_of("shop", "shop_item", "id")).null()
        });
        assert!(replay(&migration).unwrap_err().contains(".depends_on(\"shop\""));
    }

    #[test]
    fn a_misspelt_column_is_an_error() {
        let migration = posts().drop_column("blog_post", "titel");
        assert_eq!(replay(&migration).unwrap_err(), "the table `blog_post` has no column `titel`");
    }

    #[test]
    fn a_table_that_others_point_to_cannot_be_dropped() {
        let migration = posts().create_table("blog_comment", |table| {
            table.big_auto("id");
            table.foreign_key("post_id", super::super::table_of("blog", "blog_post"));
        });
        let error = replay(&migration.drop_table("blog_post")).unwrap_err();
        assert!(error.contains("`blog_comment` still points to `blog_post`"), "{error}");
    }
}
