use super::*;
use crate::App;
use crate::db::schema::{ColumnDef, Kind, OnDelete, Reference, Table, Target};
use crate::migrations::Migration;
use std::fs;
use tempfile::TempDir;

fn project() -> TempDir {
    let project = tempfile::tempdir().unwrap();
    fs::write(project.path().join("Cargo.toml"), "").unwrap();
    fs::create_dir_all(project.path().join("src/blog")).unwrap();
    project
}

fn posts() -> Table {
    let key = ColumnDef { primary_key: true, auto: true, ..ColumnDef::new("id", Kind::BigInt) };
    Table { columns: vec![key], ..Table::new("blog", "Post", "blog_post") }
}

fn call(project: &TempDir, app: App, arguments: &[&str]) -> Result<()> {
    answer(project, app, arguments, Interview::unanswered())
}

fn answer(project: &TempDir, app: App, arguments: &[&str], interview: Interview) -> Result<()> {
    let apps = Arc::new(Apps::new(vec![app])?);
    let parser = command(Arc::clone(&apps)).parser();
    let matches = parser.get_matches_from([&["makemigrations"], arguments].concat());
    run(&apps, &matches, project.path(), interview)
}

fn written(project: &TempDir) -> Vec<String> {
    let Ok(files) = fs::read_dir(project.path().join("src/blog/migrations")) else { return Vec::new() };
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_new_model_is_written_down() {
    let project = project();
    call(&project, App::new("blog").table(posts()), &[]).unwrap();
    assert_eq!(written(&project), ["m0001_initial.rs", "mod.rs"]);
}

#[test]
fn check_writes_nothing_and_refuses() {
    let project = project();
    let error = call(&project, App::new("blog").table(posts()), &["--check"]).unwrap_err();
    assert_eq!(error.exit_code(), 1);
    assert!(written(&project).is_empty());
    call(&project, App::new("blog"), &["--check"]).unwrap();
}

#[test]
fn a_dry_run_writes_nothing() {
    let project = project();
    call(&project, App::new("blog").table(posts()), &["--dry-run"]).unwrap();
    assert!(written(&project).is_empty());
}

#[test]
fn an_empty_one_gets_the_name_it_is_given() {
    let project = project();
    call(&project, App::new("blog"), &["blog", "--empty", "--name", "by_hand"]).unwrap();
    assert_eq!(written(&project), ["m0001_by_hand.rs", "mod.rs"]);
}

#[test]
fn an_unknown_app_is_refused_with_those_there_are() {
    let error = call(&project(), App::new("blog"), &["shop"]).unwrap_err();
    assert_eq!(error.to_string(), "the site has no app `shop`; it has blog");
}

/// A project whose app has a migration that makes the table of the posts.
fn begun() -> (TempDir, App) {
    let project = project();
    call(&project, App::new("blog").table(posts()), &[]).unwrap();
    let initial = Migration::new("0001_initial").create_table("blog_post", |table| {
        table.for_model("Post").big_auto("id");
    });
    (project, App::new("blog").migrations([initial]))
}

fn posts_with(column: ColumnDef) -> Table {
    let mut table = posts();
    table.columns.push(column);
    table
}

/// What is written when the posts get this column and the questions are answered so.
fn made(column: ColumnDef, answers: &str) -> Result<String> {
    let (project, app) = begun();
    let app = app.table(posts_with(column));
    answer(&project, app, &["--name", "more"], Interview::answered(answers))?;
    Ok(fs::read_to_string(project.path().join("src/blog/migrations/m0002_more.rs")).unwrap())
}

#[test]
fn a_new_field_gets_the_one_off_default_that_is_answered() {
    for (kind, answer, written) in [
        (Kind::Bool, "True", "true"),
        (Kind::SmallInt, "-7", "-7"),
        (Kind::Double, "2.5", "2.5"),
        (Kind::Text, "it's so", "\"it's so\""),
        (Kind::Text, "", "\"\""),
        (Kind::Date, "2030-01-31", "\"2030-01-31\""),
        (Kind::DateTime, "now", "DefaultValue::Now"),
        (Kind::DateTime, "", "DefaultValue::Now"),
        (Kind::Json, "[1]", "\"[1]\""),
        (Kind::Binary, "", "\"\""),
    ] {
        let text = made(ColumnDef::new("extra", kind), &format!("1\n{answer}\n")).unwrap();
        assert!(text.contains(&format!(".fill_with({written})")), "{kind:?} {text}");
    }
}

#[test]
fn a_value_that_does_not_fit_the_field_is_asked_for_again() {
    for (kind, nonsense, good) in [
        (Kind::Bool, "perhaps", "false"),
        (Kind::SmallInt, "70000", "7"),
        (Kind::Char(3), "long", "not"),
        (Kind::Date, "tomorrow", "now"),
        (Kind::Uuid, "7", "00000000-0000-0000-0000-000000000007"),
    ] {
        let answers = format!("3\n1\n{nonsense}\n{good}\n");
        made(ColumnDef::new("extra", kind), &answers).unwrap();
    }
}

#[test]
fn a_foreign_key_is_asked_for_a_key_of_the_kind_that_it_points_to() {
    let target = Target::Table { app: "blog".into(), table: "blog_tag".into(), column: "id".into() };
    let references = Some(Reference { target, on_delete: OnDelete::Cascade });
    let key = ColumnDef { primary_key: true, ..ColumnDef::new("id", Kind::Uuid) };
    let tags = Table { columns: vec![key], ..Table::new("blog", "Tag", "blog_tag") };
    let column = ColumnDef { references, ..ColumnDef::new("tag_id", Kind::Uuid) };
    let (project, app) = begun();
    let app = app.table(tags).table(posts_with(column));
    let answers = "1\n7\n00000000000000000000000000000007\n";
    answer(&project, app, &["--name", "more"], Interview::answered(answers)).unwrap();
}

#[test]
fn whoever_quits_gets_nothing_written() {
    let (project, app) = begun();
    let app = app.table(posts_with(ColumnDef::new("body", Kind::Text)));
    let error = answer(&project, app, &[], Interview::answered("2\n")).unwrap_err();
    assert_eq!(error.exit_code(), 1);
    assert!(error.to_string().contains("give blog.Post.body `#[model(default = …)]`"), "{error}");
    assert_eq!(written(&project), ["m0001_initial.rs", "mod.rs"]);
}

#[test]
fn without_a_terminal_the_question_is_named_and_the_flag() {
    let (project, app) = begun();
    let renamed = Table { model: "Article".into(), name: "blog_article".into(), ..posts() };
    let error = call(&project, app.clone().table(renamed.clone()), &[]).unwrap_err();
    assert_eq!(error.exit_code(), 1);
    for words in ["Was the model blog.Post renamed to Article?", "give --noinput"] {
        assert!(error.to_string().contains(words), "{error}");
    }
    let error = call(&project, app.clone().table(posts_with(ColumnDef::new("body", Kind::Text))), &[]);
    assert!(error.unwrap_err().to_string().contains("blog.Post.body is new, may not be NULL"));
    call(&project, app.table(renamed), &["--noinput"]).unwrap();
    assert_eq!(written(&project).len(), 3);
}

#[test]
fn without_a_terminal_nothing_is_missed_while_there_is_no_question() {
    let (project, app) = begun();
    let app = app.table(posts_with(ColumnDef { null: true, ..ColumnDef::new("body", Kind::Text) }));
    call(&project, app, &[]).unwrap();
    assert_eq!(written(&project), ["m0001_initial.rs", "m0002_post_body.rs", "mod.rs"]);
}

#[test]
fn a_renamed_model_and_field_are_what_the_answers_say() {
    let (project, app) = begun();
    let renamed = Table { model: "Article".into(), name: "blog_article".into(), ..posts() };
    let app = app.table(renamed);
    answer(&project, app.clone(), &["--name", "yes"], Interview::answered("y\n")).unwrap();
    answer(&project, app, &["--name", "no"], Interview::answered("\n")).unwrap();
    let text =
        |name: &str| fs::read_to_string(project.path().join("src/blog/migrations").join(name)).unwrap();
    assert!(text("m0002_yes.rs").contains(".rename_table(\"blog_post\", \"blog_article\", \"Article\")"));
    assert!(text("m0002_no.rs").contains(".drop_table(\"blog_post\")"));
}

#[test]
fn null_that_is_no_longer_allowed_can_be_left_to_a_data_migration() {
    let initial = Migration::new("0001_initial").create_table("blog_post", |table| {
        table.for_model("Post").big_auto("id");
        table.text("body").null();
    });
    let app = App::new("blog").migrations([initial]).table(posts_with(ColumnDef::new("body", Kind::Text)));
    for (answers, fill) in [("1\nnone\n", true), ("2\n", false)] {
        let project = project();
        let folder = project.path().join("src/blog/migrations");
        fs::create_dir(&folder).unwrap();
        fs::write(
            folder.join("mod.rs"),
            "mod m0001_initial;\npub fn all() -> Vec<Migration> {\n    vec![m0001_initial::migration()]\n}\n",
        )
        .unwrap();
        answer(&project, app.clone(), &[], Interview::answered(answers)).unwrap();
        let text = fs::read_to_string(folder.join("m0002_alter_post_body.rs")).unwrap();
        assert_eq!(text.contains(".fill_with(\"none\")"), fill, "{text}");
    }
}

/// Two migrations that were written side by side.
fn forked(other: &str) -> (TempDir, App) {
    let initial = Migration::new("0001_initial").create_table("blog_post", |table| {
        table.for_model("Post").big_auto("id");
    });
    let next = |name: &str, column: &'static str| {
        let migration = Migration::new(name).depends_on("blog", "0001_initial");
        migration.add_column("blog_post", |table| table.text(column).null())
    };
    let column = if other == "0002_same" { "slug" } else { "mood" };
    let project = project();
    let folder = project.path().join("src/blog/migrations");
    fs::create_dir(&folder).unwrap();
    let listed = ["m0001_initial", "m0002_slug", &format!("m{other}")];
    let modules = listed.map(|module| format!("mod {module};\n")).concat();
    let entries = listed.map(|module| format!("{module}::migration()")).join(", ");
    let text = format!("{modules}\npub fn all() -> Vec<Migration> {{\n    vec![{entries}]\n}}\n");
    fs::write(folder.join("mod.rs"), text).unwrap();
    let mut posts = posts();
    for name in ["slug", "mood"] {
        posts.columns.push(ColumnDef { null: true, ..ColumnDef::new(name, Kind::Text) });
    }
    let migrations = [initial, next("0002_slug", "slug"), next(other, column)];
    (project, App::new("blog").migrations(migrations).table(posts))
}

