//! Changes of a table that stays.

use super::{Replayed, State, check_columns, no_table, points_to};
use crate::db::schema::{ColumnDef, Table, Target};
use crate::migrations::UserTable;
use crate::migrations::defaults;
use crate::migrations::operations::Alteration;

impl State {
    pub(super) fn alter(
        &mut self,
        name: &str,
        alteration: &Alteration,
        user: Option<&UserTable>,
    ) -> Replayed {
        let home = self.table(name).ok_or_else(|| no_table(name))?;
        let mut table = home.clone();
        match alteration {
            Alteration::AddColumn { column, .. } => {
                let kind = self.kind_of(column, home, user)?;
                table.columns.push(ColumnDef { kind, ..column.clone() });
            }
            Alteration::AlterColumn { column, .. } => {
                let kind = self.kind_of(column, home, user)?;
                *column_mut(&mut table, &column.name)? = ColumnDef { kind, ..column.clone() };
            }
            Alteration::DropColumn(column) => self.check_unused(name, column, user)?,
            _ => {}
        }
        check_fill(&table, alteration)?;
        change(&mut table, alteration)?;
        check_columns(&table)?;
        *self.table_mut(name)? = table;
        self.follow(name, alteration, user);
        Ok(())
    }

    fn check_unused(&self, name: &str, column: &str, user: Option<&UserTable>) -> Replayed {
        let points = |other: &ColumnDef| match other.references.as_ref().map(|reference| &reference.target) {
            Some(Target::Table { table, column: key, .. }) => table == name && key == column,
            Some(Target::User) => user.is_some_and(|user| user.table == name && user.key == column),
            None => false,
        };
        match self.tables.iter().find(|table| table.columns.iter().any(points)) {
            Some(other) => {
                Err(format!("`{}` still points to `{name}.{column}`; drop that first", other.name))
            }
            None => Ok(()),
        }
    }

    /// Foreign keys go along with the key that they point to.
    fn follow(&mut self, name: &str, alteration: &Alteration, user: Option<&UserTable>) {
        match alteration {
            Alteration::RenameColumn { column, to } => {
                for target in self.targets_mut() {
                    if let Target::Table { table, column: key, .. } = target
                        && table == name
                        && key == column
                    {
                        to.clone_into(key);
                    }
                }
            }
            Alteration::AlterColumn { column, .. } => {
                let kind = self.table(name).and_then(|table| table.column(&column.name)).map(|key| key.kind);
                let columns = self.tables.iter_mut().flat_map(|table| &mut table.columns);
                let points = |other: &&mut ColumnDef| {
                    let key = other.references.as_ref().map(|reference| &reference.target);
                    let is_key = match key {
                        Some(Target::Table { column: key, .. }) => *key == column.name,
                        _ => user.is_some_and(|user| user.key == column.name),
                    };
                    is_key && points_to(other, name, user)
                };
                columns.filter(points).for_each(|other| other.kind = kind.unwrap_or(other.kind));
            }
            _ => {}
        }
    }
}

/// What rows that exist get must be of the column's kind too.
fn check_fill(table: &Table, alteration: &Alteration) -> Replayed {
    let (Alteration::AddColumn { column, fill: Some(fill) }
    | Alteration::AlterColumn { column, fill: Some(fill) }) = alteration
    else {
        return Ok(());
    };
    match defaults::wrong(column, fill) {
        Some(what) => Err(format!("`{}.{}` is filled with {what}", table.name, column.name)),
        None => Ok(()),
    }
}

