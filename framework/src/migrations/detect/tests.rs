use super::*;
use crate::db::schema::{ColumnDef, DefaultValue, Kind, Target};
use crate::migrations::{Migration, NoInput, TableBuilder, key_of, table_of, user};

const USER: UserTable = UserTable {
    app: "accounts",
    model: "User",
    table: "accounts_user",
    key: "id",
    login: "username",
    kind: Kind::BigInt,
};

fn model(name: &str, columns: impl FnOnce(&mut TableBuilder)) -> Table {
    let mut table = TableBuilder::new(format!("blog_{}", name.to_lowercase()));
    table.for_model(name);
    table.big_auto("id");
    columns(&mut table);
    Table { app: "blog".into(), ..table.build() }
}

fn user_model(columns: impl FnOnce(&mut TableBuilder)) -> Table {
    let users = model("User", columns);
    Table { app: "accounts".into(), name: "accounts_user".into(), ..users }
}

fn state_of(tables: &[Table]) -> State {
    let mut state = State::default();
    for table in tables {
        state.apply(&table.app, &Operation::CreateTable(table.clone()), Some(&USER)).unwrap();
    }
    state
}

fn found(before: &[Table], after: &[Table]) -> Result<Vec<Operation>> {
    detect("blog", &state_of(before), after, Some(&USER), &mut NoInput)
}

fn refusal(before: &[Table], after: &[Table]) -> String {
    found(before, after).unwrap_err().to_string()
}

fn post() -> Table {
    model("Post", |table| drop(table.text("title").max_length(200).build()))
}

fn with(mut table: Table, column: impl FnOnce(&mut TableBuilder)) -> Table {
    let mut more = TableBuilder::new("");
    column(&mut more);
    table.columns.extend(more.build().columns);
    table
}

#[test]
fn models_that_have_their_tables_need_nothing() {
    assert_eq!(found(&[post()], &[post()]).unwrap(), []);
}

#[test]
fn a_new_model_gets_a_table() {
    let table = found(&[], &[post()]).unwrap();
    assert!(matches!(&table[..], [Operation::CreateTable(table)] if table.name == "blog_post"));
}

#[test]
fn the_login_name_of_a_new_user_model_is_unique_in_any_case() {
    let users = user_model(|table| drop(table.text("username").max_length(150).unique().build()));
    let operations = detect("accounts", &State::default(), &[users], Some(&USER), &mut NoInput).unwrap();
    let [Operation::CreateTable(_), lower] = &operations[..] else { panic!("{operations:?}") };
    assert_eq!(*lower, Alteration::UniqueLower("username".into()).of("accounts_user"));
}

#[test]
fn a_login_name_that_is_no_text_or_not_unique_has_no_case() {
    let number = user_model(|table| drop(table.integer("username").unique().build()));
    let shared = user_model(|table| drop(table.text("username").build()));
    for users in [number, shared] {
        let operations = detect("accounts", &State::default(), &[users], Some(&USER), &mut NoInput).unwrap();
        assert!(matches!(&operations[..], [Operation::CreateTable(_)]), "{operations:?}");
    }
}

#[test]
fn the_user_table_that_is_there_is_left_as_it_is() {
    let users = user_model(|table| drop(table.text("username").max_length(150).unique().build()));
    let state = state_of(std::slice::from_ref(&users));
    assert_eq!(detect("accounts", &state, &[users], Some(&USER), &mut NoInput).unwrap(), []);
}

