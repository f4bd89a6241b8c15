//! The backend `file`: one file for each letter.

use super::{EmailBackend, Letter, Undelivered};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::signing::{LOWER_ALPHANUMERIC, random_string};
use chrono::Utc;
use futures_util::future::BoxFuture;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A folder of letters. Their names sort as they were sent, and mail programs open them.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn of(settings: &Settings) -> Result<Self> {
        let remedy =
            "EMAIL_BACKEND is file, and EMAIL_FILE_PATH is missing; set it to a folder, such as mail";
        settings.email_file_path.clone().map(Self).ok_or_else(|| Error::NotReady(remedy.into()))
    }
}

impl EmailBackend for Folder {
    fn deliver<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>> {
        let (folder, bytes) = (self.0.clone(), letter.bytes());
        Box::pin(async move {
            let shown = folder.display().to_string();
            let put = tokio::task::spawn_blocking(move || put(&folder, &bytes)).await;
            put.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(|error| {
                Undelivered::ForNow(format!("no letter can be put into {shown} (EMAIL_FILE_PATH): {error}"))
            })
        })
    }
}

/// Letters have links that sign people in: nobody else may read them.
fn put(folder: &Path, bytes: &[u8]) -> io::Result<()> {
    private_folder().create(folder)?;
    let moment = Utc::now().format("%Y%m%d-%H%M%S-%6f");
    let name = format!("{moment}-{}.eml", random_string(8, LOWER_ALPHANUMERIC));
    private_file().open(folder.join(name))?.write_all(bytes)
}

#[cfg(unix)]
fn private_file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(unix)]
fn private_folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut folder = DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder
}

#[cfg(not(unix))]
fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

#[cfg(not(unix))]
fn private_folder() -> DirBuilder {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    folder
}
