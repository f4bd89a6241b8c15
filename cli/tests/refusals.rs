//! What `nuages` refuses: one line, the right exit code, and nothing left behind.

mod desk;

use std::fs;
use std::process::Command;

use desk::*;

#[test]
fn a_framework_that_is_none_is_refused() {
    let desk = desk();
    for framework in ["/nowhere", ".", "", "v1", "1.2.3.4"] {
        let said = refused(desk.path(), &["mysite", "--framework", framework]);
        assert!(said.contains("is not a checkout of Nuages"), "{said}");
    }
    assert_empty(desk.path());
}

#[test]
fn a_bad_name_is_refused_with_a_good_one_and_leaves_nothing() {
    let desk = desk();
    let long = "a".repeat(300);
    let bad = [
        "", "1site", "-site", "_site", "MySite", "fn", "test", "std", "core", "con", "nuages", "tokio",
        "../site", "a/b", "a;b", "$(x)", "my site", "café", "site-", &long,
    ];
    for name in bad {
        let said = refused(desk.path(), &[name]);
        assert!(said.contains("a good name would be `"), "{name}: {said}");
    }
    assert_empty(desk.path());
}

#[test]
fn a_folder_with_anything_in_it_is_refused_and_not_touched() {
    let desk = desk();
    fs::create_dir(desk.path().join("mysite")).unwrap();
    fs::write(desk.path().join("mysite/.mine"), "mine").unwrap();
    let said = refused(desk.path(), &["mysite"]);
    assert!(said.contains("is not empty"), "{said}");
    assert_eq!(files(desk.path()), ["mysite/.mine"]);
}

#[test]
fn a_place_that_cannot_be_written_is_refused_on_one_line() {
    let desk = desk();
    fs::write(desk.path().join("file"), "").unwrap();
    for dir in ["file", "file/below", "file/below/it"] {
        assert!(refused(desk.path(), &["mysite", dir]).contains("cannot write to"));
    }
    assert_eq!(files(desk.path()), ["file"]);
}

#[test]
fn wrong_usage_is_told_from_refusal_and_gets_a_suggestion() {
    let desk = desk();
    assert!(misused(desk.path(), &["startprojct", "mysite"]).contains("'startproject'"));
    assert!(
        misused(desk.path(), &["startproject", "mysite", "--databse", "sqlite"]).contains("'--database'")
    );
    assert!(misused(desk.path(), &["startproject", "mysite", "--user", "emial"]).contains("'email'"));
    assert!(misused(desk.path(), &["startproject"]).contains("<NAME>"));
    assert!(misused(desk.path(), &[]).contains("Usage"));
    assert_empty(desk.path());
}

#[test]
#[cfg(unix)]
fn nobody_listening_is_no_reason_to_panic() {
    let desk = desk();
    let command =
        format!("{} startproject mysite | true; exit ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_nuages"));
    let output = Command::new("bash").arg("-c").arg(command).current_dir(desk.path()).output().unwrap();
    assert!(!text(&output.stderr).contains("panicked"), "{output:?}");
    assert!(desk.path().join("mysite/Cargo.toml").is_file());
}
