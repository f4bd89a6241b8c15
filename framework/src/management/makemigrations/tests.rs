use super::*;
use crate::App;
use crate::db::schema::{ColumnDef, Kind, Table};
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
    let apps = Arc::new(Apps::new(vec![app])?);
    let parser = command(Arc::clone(&apps)).parser();
    let matches = parser.get_matches_from([&["makemigrations"], arguments].concat());
    run(&apps, &matches, project.path())
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
