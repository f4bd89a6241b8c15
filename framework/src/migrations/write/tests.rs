use super::changes::{Change, Request, changes};
use super::folder::Folder;
use super::golden::cases;
use super::listing::Listing;
use super::*;
use crate::error::Result;
use crate::migrations::{Histories, NoInput, Questions, TableBuilder, UserTable, key_of, table_of, user};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

mod users;

const USER: UserTable = UserTable {
    app: "accounts",
    model: "User",
    table: "accounts_user",
    key: "id",
    login: "username",
    kind: Kind::BigInt,
};

struct Site(Vec<(&'static str, Vec<Migration>)>);

impl Histories for Site {
    fn migrations(&self) -> Vec<(&str, &[Migration])> {
        self.0.iter().map(|(app, migrations)| (*app, migrations.as_slice())).collect()
    }

    fn user_table(&self) -> Option<&UserTable> {
        Some(&USER)
    }
}

fn model(app: &str, name: &str, columns: impl FnOnce(&mut TableBuilder)) -> Table {
    let mut table = TableBuilder::new(format!("{app}_{}", name.to_lowercase()));
    table.for_model(name);
    table.big_auto("id");
    columns(&mut table);
    Table { app: app.into(), ..table.build() }
}

fn users(table: &mut TableBuilder) {
    table.text("username").max_length(150).unique();
}

fn accounts() -> (&'static str, Vec<Migration>) {
    let create = |table: &mut TableBuilder| {
        table.for_model("User").big_auto("id");
        users(table);
    };
    ("accounts", vec![Migration::new("0001_initial").create_table("accounts_user", create)])
}

fn posts(table: &mut TableBuilder) {
    table.text("title").max_length(200);
    table.text("body");
    table.boolean("published").default(false);
    table.foreign_key("author_id", key_of("accounts", "accounts_user", "id"));
    table.datetime("published_at").default_now();
    table.unique_together(["title", "author_id"]);
}

fn comments(table: &mut TableBuilder) {
    table.foreign_key("post_id", table_of("blog", "blog_post"));
    table.foreign_key("author_id", user()).null().on_delete(OnDelete::SetNull);
}

fn made(site: &Site, models: Vec<(&str, Vec<Table>)>) -> Result<Vec<Change>> {
    changes(site, models, &Request::default(), &mut NoInput)
}

fn one(site: &Site, app: &str, models: Vec<Table>) -> Change {
    made(site, vec![(app, models)]).unwrap().remove(0)
}

fn rustfmt(text: &str) -> Option<String> {
    let config = ["--edition", "2024", "--config", "max_width=100,use_small_heuristics=Default"];
    let child = Command::new("rustfmt").args(config).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.ok()?;
    std::io::Write::write_all(&mut child.stdin.take()?, text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

/// Says so where rustfmt is not installed, and passes.
fn assert_formatted(text: &str) {
    match rustfmt(text) {
        Some(formatted) => assert_eq!(text, formatted),
        None => println!("rustfmt is not here, or the text does not parse:\n{text}"),
    }
}

#[test]
fn a_first_migration_reads_like_the_tables() {
    let site = Site(vec![accounts(), ("blog", vec![])]);
    let change = one(&site, "blog", vec![model("blog", "Comment", comments), model("blog", "Post", posts)]);
    assert_eq!(change.file(), "src/blog/migrations/m0001_initial.rs");
    assert_eq!(change.text, include_str!("golden/m0001_initial.rs.txt"));
    assert_formatted(&change.text);
}

#[test]
fn the_login_name_of_a_new_user_model_is_unique_in_any_case() {
    let change = one(&Site(vec![("accounts", vec![])]), "accounts", vec![model("accounts", "User", users)]);
    assert!(
        change.text.contains("\n        .unique_lower(\"accounts_user\", \"username\")\n"),
        "{}",
        change.text
    );
    assert_formatted(&change.text);
}

#[test]
fn an_added_field_is_one_line() {
    let more = |table: &mut TableBuilder| {
        users(table);
        table.text("nickname").null();
    };
    let change = one(&Site(vec![accounts()]), "accounts", vec![model("accounts", "User", more)]);
    assert_eq!(change.migration.name(), "0002_user_nickname");
    assert_eq!(change.text, include_str!("golden/m0002_user_nickname.rs.txt"));
    assert_formatted(&change.text);
}

#[test]
fn the_text_is_what_rustfmt_leaves_alone() {
    if rustfmt("").is_none() {
        return println!("rustfmt is not here");
    }
    for length in 1..64 {
        let long = "n".repeat(length);
        let name = long.as_str();
        let wide = |table: &mut TableBuilder| {
            table.text(name);
            table.text(&format!("{name}a")).max_length(20).null().unique();
            table.integer(&format!("{name}b")).default(1);
            table.foreign_key(&format!("{name}c"), user());
            table.foreign_key(&format!("{name}d"), table_of("accounts", "accounts_user2")).null();
            table
                .foreign_key(&format!("{name}e"), key_of("accounts", "accounts_user2", name))
                .on_delete(OnDelete::Protect);
            table.unique_together([name, "another_column"]);
        };
        let wide = Table { name: long.clone(), ..model("blog", "Post", wide) };
        let alone = Migration::new("0001_initial").operation(Operation::CreateTable(wide.clone()));
        let mut all =
            Migration::new("0002_x").depends_on("blog", name).operation(Operation::CreateTable(wide.clone()));
        for column in &wide.columns[1..] {
            for table in ["blog_post", name] {
                let add = Alteration::AddColumn { column: column.clone(), fill: None };
                all = all.operation(add.of(table));
                all = all.unique_lower(table, &column.name);
            }
        }
        let empty = Migration::new("0002_custom").depends_on("blog", name);
        for migration in [alone, all, empty, Migration::new(name)] {
            let text = text(&migration, &State::default());
            assert_eq!(Some(&text), rustfmt(&text).as_ref(), "{length}\n{text}");
        }
    }
}

#[test]
fn names_are_like_djangos() {
    let names = |columns: &[&str]| {
        let all = |table: &mut TableBuilder| {
            users(table);
            columns.iter().for_each(|column| drop(table.text(column).null().build()));
        };
        let change = one(&Site(vec![accounts()]), "accounts", vec![model("accounts", "User", all)]);
        change.migration.name().to_owned()
    };
    assert_eq!(names(&["bio"]), "0002_user_bio");
    assert_eq!(names(&["bio", "city"]), "0002_user_bio_user_city");
    let many = ["favourite_colour", "favourite_animal", "favourite_number"];
    assert_eq!(names(&many), "0002_user_favourite_colour_user_favourite_animal_and_more");
}

#[test]
fn a_foreign_key_to_another_app_depends_on_what_makes_its_table() {
    let items =
        |table: &mut TableBuilder| drop(table.foreign_key("post_id", table_of("blog", "blog_post")).build());
    let site = Site(vec![("shop", vec![]), accounts(), ("blog", vec![])]);
    let models =
        vec![("shop", vec![model("shop", "Item", items)]), ("blog", vec![model("blog", "Post", posts)])];
    let made = made(&site, models).unwrap();
    assert_eq!(made[0].migration.dependencies(), [("blog".to_owned(), "0001_initial".to_owned())]);
    assert!(made[1].migration.needs_user());
}

#[test]
fn apps_that_need_each_other_are_refused() {
    let to = |app: &'static str, table: &'static str| {
        move |builder: &mut TableBuilder| drop(builder.foreign_key("other_id", table_of(app, table)).build())
    };
    let models = vec![
        ("a", vec![model("a", "One", to("b", "b_two"))]),
        ("b", vec![model("b", "Two", to("a", "a_one"))]),
    ];
    let text = made(&Site(vec![("a", vec![]), ("b", vec![])]), models).unwrap_err().to_string();
    assert!(text.contains("in a circle: a.0001_initial -> b.0001_initial"), "{text}");
}

#[test]
fn a_wrong_name_is_wrong_usage() {
    let request = Request { app: Some("accounts"), name: Some("no way"), empty: true };
    let error =
        changes(&Site(vec![accounts()]), vec![("accounts", vec![])], &request, &mut NoInput).unwrap_err();
    assert_eq!(error.exit_code(), 2);
}

const LISTING: &str = "//! Kept.\n\nuse nuages::Migration;\n\nmod m0001_initial;\n\n/// Kept too.\npub fn all() -> Vec<Migration> {\n    vec![m0001_initial::migration()]\n}\n";

#[test]
fn a_list_grows_at_its_end_and_keeps_the_rest() {
    let mut listing = Listing::read(LISTING);
    for number in 2..6 {
        listing = listing.with(&format!("m000{number}_step")).unwrap();
        assert_formatted(listing.text());
    }
    assert!(
        listing
            .text()
            .starts_with("//! Kept.\n\nuse nuages::Migration;\n\nmod m0001_initial;\nmod m0002_step;\n")
    );
    assert!(
        listing
            .text()
            .contains("        m0004_step::migration(),\n        m0005_step::migration(),\n    ]\n")
    );
}

#[test]
fn a_new_list_is_the_one_that_startproject_writes() {
    assert_formatted(Listing::new("m0001_initial").text());
    assert!(Listing::new("m0001_initial").with("m0002_more").is_some());
}

#[test]
fn comments_in_a_list_stay_where_they_are() {
    let text = LISTING.replace(
        "[m0001_initial::migration()]",
        "[\n        // the first\n        m0001_initial::migration(),\n        // the end\n    ]",
    );
    let more = Listing::read(text).with("m0002_more").unwrap();
    assert!(more.text().contains("// the first\n        m0001_initial::migration(),\n        m0002_more::migration(),\n        // the end\n"));
}

#[test]
fn a_list_that_a_person_has_changed_is_left_alone() {
    for other in
        ["vec![one()]", "Vec::new()", "[vec![], vec![]].concat()", "vec![m0001_initial::migration(), more()]"]
    {
        let text = LISTING.replace("vec![m0001_initial::migration()]", other);
        assert_eq!(Listing::read(text).with("m0002_more"), None, "{other}");
    }
}

fn project() -> TempDir {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join("Cargo.toml"), "").unwrap();
    fs::create_dir_all(project.path().join("src/blog")).unwrap();
    project
}

fn first() -> Change {
    one(&Site(vec![accounts(), ("blog", vec![])]), "blog", vec![model("blog", "Post", posts)])
}

fn second() -> Change {
    let blog =
        Migration::new("0001_initial").create_table("blog_tag", |table| drop(table.big_auto("id").build()));
    one(&Site(vec![accounts(), ("blog", vec![blog])]), "blog", vec![model("blog", "Post", posts)])
}

fn read(project: &TempDir, file: &str) -> String {
    fs::read_to_string(project.path().join("src/blog/migrations").join(file)).unwrap()
}

fn refusal(project: &Path, change: &Change) -> String {
    Folder::of(project, change).unwrap_err().to_string()
}

#[test]
fn a_first_migration_makes_the_folder_and_says_what_is_left_to_do() {
    let project = project();
    let hint = Folder::of(project.path(), &first()).unwrap().write().unwrap();
    assert!(hint.unwrap().contains("add to src/blog/mod.rs: `pub mod migrations;`"));
    assert_eq!(read(&project, "m0001_initial.rs"), first().text);
    assert_eq!(read(&project, "mod.rs"), Listing::new("m0001_initial").text());
}

#[test]
fn a_later_migration_adds_its_lines() {
    let project = project();
    Folder::of(project.path(), &first()).unwrap().write().unwrap();
    assert_eq!(Folder::of(project.path(), &second()).unwrap().write().unwrap(), None);
    assert!(read(&project, "mod.rs").contains("mod m0001_initial;\nmod m0002_post;\n"));
}

#[test]
fn an_unexpected_list_is_refused_with_the_text_to_add() {
    let project = project();
    fs::create_dir(project.path().join("src/blog/migrations")).unwrap();
    fs::write(project.path().join("src/blog/migrations/mod.rs"), "// mine\n").unwrap();
    let text = refusal(project.path(), &second());
    assert!(text.contains("nothing was written") && text.contains("mod m0002_post;"), "{text}");
    assert!(text.ends_with(&second().text));
    assert_eq!(read(&project, "mod.rs"), "// mine\n");
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let project = project();
    Folder::of(project.path(), &first()).unwrap().write().unwrap();
    assert!(refusal(project.path(), &first()).contains("is there already, but the app does not list it"));
}

#[test]
fn outside_a_project_nothing_is_written() {
    let empty = tempfile::tempdir().unwrap();
    assert!(refusal(empty.path(), &first()).contains("there is no Cargo.toml here"));
    fs::write(empty.path().join("Cargo.toml"), "").unwrap();
    assert!(refusal(empty.path(), &first()).contains("has no folder src/blog"));
}

/// Whatever looks renamed is, and rows that exist get a value.
struct Yes;

impl Questions for Yes {
    fn is_model_renamed(&mut self, _: &Table, _: &Table) -> Result<bool> {
        Ok(true)
    }

    fn is_field_renamed(&mut self, _: &Table, _: &ColumnDef, _: &ColumnDef) -> Result<bool> {
        Ok(true)
    }

    fn fill_new(&mut self, _: &Table, _: &ColumnDef) -> Result<DefaultValue> {
        Ok("unknown".into())
    }

    fn fill_null(&mut self, _: &Table, _: &ColumnDef) -> Result<Option<DefaultValue>> {
        Ok(Some("unknown".into()))
    }
}

#[test]
fn each_kind_of_change_is_written_as_its_example() {
    for case in cases() {
        let wanted = |tables: &[Table]| vec![("blog", tables.to_vec())];
        let empty = Site(vec![("blog", vec![])]);
        let initial = made(&empty, wanted(&case.before)).unwrap().into_iter().map(|change| change.migration);
        let site = Site(vec![("blog", initial.collect())]);
        let change = changes(&site, wanted(&case.after), &Request::default(), &mut Yes).unwrap().remove(0);
        assert_eq!(change.text, case.text, "{}", case.name);
        let deed = |migration: &Migration| (migration.checksum(), migration.dependencies().to_vec());
        assert_eq!(deed(&change.migration), deed(&case.migration), "{}", case.name);
        assert_formatted(&change.text);
    }
}

#[test]
fn an_empty_list_gets_its_first_migration() {
    let empty = LISTING
        .replace("mod m0001_initial;\n\n", "")
        .replace("m0001_initial::migration()", "")
        .replace("pub fn all", "/// All of them.\npub fn all");
    let listing = Listing::read(empty).with("m0001_initial").unwrap();
    assert_formatted(listing.text());
    assert!(
        listing.text().contains("use nuages::Migration;\n\nmod m0001_initial;\n\n"),
        "{}",
        listing.text()
    );
    assert!(listing.text().contains("vec![m0001_initial::migration()]"), "{}", listing.text());
}
