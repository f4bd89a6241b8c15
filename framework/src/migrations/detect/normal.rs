//! Tables in the one form that is compared: the site's user is the user, and what goes without saying is not said.

use crate::db::schema::{ColumnDef, Kind, Reference, Table, Target};
use crate::migrations::UserTable;

pub(super) fn table(table: &Table, user: Option<&UserTable>) -> Table {
    let columns = table.columns.iter().map(|one| column(one, user)).collect();
    Table { columns, ..table.clone() }
}

fn column(column: &ColumnDef, user: Option<&UserTable>) -> ColumnDef {
    let unique = column.unique && !column.primary_key;
    let index = column.index && !unique && !column.primary_key && column.references.is_none();
    let null = column.null && !column.primary_key;
    let mut column = ColumnDef { unique, index, null, ..column.clone() };
    if let Some(reference) = &mut column.references {
        column.kind = Kind::BigInt;
        if user.is_some_and(|user| is_user(reference, user)) {
            reference.target = Target::User;
        }
    }
    column
}

fn is_user(reference: &Reference, user: &UserTable) -> bool {
    matches!(&reference.target, Target::Table { table, column, .. } if table == user.table && column == user.key)
}
