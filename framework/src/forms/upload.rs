//! A file that a visitor has sent.

use crate::error::{Error, Result};
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that a visitor has sent: in memory if it is small, in a temporary file that goes with it otherwise. A clone is the same
/// file.
#[derive(Clone)]
pub struct UploadedFile(Arc<Inner>);

struct Inner {
    name: String,
    content_type: String,
    size: u64,
    content: Content,
}

pub(super) enum Content {
    Memory(Vec<u8>),
    Disk(File),
}

impl UploadedFile {
    /// A file of this name and content, as tests send one.
    pub fn new(name: &str, content_type: &str, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        let size = content.len() as u64;
        Self::kept(name, content_type, size, Content::Memory(content))
    }

    pub(super) fn kept(name: &str, content_type: &str, size: u64, content: Content) -> Self {
        let (name, content_type) = (base_name(name), content_type.to_owned());
        Self(Arc::new(Inner { name, content_type, size, content }))
    }

    /// The name that the file has at the visitor's, without folders. Never open a file by it: see [`save_in`](Self::save_in).
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What the visitor's browser says that it is. Do not trust it.
    pub fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// Bytes in it.
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// All of it.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub async fn read(&self) -> Result<Vec<u8>> {
        let file = self.clone();
        blocking(move || {
            let mut bytes = Vec::new();
            file.copy_to(&mut bytes)?;
            Ok(bytes)
        })
        .await
    }

    /// Keeps it in this folder, which is made if it is missing, under its own name, or one with random letters if that is taken.
    /// Answers the name.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub async fn save_in(&self, folder: impl Into<PathBuf>) -> Result<String> {
        let (file, folder) = (self.clone(), folder.into());
        blocking(move || {
            std::fs::create_dir_all(&folder)?;
            let (name, mut target) = make(&folder, &safe_name(file.name()))?;
            file.copy_to(&mut target)?;
            Ok(name)
        })
        .await
    }

    /// Writes it from its beginning.
    fn copy_to(&self, target: &mut impl Write) -> std::io::Result<()> {
        match &self.0.content {
            Content::Memory(bytes) => target.write_all(bytes),
            Content::Disk(file) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(0))?;
                std::io::copy(&mut file.take(self.size()), target).map(drop)
            }
        }
    }
}

impl fmt::Debug for UploadedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UploadedFile({:?}, {} bytes)", self.name(), self.size())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|error| Error::Io(std::io::Error::other(error)))??)
}

/// What comes behind the last slash, of either kind.
fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|letter| !letter.is_control())
        .collect()
}

/// Letters, digits, `.`, `_` and `-`, no dot in front, at most 100 characters: a name that every disk and address takes.
fn safe_name(name: &str) -> String {
    let kept = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
    let name: String =
        name.chars().map(|letter| if letter == ' ' { '_' } else { letter }).filter(|c| kept(*c)).collect();
    let name = name.trim_start_matches('.');
    let surplus = name.chars().count().saturating_sub(100);
    let name: String = name.chars().skip(surplus).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "file".into() } else { name.to_owned() }
}

/// Makes a file that was not there.
fn make(folder: &Path, name: &str) -> std::io::Result<(String, File)> {
    let mut wanted = name.to_owned();
    loop {
        match File::options().write(true).create_new(true).open(folder.join(&wanted)) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => wanted = another(name),
            opened => return opened.map(|file| (wanted, file)),
        }
    }
}

/// `a.png` as `a_x7Gh2kQ.png`, as Django names it.
fn another(name: &str) -> String {
    let letters = crate::signing::random_string(7, crate::signing::ALPHANUMERIC);
    match name.split_once('.') {
        Some((stem, endings)) => format!("{stem}_{letters}.{endings}"),
        None => format!("{name}_{letters}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_never_leads_out_of_the_folder() {
        for (name, safe) in [
            ("../../etc/passwd", "passwd"),
            (r"C:\boot.ini", "boot.ini"),
            (".htaccess", "htaccess"),
            ("a b\u{202e}gpj.exe", "a_bgpj.exe"),
            ("..", "file"),
            ("", "file"),
            ("a\0b\r\n.png", "ab.png"),
        ] {
            assert_eq!(safe_name(&base_name(name)), safe, "{name:?}");
        }
        assert_eq!(safe_name(&format!("{}.png", "x".repeat(300))).len(), 100);
    }

    #[tokio::test]
    async fn two_files_of_one_name_are_both_kept() {
        let folder = tempfile::tempdir().unwrap();
        let media = folder.path().join("media");
        let names = [
            UploadedFile::new("a.txt", "text/plain", "one").save_in(&media).await.unwrap(),
            UploadedFile::new("a.txt", "text/plain", "two").save_in(&media).await.unwrap(),
        ];
        assert!(names[0] == "a.txt" && names[1].starts_with("a_") && names[1].ends_with(".txt"));
        let texts = names.map(|name| std::fs::read_to_string(media.join(name)).unwrap());
        assert_eq!(texts, ["one", "two"]);
    }
}