#[test]
fn two_ends_are_refused_until_they_are_merged() {
    let (project, app) = forked("0002_mood");
    let error = call(&project, app, &[]).unwrap_err();
    assert_eq!(error.exit_code(), 1);
    for word in ["0002_slug", "0002_mood", "makemigrations --merge"] {
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_merge_depends_on_both_ends_and_is_listed() {
    let (project, app) = forked("0002_mood");
    answer(&project, app, &["--merge"], Interview::answered("y\n")).unwrap();
    let folder = project.path().join("src/blog/migrations");
    let text = fs::read_to_string(folder.join("m0003_merge_0002_mood_0002_slug.rs")).unwrap();
    for end in ["0002_slug", "0002_mood"] {
        assert!(text.contains(&format!(".depends_on(\"blog\", \"{end}\")")), "{text}");
    }
    assert!(text.starts_with("//! Brings together `0002_slug` and `0002_mood`"), "{text}");
    let list = fs::read_to_string(folder.join("mod.rs")).unwrap();
    assert!(list.contains("        m0003_merge_0002_mood_0002_slug::migration(),\n"), "{list}");
}

#[test]
fn a_merge_is_asked_about() {
    let (project, app) = forked("0002_mood");
    answer(&project, app.clone(), &["--merge"], Interview::answered("n\n")).unwrap();
    assert_eq!(written(&project), ["mod.rs"]);
    let error = call(&project, app.clone(), &["--merge"]).unwrap_err();
    assert!(error.to_string().contains("give --noinput, which merges without asking"), "{error}");
    assert_eq!(call(&project, app.clone(), &["--merge", "--check"]).unwrap_err().exit_code(), 1);
    call(&project, app.clone(), &["--merge", "--noinput", "--dry-run"]).unwrap();
    assert_eq!(written(&project), ["mod.rs"]);
    call(&project, app, &["--merge", "--noinput", "--name", "together"]).unwrap();
    assert_eq!(written(&project), ["m0003_together.rs", "mod.rs"]);
}

#[test]
fn what_changes_the_same_column_is_not_merged() {
    let (project, app) = forked("0002_same");
    let error = call(&project, app, &["--merge", "--noinput"]).unwrap_err();
    assert!(error.to_string().contains("`blog_post` has two columns `slug`"), "{error}");
    assert_eq!(written(&project), ["mod.rs"]);
}

#[test]
fn where_nothing_was_written_side_by_side_there_is_nothing_to_merge() {
    let (project, app) = begun();
    call(&project, app.table(posts()), &["--merge", "--check"]).unwrap();
}
