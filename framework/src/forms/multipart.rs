//! A form with files: `multipart/form-data` (RFC 7578), read as it arrives.

use super::upload::{Content, UploadedFile};
use crate::error::{Error, Result};
use crate::settings::Settings;
use futures_util::TryStreamExt;
use multer::{Constraints, Field, Multipart, SizeLimit};
use std::io::Write;

type Pairs<T> = Vec<(String, T)>;

/// What a form with files holds so far.
struct Reader<'s> {
    settings: &'s Settings,
    /// Bytes that the texts may still have.
    left: usize,
    texts: Pairs<String>,
    files: Pairs<UploadedFile>,
}

/// Reads a form with files.
pub(super) async fn read(
    body: poem::Body,
    content_type: &str,
    settings: &Settings,
) -> Result<(Pairs<String>, Pairs<UploadedFile>)> {
    let boundary = multer::parse_boundary(content_type).map_err(broken)?;
    let stream = body.into_bytes_stream().map_err(std::io::Error::other);
    let limit = SizeLimit::new().whole_stream(settings.upload_limit() as u64);
    let mut parts = Multipart::with_constraints(stream, boundary, Constraints::new().size_limit(limit));
    let left = settings.data_upload_max_memory_size;
    let mut reader = Reader { settings, left, texts: Vec::new(), files: Vec::new() };
    while let Some(part) = parts.next_field().await.map_err(|error| refused(error, settings))? {
        reader.take(part).await?;
    }
    Ok((reader.texts, reader.files))
}

impl Reader<'_> {
    async fn take(&mut self, part: Field<'_>) -> Result<()> {
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name() {
            Some(file) => {
                // A field that was left empty is sent as a file without a name.
                let file = Some(file.to_owned()).filter(|file| !file.is_empty());
                self.room_for(self.files.len(), self.settings.data_upload_max_number_files, "files")?;
                let taken = self.file(part, file.as_deref().unwrap_or_default()).await?;
                self.files.extend(file.map(|_| (name, taken)));
            }
            None => {
                self.room_for(self.texts.len(), self.settings.data_upload_max_number_fields, "fields")?;
                let text = self.text(part).await?;
                self.texts.push((name, text));
            }
        }
        Ok(())
    }

    fn room_for(&self, there: usize, limit: usize, what: &str) -> Result<()> {
        match there < limit {
            true => Ok(()),
            false => Err(Error::BadRequest(format!("the form has more than {limit} {what}"))),
        }
    }

    async fn text(&mut self, mut part: Field<'_>) -> Result<String> {
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(|error| refused(error, self.settings))? {
            let left = self.left.checked_sub(chunk.len());
            self.left = left.ok_or(Error::TooLarge(self.settings.data_upload_max_memory_size))?;
            bytes.extend_from_slice(&chunk);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn file(&self, mut part: Field<'_>, name: &str) -> Result<UploadedFile> {
        let content_type = part.content_type().map(ToString::to_string).unwrap_or_default();
        let mut content = Content::Memory(Vec::new());
        let mut size = 0;
        while let Some(chunk) = part.chunk().await.map_err(|error| refused(error, self.settings))? {
            size += chunk.len() as u64;
            content.push(&chunk, self.settings.file_upload_max_memory_size)?;
        }
        Ok(UploadedFile::kept(name, &content_type, size, content))
    }
}

impl Content {
    /// Goes to the disk when it becomes too much for the memory.
    fn push(&mut self, chunk: &[u8], limit: usize) -> std::io::Result<()> {
        match self {
            Self::Memory(bytes) if bytes.len() + chunk.len() <= limit => bytes.extend_from_slice(chunk),
            Self::Memory(bytes) => {
                let mut file = tempfile::tempfile()?;
                file.write_all(bytes)?;
                file.write_all(chunk)?;
                *self = Self::Disk(file);
            }
            Self::Disk(file) => file.write_all(chunk)?,
        }
        Ok(())
    }
}

fn refused(error: multer::Error, settings: &Settings) -> Error {
    match error {
        multer::Error::StreamSizeExceeded { .. } => Error::TooLarge(settings.upload_limit()),
        multer::Error::StreamReadFailed(cause) if crate::body_limit::is_limit(&*cause) => {
            Error::TooLarge(settings.upload_limit())
        }
        error => broken(error),
    }
}

fn broken(error: multer::Error) -> Error {
    Error::BadRequest(format!("the form cannot be read: {error}"))
}
