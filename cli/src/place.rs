//! The folder that a site goes to: missing, or empty.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::refusal::{Refusal, Result, quoted};

pub(crate) struct Place {
    typed: PathBuf,
    dir: PathBuf,
    exists: bool,
}

impl Place {
    /// Looks at the folder; one with anything in it is refused.
    pub(crate) fn find(typed: &Path) -> Result<Self> {
        let dir = std::path::absolute(typed).map_err(Refusal::at("write to", typed))?;
        let exists = match fs::read_dir(&dir) {
            Ok(entries) => refuse_any(entries, typed)?,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => false,
            Err(cause) => return Err(Refusal::at("write to", typed)(cause)),
        };
        Ok(Self { typed: typed.into(), dir, exists })
    }

    pub(crate) fn as_typed(&self) -> &Path {
        &self.typed
    }

    /// Makes a temporary folder on the same disk: in the place itself, or where its first missing folder will be.
    pub(crate) fn workshop(&self) -> Result<TempDir> {
        let beside = if self.exists { &self.dir } else { self.first_missing().parent().unwrap_or(&self.dir) };
        let made = tempfile::Builder::new().prefix(".nuages-").tempdir_in(beside);
        made.map_err(|cause| Refusal::at("write to", beside)(without_path(cause)))
    }

    /// Moves the finished site in. If that fails, nothing is left of it.
    pub(crate) fn take(&self, site: &Path) -> Result<()> {
        let moved = if self.exists { self.move_entries(site) } else { self.move_folder(site) };
        moved.map_err(Refusal::at("write to", &self.typed))
    }

    fn first_missing(&self) -> &Path {
        let missing = self.dir.ancestors().take_while(|folder| !folder.exists());
        missing.last().unwrap_or(&self.dir)
    }

    fn move_folder(&self, site: &Path) -> io::Result<()> {
        let first_missing = self.first_missing().to_owned();
        let parent = self.dir.parent().unwrap_or(&self.dir);
        fs::create_dir_all(parent).and_then(|()| fs::rename(site, &self.dir)).inspect_err(|_| {
            // Only empty folders go, so nothing of anybody else's can be lost.
            let made = parent.ancestors().take_while(|folder| folder.starts_with(&first_missing));
            made.for_each(|folder| drop(fs::remove_dir(folder)));
        })
    }

    /// An existing folder stays the one it is: it may be somebody's working directory, or a mounted disk.
    fn move_entries(&self, site: &Path) -> io::Result<()> {
        let mut moved = Vec::new();
        let result = self.move_each(site, &mut moved);
        if result.is_err() {
            for entry in &moved {
                let _ = if entry.is_dir() { fs::remove_dir_all(entry) } else { fs::remove_file(entry) };
            }
        }
        result
    }

    fn move_each(&self, site: &Path, moved: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(site)? {
            let entry = entry?;
            let target = self.dir.join(entry.file_name());
            if target.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(entry.path(), &target)?;
            moved.push(target);
        }
        Ok(())
    }
}

fn refuse_any(mut entries: fs::ReadDir, typed: &Path) -> Result<bool> {
    let text = || format!("{} is not empty; name a folder that is missing or empty", quoted(typed));
    if entries.next().is_some() { Err(Refusal::new(text())) } else { Ok(true) }
}

/// tempfile adds the path of a folder that nobody asked for.
fn without_path(cause: io::Error) -> io::Error {
    cause.kind().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_that_fails_leaves_no_folder_behind() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::find(&root.path().join("a/b/site")).unwrap();
        assert!(place.take(&root.path().join("no such site")).is_err());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_fills_meanwhile_is_not_touched() {
        let root = tempfile::tempdir().unwrap();
        let (site, target) = (root.path().join("site"), root.path().join("target"));
        let place = Place::find(&target).unwrap();
        fs::create_dir_all(&site).unwrap();
        fs::create_dir_all(&target).unwrap();
        fs::write(target.join("mine"), "").unwrap();
        assert!(place.take(&site).is_err());
        assert!(target.join("mine").exists());
    }
}