/// The change inside the table; what a column added or altered holds is known already.
fn change(table: &mut Table, alteration: &Alteration) -> Replayed {
    match alteration {
        Alteration::AddColumn { .. } | Alteration::AlterColumn { .. } => {}
        Alteration::DropColumn(column) => drop_column(table, column)?,
        Alteration::RenameColumn { column, to } => rename_column(table, column, to)?,
        Alteration::AddUnique(columns) => add(&mut table.unique_together, columns, &table.name)?,
        Alteration::DropUnique(columns) => drop(&mut table.unique_together, columns, &table.name)?,
        Alteration::UniqueLower(column) => add(&mut table.unique_lower, column, &table.name)?,
        Alteration::AddIndex(index) => add(&mut table.indexes, index, &table.name)?,
        Alteration::DropIndex(index) => drop(&mut table.indexes, index, &table.name)?,
        Alteration::AddCheck(check) => {
            if table.checks.iter().any(|other| other.name == check.name) {
                return Err(format!("the table `{}` has a check `{}` already", table.name, check.name));
            }
            table.checks.push(check.clone());
        }
        Alteration::DropCheck(name) => {
            let position = table.checks.iter().position(|check| check.name == *name);
            let missing = || format!("the table `{}` has no check `{name}`", table.name);
            table.checks.remove(position.ok_or_else(missing)?);
        }
        Alteration::Ordering(columns) => table.ordering.clone_from(columns),
    }
    Ok(())
}

fn add<T: Clone + PartialEq>(all: &mut Vec<T>, one: &T, table: &str) -> Replayed {
    if all.contains(one) {
        return Err(format!("the table `{table}` has it already"));
    }
    all.push(one.clone());
    Ok(())
}

fn drop<T: PartialEq>(all: &mut Vec<T>, one: &T, table: &str) -> Replayed {
    let position = all.iter().position(|other| other == one);
    all.remove(position.ok_or_else(|| format!("the table `{table}` has no such index or constraint"))?);
    Ok(())
}

fn drop_column(table: &mut Table, column: &str) -> Replayed {
    column_mut(table, column)?;
    let is_it = |other: &String| other.trim_start_matches('-') == column;
    table.columns.retain(|other| other.name != column);
    table.unique_together.retain(|columns| !columns.iter().any(is_it));
    table.unique_lower.retain(|other| other != column);
    table.indexes.retain(|index| !index.columns.iter().any(is_it));
    table.checks.retain(|check| !mentions(&check.condition, column));
    table.ordering.retain(|other| !is_it(other));
    Ok(())
}

fn rename_column(table: &mut Table, column: &str, to: &str) -> Replayed {
    to.clone_into(&mut column_mut(table, column)?.name);
    let named = table.unique_together.iter_mut().flatten().chain(&mut table.unique_lower);
    let ordered = table.indexes.iter_mut().flat_map(|index| &mut index.columns).chain(&mut table.ordering);
    for name in named.chain(ordered) {
        match name.strip_prefix('-') {
            Some(descending) if descending == column => *name = format!("-{to}"),
            None if name == column => to.clone_into(name),
            _ => {}
        }
    }
    for check in &mut table.checks {
        check.condition = renamed(&check.condition, column, to);
    }
    Ok(())
}

/// Whether a condition names the column.
pub(in crate::migrations) fn mentions(condition: &str, column: &str) -> bool {
    words(condition).any(|word| word == column)
}

/// The condition with another name in place of the column's.
fn renamed(condition: &str, column: &str, to: &str) -> String {
    words(condition).map(|word| if word == column { to } else { word }).collect()
}

/// The text cut into words, texts in quotes, and what stands between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let (word, after) = rest.split_at(end_of_word(rest, first));
        rest = after;
        Some(word)
    })
}

fn end_of_word(text: &str, first: char) -> usize {
    let kind = |letter: char| (letter.is_alphanumeric() || letter == '_', letter == '\'');
    match first {
        '\'' => text[1..].find('\'').map_or(text.len(), |end| end + 2),
        _ => text.find(|letter| kind(letter) != kind(first)).unwrap_or(text.len()),
    }
}

fn column_mut<'t>(table: &'t mut Table, column: &str) -> Result<&'t mut ColumnDef, String> {
    let missing = format!("the table `{}` has no column `{column}`", table.name);
    table.columns.iter_mut().find(|other| other.name == column).ok_or(missing)
}