/// The column that the one operation adds.
fn added(operations: &[Operation]) -> &ColumnDef {
    match operations {
        [Operation::Alter { alteration: Alteration::AddColumn { column, .. }, .. }] => column,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_field_gets_a_column() {
    let after = with(post(), |table| drop(table.text("slug").null().build()));
    let operations = found(&[post()], &[after]).unwrap();
    assert_eq!(added(&operations).name, "slug");
}

#[test]
fn a_new_field_with_a_default_may_be_not_null() {
    let after = with(post(), |table| drop(table.boolean("published").default(false).build()));
    let operations = found(&[post()], &[after]).unwrap();
    assert_eq!(added(&operations).default, Some(DefaultValue::Bool(false)));
}

#[test]
fn a_new_field_that_old_rows_cannot_have_is_refused_with_what_to_do() {
    let after = with(post(), |table| drop(table.text("slug").build()));
    let text = refusal(&[post()], &[after]);
    assert!(text.starts_with("`Post.slug` is new, may not be NULL and has no default"), "{text}");
    assert!(text.contains("#[model(default = …)]") && text.contains("`Option`"), "{text}");
}

#[test]
fn the_sites_user_is_recognised_behind_its_table() {
    let foreign_key = |target| model("Post", |table| drop(table.foreign_key("author_id", target).build()));
    let by_model = foreign_key(key_of("accounts", "accounts_user", "id"));
    let [Operation::CreateTable(table)] = &found(&[], std::slice::from_ref(&by_model)).unwrap()[..] else {
        panic!()
    };
    assert_eq!(table.columns[1].references.as_ref().unwrap().target, Target::User);
    assert_eq!(found(&[foreign_key(user())], &[by_model]).unwrap(), []);
}

#[test]
fn tables_are_made_after_those_they_point_to() {
    let comment =
        model("Comment", |table| drop(table.foreign_key("post_id", table_of("blog", "blog_post")).build()));
    let operations = found(&[], &[comment, post()]).unwrap();
    let names: Vec<_> = operations.iter().map(name).collect();
    assert_eq!(names, ["blog_post", "blog_comment"]);
}

#[test]
fn a_circle_is_closed_by_a_column_that_is_added_later() {
    let left =
        model("Left", |table| drop(table.foreign_key("right_id", table_of("blog", "blog_right")).build()));
    let right = model("Right", |table| {
        drop(table.foreign_key("left_id", table_of("blog", "blog_left")).null().build())
    });
    let names = |operations: Vec<Operation>| operations.iter().map(name).collect::<Vec<_>>();
    let made = found(&[], &[left.clone(), right]).unwrap();
    assert_eq!(names(made), ["blog_right", "blog_left", "blog_right.left_id"]);
    let stiff =
        model("Right", |table| drop(table.foreign_key("left_id", table_of("blog", "blog_left")).build()));
    assert!(refusal(&[], &[left, stiff]).contains("`Left`, `Right` point to each other in a circle"));
}

fn name(operation: &Operation) -> String {
    match operation {
        Operation::CreateTable(table) => table.name.clone(),
        Operation::Alter { table, alteration: Alteration::AddColumn { column, .. } } => {
            format!("{table}.{}", column.name)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_model_that_points_to_itself_is_no_circle() {
    let tree =
        model("Node", |table| drop(table.foreign_key("parent_id", table_of("blog", "blog_node")).build()));
    assert_eq!(found(&[], &[tree]).unwrap().len(), 1);
}

#[test]
fn what_goes_without_saying_makes_no_difference() {
    let plain = model("Post", |table| drop(table.foreign_key("author_id", user()).build()));
    let mut said = plain.clone();
    said.columns[0].unique = true;
    said.columns[1].index = true;
    said.columns[1].kind = Kind::Uuid;
    assert_eq!(found(&[plain], &[said]).unwrap(), []);
}

#[test]
fn a_table_without_a_model_is_left_alone() {
    let by_hand = Table { model: String::new(), ..post() };
    assert_eq!(found(&[by_hand], &[]).unwrap(), []);
}

#[test]
fn a_table_of_another_app_is_not_taken() {
    let theirs = Table { app: "shop".into(), ..post() };
    assert!(refusal(&[theirs], &[post()]).contains("is made by app `shop`"));
}

#[test]
fn hand_written_migrations_end_the_complaint() {
    let migration =
        Migration::new("0002_wider").alter_column("blog_post", |column| column.text("title").max_length(300));
    let mut state = state_of(&[post()]);
    state.apply("blog", &migration.operations()[0], None).unwrap();
    let wider = model("Post", |table| drop(table.text("title").max_length(300).build()));
    assert_eq!(detect("blog", &state, &[wider], None, &mut NoInput).unwrap(), []);
}
