//! Chapters that a test makes.

use std::path::Path;

/// The chapter is as it was made just now; with `NUAGES_WRITE_PAGES` it is written first.
#[track_caller]
pub(crate) fn assert_written(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name);
    if std::env::var_os("NUAGES_WRITE_PAGES").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written == made, "docs/src/{name} is out of date; NUAGES_WRITE_PAGES=1 writes it:\n{made}");
}
