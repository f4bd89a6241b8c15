//! The tables are what the models say.

use std::process::Command;

#[test]
fn no_model_waits_for_a_migration() {
    let mut blog = Command::new(env!("CARGO_BIN_EXE_blog"));
    blog.args(["makemigrations", "--check"]).env("DEBUG", "true").env("SECRET_KEY", "for-tests-alone");
    let output = blog.output().expect("the blog's program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
