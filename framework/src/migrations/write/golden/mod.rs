//! What models were and what they became, and the migration that `makemigrations` writes: one kind of change in each file of
//! `models`, and its migration in the file of that name beside this one, compiled as it is written.

use nuages::Migration;
use nuages::db::schema::Table;

/// One kind of change.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) before: Vec<Table>,
    pub(crate) after: Vec<Table>,
    pub(crate) text: &'static str,
    pub(crate) migration: Migration,
}

/// The tables of these models.
macro_rules! tables {
    ($($model:path),*) => {
        [$(<$model as nuages::Model>::tables()),*].concat()
    };
}

macro_rules! cases {
    ($($name:ident $file:literal)*) => {
        #[allow(unreachable_pub, reason = "they are written for an app")]
        mod models {
            $(pub(crate) mod $name;)*
        }

        $(
            #[allow(unreachable_pub, reason = "it is written for an app")]
            #[path = $file]
            mod $name;
        )*

        /// Every kind of change.
        pub(crate) fn cases() -> Vec<Case> {
            vec![$(Case {
                name: stringify!($name),
                before: models::$name::before(),
                after: models::$name::after(),
                text: include_str!($file),
                migration: $name::migration(),
            }),*]
        }
    };
}

cases! {
    create_model "create_model.rs.txt"
    create_circle "create_circle.rs.txt"
    delete_model "delete_model.rs.txt"
    rename_model "rename_model.rs.txt"
    add_field "add_field.rs.txt"
    add_field_with_default "add_field_with_default.rs.txt"
    add_field_filled "add_field_filled.rs.txt"
    add_many_to_many "add_many_to_many.rs.txt"
    remove_field "remove_field.rs.txt"
    rename_field "rename_field.rs.txt"
    alter_type "alter_type.rs.txt"
    alter_max_length "alter_max_length.rs.txt"
    alter_null "alter_null.rs.txt"
    alter_default "alter_default.rs.txt"
    alter_unique "alter_unique.rs.txt"
    alter_index "alter_index.rs.txt"
    add_foreign_key "add_foreign_key.rs.txt"
    alter_on_delete "alter_on_delete.rs.txt"
    add_unique_together "add_unique_together.rs.txt"
    remove_unique_together "remove_unique_together.rs.txt"
    add_index "add_index.rs.txt"
    remove_index "remove_index.rs.txt"
    add_check "add_check.rs.txt"
    alter_check "alter_check.rs.txt"
    alter_ordering "alter_ordering.rs.txt"
}
