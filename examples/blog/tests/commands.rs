//! The blog's commands, each by its real program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[test]
fn no_model_waits_for_a_migration() {
    let output = blog(Path::new("."), &["makemigrations", "--check"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn promote_makes_an_editor_of_somebody_who_is_there() {
    let folder = folder("promote");
    assert!(blog(&folder, &["migrate"]).status.success());
    let nobody = blog(&folder, &["promote", "ada"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&nobody.stderr), "error: nobody is called `ada`; sign up first\n");

    assert!(blog(&folder, &["createsuperuser", "--noinput"]).status.success());
    for _ in 0..2 {
        let promoted = blog(&folder, &["promote", "ADA"]);
        assert_eq!(String::from_utf8_lossy(&promoted.stdout), "ada is an editor.\n");
    }
}

fn blog(folder: &Path, words: &[&str]) -> Output {
    let mut blog = Command::new(env!("CARGO_BIN_EXE_blog"));
    blog.args(words).env_clear().env("DEBUG", "true").env("SECRET_KEY", "for-tests-alone");
    blog.env("DATABASE_URL", format!("sqlite://{}", folder.join("blog.db").display()));
    blog.env("NUAGES_SUPERUSER_USERNAME", "ada").env("NUAGES_SUPERUSER_PASSWORD", "mauve-lantern-42");
    blog.env("NUAGES_SUPERUSER_EMAIL", "ada@swing.example").output().expect("the blog's program starts")
}

/// An empty folder for the database of a test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("what the last run left can be removed");
    }
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}
