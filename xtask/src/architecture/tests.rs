//! Each rule, broken.

use super::*;

const LEVELS: &[&[&str]] = &[&["project"], &["sessions", "csrf", "urls"], &["db"], &["error"]];

const FRAMEWORK_LIKE: House = House {
    source: "framework/src",
    rooms: Rooms::Levels(LEVELS),
    own_name: "nuages",
    never_names: &["nuages_auth"],
    contents_page: true,
};

const AUTH_LIKE: House = House {
    source: "auth/src",
    rooms: Rooms::Any,
    own_name: "nuages_auth",
    never_names: &[],
    contents_page: true,
};

fn parse(file: &str, text: &str) -> Source {
    Source::parse(Path::new(file), text).unwrap_or_else(|broken| panic!("{broken}"))
}

fn check_house(house: &House, files: &[(&str, &str)]) -> Vec<String> {
    let path = |file: &str| format!("{}/{file}", house.source);
    let sources: Vec<Source> = files.iter().map(|(file, text)| parse(&path(file), text)).collect();
    house.check(&sources.iter().collect::<Vec<_>>()).iter().map(Broken::to_string).collect()
}

#[track_caller]
fn assert_fine(files: &[(&str, &str)]) {
    assert_eq!(check_house(&FRAMEWORK_LIKE, files), [] as [String; 0]);
}

#[track_caller]
fn assert_broken(files: &[(&str, &str)], expected: &str) {
    let broken = check_house(&FRAMEWORK_LIKE, files);
    assert_eq!(broken.len(), 1, "{broken:#?}");
    assert!(broken[0].contains(expected), "{}", broken[0]);
}

#[test]
fn a_room_may_name_those_below_it() {
    assert_fine(&[
        ("project.rs", "use crate::db::Database;"),
        ("db.rs", "use crate::error::Error;"),
        ("error.rs", ""),
    ]);
}

#[test]
fn an_upward_import_is_found_with_its_line() {
    let files = [("db/mod.rs", ""), ("db/query.rs", "\nuse crate::sessions::Session;"), ("sessions.rs", "")];
    assert_broken(
        &files,
        "framework/src/db/query.rs:2: `db` names `crate::sessions::Session`, of `sessions`, which is above it",
    );
}

#[test]
fn a_path_in_the_middle_of_code_is_an_import() {
    assert_broken(&[("db.rs", "fn f() { g(|| crate::urls::reverse()) }"), ("urls.rs", "")], "db.rs:1");
}

#[test]
fn every_branch_of_a_use_is_seen() {
    let text = "use crate::{\n  error::Error,\n  db::{self, Model},\n  urls as paths,\n};";
    assert_broken(&[("db.rs", text), ("error.rs", ""), ("urls.rs", "")], "db.rs:4");
}

#[test]
fn super_is_followed_to_the_room_it_means() {
    assert_fine(&[
        ("db/model.rs", "use super::query::Query;"),
        ("db/mod.rs", "mod inner { use super::Model; }"),
    ]);
    assert_broken(&[("db/model.rs", "use super::super::urls::reverse;"), ("urls.rs", "")], "of `urls`");
    assert_broken(
        &[("db.rs", "mod inner { use super::super::urls::reverse; }"), ("urls.rs", "")],
        "of `urls`",
    );
    assert_broken(&[("db.rs", "use super::urls::reverse;"), ("urls.rs", "")], "of `urls`");
}

#[test]
fn the_crate_by_its_own_name_is_no_way_around() {
    assert_broken(&[("db.rs", "use ::nuages::urls::Routes;"), ("urls.rs", "")], "of `urls`");
}

#[test]
fn a_re_export_is_the_room_it_comes_from() {
    let root = "mod db; mod urls; pub use urls::{Routes, reverse as path}; pub use sqlx;";
    assert_fine(&[("lib.rs", root), ("urls.rs", "use crate::sqlx::Row;"), ("db.rs", "")]);
    assert_broken(&[("lib.rs", root), ("db.rs", "use crate::Routes;"), ("urls.rs", "")], "of `urls`");
    assert_broken(&[("lib.rs", root), ("db.rs", "use crate::path;"), ("urls.rs", "")], "of `urls`");
}

#[test]
fn a_module_within_lib_rs_hides_no_room() {
    let root = "pub mod private { pub use crate::urls::Routes; pub use sqlx; }";
    assert_fine(&[("lib.rs", root), ("db.rs", "use crate::private::sqlx::Row;"), ("urls.rs", "")]);
    assert_broken(
        &[("lib.rs", root), ("db.rs", "use crate::private::Routes;"), ("urls.rs", "")],
        "of `urls`",
    );
}

#[test]
fn a_derive_of_the_same_name_hides_no_room() {
    let root =
        "pub use nuages_macros::Routes; pub use crate::urls::Routes; pub use nuages_macros::Routes as R;";
    assert_broken(&[("lib.rs", root), ("db.rs", "use crate::Routes;"), ("urls.rs", "")], "of `urls`");
}

#[test]
fn an_exported_macro_is_the_room_it_is_written_in() {
    let urls = "#[macro_export] macro_rules! routes { () => { $crate::urls::Routes::new() } }";
    assert_broken(&[("urls.rs", urls), ("db.rs", "fn f() { crate::routes!() }")], "of `urls`");
}

