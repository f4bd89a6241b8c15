//! A folder of templates or static files: from the disk in debug builds, from inside the binary in release.

use minijinja::TemplateSource;
use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// A folder that [`dir!`](crate::dir) names.
#[derive(Clone, Copy, Debug)]
pub struct Dir {
    path: &'static str,
    embedded: Option<&'static include_dir::Dir<'static>>,
}

impl Dir {
    /// A folder that is read from the disk.
    pub const fn on_disk(path: &'static str) -> Self {
        Self { path, embedded: None }
    }

    /// A folder that is part of the binary.
    pub const fn embedded(path: &'static str, dir: &'static include_dir::Dir<'static>) -> Self {
        Self { path, embedded: Some(dir) }
    }

    /// A template's text, if the folder has one of this name.
    pub(super) fn source(&self, name: &str) -> Option<TemplateSource> {
        let text = String::from_utf8(self.read(name)?.into_owned()).ok()?;
        let Some(path) = self.on_disk_path(name) else { return Some(TemplateSource::new(text)) };
        let changed = modified(&path);
        Some(TemplateSource::new(text).with_uptodate_check(move || modified(&path) == changed))
    }

    /// A file's bytes, if the folder has one of this name. A name never leads out of the folder.
    pub fn read(&self, name: &str) -> Option<Cow<'static, [u8]>> {
        match self.embedded {
            Some(dir) => dir.get_file(name).map(|file| Cow::Borrowed(file.contents())),
            None => std::fs::read(self.on_disk_path(name)?).ok().map(Cow::Owned),
        }
    }

    fn on_disk_path(&self, name: &str) -> Option<PathBuf> {
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        (self.embedded.is_none() && inside).then(|| Path::new(self.path).join(name))
    }
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// Names a folder of the crate: `nuages::dir!("templates")`.
///
/// A debug build reads it from the disk at each use; a release build carries it inside the binary.
#[macro_export]
macro_rules! dir {
    ($path:literal) => {{
        #[cfg(debug_assertions)]
        {
            $crate::Dir::on_disk(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path))
        }
        #[cfg(not(debug_assertions))]
        {
            $crate::__embedded_dir!($path)
        }
    }};
}

/// `dir!` as a release build has it.
#[doc(hidden)]
#[macro_export]
macro_rules! __embedded_dir {
    ($path:literal) => {{
        use $crate::private::include_dir;
        static EMBEDDED: include_dir::Dir<'static> = $crate::private::embed_dir!($path);
        $crate::Dir::embedded($path, &EMBEDDED)
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_release_build_carries_is_what_lies_on_the_disk() {
        let (embedded, on_disk) = (crate::__embedded_dir!("src/error_pages"), crate::dir!("src/error_pages"));
        assert_eq!(embedded.read("plain.html"), on_disk.read("plain.html"));
        assert!(embedded.source("plain.html").is_some() && embedded.read("../lib.rs").is_none());
    }

    #[test]
    fn a_name_never_leads_out_of_the_folder() {
        let dir = Dir::on_disk(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        assert!(dir.read("lib.rs").is_some());
        for name in ["../Cargo.toml", "/etc/passwd", "templates/../../Cargo.toml", ".."] {
            assert!(dir.read(name).is_none(), "{name}");
        }
    }
}
