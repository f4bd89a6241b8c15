//! What `--run` does, with a cargo that only notes what it was asked.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may; clippy knows only those inside a `#[test]`")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A desk with a `cargo` on it that notes its words, then does what the script says.
fn desk(script: &str) -> TempDir {
    let desk = tempfile::tempdir().unwrap();
    let cargo = desk.path().join("cargo");
    fs::write(&cargo, format!("#!/bin/sh\necho \"$@\" >> ../asked\n{script}\n")).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    desk
}

fn run(desk: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nuages"));
    command.args(["startproject", "mysite", "--run"]).current_dir(desk).env("CARGO", desk.join("cargo"));
    command
}

fn finished(desk: &Path) -> Output {
    run(desk).output().unwrap()
}

fn asked(desk: &Path) -> String {
    fs::read_to_string(desk.join("asked")).unwrap_or_default()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Sends SIGTERM to the program once its cargo has been asked for this, and waits for its end.
fn stopped_while(words: &str, desk: &Path) -> i32 {
    let mut child = run(desk).stdout(Stdio::null()).spawn().unwrap();
    wait_until(|| asked(desk).contains(words) && desk.join("mysite/pid").exists());
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let status = child.wait().unwrap();
    let server = fs::read_to_string(desk.join("mysite/pid")).unwrap();
    wait_until(|| !Path::new("/proc").join(server.trim()).exists());
    std::os::unix::process::ExitStatusExt::into_raw(status)
}

fn wait_until(happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_secs(20), "it never happened");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn it_builds_migrates_and_serves_in_this_order() {
    let desk = desk("");
    let output = finished(desk.path());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(asked(desk.path()), "build\nrun --quiet -- migrate\nrun --quiet -- runserver\n");
    let said = said(&output);
    assert!(said.contains("a few minutes"), "{said}");
    assert!(said.contains("Next time: cd mysite && cargo run -- runserver"), "{said}");
}

#[test]
fn the_first_step_that_fails_ends_it_with_its_code() {
    let desk = desk("echo the cause >&2; [ \"$1\" = build ] || exit 3");
    let output = finished(desk.path());
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(asked(desk.path()), "build\nrun --quiet -- migrate\n");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("the cause") && told.contains("`cargo run --quiet -- migrate` did not finish"),
        "{told}"
    );
    assert!(told.contains("cd mysite && cargo run -- migrate"), "{told}");
    assert!(!said(&output).contains("is ready"));
}

#[test]
fn the_code_of_the_server_is_the_code_of_all() {
    let desk = desk("[ \"$4\" = runserver ] && exit 1; exit 0");
    assert_eq!(finished(desk.path()).status.code(), Some(1));
}

#[test]
fn without_cargo_it_says_where_to_get_it() {
    let desk = desk("");
    let output = run(desk.path()).env("CARGO", "/nowhere/cargo").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("install Rust"));
}

#[test]
#[cfg(target_os = "linux")]
fn stopping_it_stops_the_build_too() {
    let desk = desk("sleep 60 & echo $! > pid; wait");
    assert_eq!(stopped_while("build", desk.path()) >> 8, 143);
    assert_eq!(asked(desk.path()), "build\n");
}

#[test]
#[cfg(target_os = "linux")]
fn stopping_it_stops_the_server_too() {
    let desk = desk("[ \"$4\" = runserver ] || exit 0; echo $$ > pid; exec sleep 60");
    assert_eq!(stopped_while("runserver", desk.path()), 15);
}