#[test]
fn what_cannot_be_followed_is_said() {
    assert_broken(
        &[("lib.rs", "pub use urls::*;"), ("urls.rs", ""), ("db.rs", "use crate::Routes;")],
        "name its room",
    );
    assert_broken(&[("db.rs", "use super::*;")], "name its room");
}

#[test]
fn comments_strings_and_tests_are_no_imports() {
    let text = r##"
        //! See [crate::urls::Routes].
        /* crate::urls */
        const HELP: &str = r#"use crate::urls::Routes;"#;
        #[cfg(test)]
        use crate::urls::Routes;
        #[tokio::test]
        async fn works() { crate::urls::reverse(); }
        #[cfg(test)]
        mod tests { use crate::urls::Routes; }
    "##;
    assert_fine(&[("db.rs", text), ("urls.rs", "")]);
}

#[test]
fn code_after_a_test_is_still_code() {
    let text = "#[cfg(test)]\nmod tests { }\nuse crate::urls::Routes;";
    assert_broken(&[("db.rs", text), ("urls.rs", "")], "db.rs:3");
}

#[test]
fn a_file_of_tests_is_no_import() {
    let test = "use crate::urls::Routes;";
    assert_fine(&[("db/mod.rs", "#[cfg(test)] mod contract;"), ("db/contract.rs", test), ("urls.rs", "")]);
    assert_fine(&[("db/contract.rs", "#![cfg(test)] use crate::urls::Routes;"), ("urls.rs", "")]);
    assert_broken(&[("db/mod.rs", "mod contract;"), ("db/contract.rs", test), ("urls.rs", "")], "of `urls`");
}

#[test]
fn rooms_on_one_level_may_name_each_other_in_one_direction() {
    assert_fine(&[("csrf.rs", "use crate::sessions::Session;"), ("sessions.rs", "")]);
    assert_broken(
        &[("csrf.rs", "use crate::sessions::Session;"), ("sessions.rs", "use crate::csrf::Token;")],
        "csrf -> sessions -> csrf",
    );
}

#[test]
fn a_longer_circle_is_found() {
    let files = [
        ("csrf.rs", "use crate::sessions::Session;"),
        ("sessions.rs", "use crate::urls::Routes;"),
        ("urls.rs", "use crate::csrf::Token;"),
    ];
    assert_broken(&files, "csrf -> sessions -> urls -> csrf");
}

#[test]
fn auth_has_no_levels_and_still_no_circles() {
    let files = [("login.rs", "use crate::forms::Form;"), ("forms.rs", "use crate::login::login;")];
    let broken = check_house(&AUTH_LIKE, &files);
    assert_eq!(broken.len(), 1, "{broken:#?}");
}

#[test]
fn a_room_that_no_level_has_is_said_once() {
    assert_broken(&[("cellar/mod.rs", ""), ("cellar/wine.rs", "")], "no level has a room `cellar`");
    assert_broken(
        &[("db.rs", "use crate::cellar::Wine;"), ("cellar.rs", "")],
        "no level has a room `cellar`",
    );
}

#[test]
fn a_crate_that_must_not_be_known_is_found() {
    assert_broken(&[("db.rs", "use nuages_auth::User;")], "`nuages_auth` is named");
    assert_broken(&[("db.rs", "use nuages_auth;")], "`nuages_auth` is named");
    assert_broken(&[("db.rs", "extern crate nuages_auth;")], "`nuages_auth` is named");
    assert_broken(&[("db.rs", "fn f() { nuages_auth::login() }")], "`nuages_auth` is named");
}

#[test]
fn auth_comes_in_by_the_front_door() {
    assert_eq!(check_house(&AUTH_LIKE, &[("login.rs", "use nuages::Session;")]), [] as [String; 0]);
    let broken = check_house(&AUTH_LIKE, &[("login.rs", "use nuages::__private::Pool;")]);
    assert_eq!(broken, ["auth/src/login.rs:1: `nuages::__private::Pool` is not public"]);
}

#[test]
fn the_page_of_contents_holds_no_logic() {
    assert_fine(&[(
        "lib.rs",
        "//! Guide.\n#![forbid(unsafe_code)]\nextern crate self as nuages; mod db; pub use db::Model;",
    )]);
    for logic in ["pub fn f() {}", "pub struct S;", "impl S {}", "macro_rules! m { () => {} }"] {
        assert_broken(&[("lib.rs", logic)], "page of contents");
    }
}

#[test]
fn unfinished_work_is_found_in_tests_too() {
    let found = |text| file_rules(&parse("tests/tests/login.rs", text)).len();
    assert_eq!(found("// todo!()\nfn f() { \"todo!()\" }"), 0);
    assert_eq!(found("fn f() { todo!() }"), 1);
    assert_eq!(found("#[test] #[ignore] fn f() {}"), 1);
    assert_eq!(found("mod t { #[test] #[ignore = \"slow\"] fn f() {} }"), 1);
    assert_eq!(found("#[cfg_attr(unix, ignore)] fn f() {}"), 1);
}

#[test]
fn a_long_file_is_found() {
    let source = |lines: usize| parse("auth/src/login.rs", &"\n".repeat(lines));
    assert_eq!(file_rules(&source(400)), []);
    assert_eq!(
        file_rules(&source(401))[0].to_string(),
        "auth/src/login.rs:401: 401 lines, and 400 are the most; make two files of it"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_said() {
    assert!(Source::parse(Path::new("auth/src/login.rs"), "fn f( {").is_err());
}

#[test]
fn this_house_keeps_its_rules() {
    let broken = check(crate::root()).unwrap();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}
