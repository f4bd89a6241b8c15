//! Files that browsers save and do not show.

use crate::error::{Error, Result};
use crate::log::turns_writing;
use crate::request::RequestExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem::error::{ResponseError, StaticFileError};
use poem::http::{HeaderMap, HeaderValue, header};
use poem::web::{StaticFileRequest, StaticFileResponse};
use poem::{FromRequest, IntoResponse, Request, Response};
use std::path::{Component, Path, PathBuf};

/// What a file is that says nothing else: browsers save it.
const UNKNOWN: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// What an extended parameter need not encode besides letters and digits (RFC 8187, 3.2.1: `attr-char`).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The answer with a file that browsers save and never show as a page of the site: Django's `FileResponse(…, as_attachment=True)`.
///
/// It goes out as `attachment`, with `nosniff`, in a `sandbox` of its own should a browser open it all the same, and as
/// `application/octet-stream` unless another type is given: what a visitor has uploaded is not the site's to speak with (OWASP ASVS 5.0,
/// 3.2.1).
///
/// ```
/// use nuages::{FileResponse, Result};
/// use poem::web::Path;
/// use poem::{Request, handler};
///
/// #[handler]
/// fn report() -> FileResponse {
///     FileResponse::new("report.csv", "name,posts\nann,3\n").content_type("text/csv; charset=utf-8")
/// }
///
/// #[handler]
/// async fn paper(Path(name): Path<String>, request: &Request) -> Result<FileResponse> {
///     FileResponse::media(request, &name).await
/// }
/// ```
#[derive(Debug)]
pub struct FileResponse {
    response: Response,
    name: String,
}

impl FileResponse {
    /// A file of this name with these bytes.
    pub fn new(name: &str, content: impl Into<Vec<u8>>) -> Self {
        Self { response: Response::builder().body(content.into()), name: name.to_owned() }.typed(UNKNOWN)
    }

    /// A file below the setting `media_root`, by the name that [`save_in`](crate::UploadedFile::save_in) has answered, behind its folder
    /// if it is in one. It answers ranges, and 304 for what a browser has already.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such file, or the name leads out of the folder.
    pub async fn media(request: &Request, name: &str) -> Result<Self> {
        Self::below(request, &request.settings().media_root, name).await
    }

    /// A file below any folder; as [`media`](Self::media).
    ///
    /// # Errors
    /// As [`media`](Self::media).
    pub async fn below(request: &Request, folder: impl Into<PathBuf>, name: &str) -> Result<Self> {
        let asked = asked(request).await?;
        let (folder, wanted) = (folder.into(), name.to_owned());
        let open = move || asked.create_response(inside(&folder, &wanted)?, false, true);
        let opened = tokio::task::spawn_blocking(open).await;
        let response = match opened.map_err(|error| Error::Io(std::io::Error::other(error)))? {
            Ok(StaticFileResponse::NotModified) => StaticFileResponse::NotModified.into_response(),
            Ok(file) => {
                return Ok(Self { response: file.into_response(), name: name.to_owned() }.typed(UNKNOWN));
            }
            Err(StaticFileError::Io(error)) => return Err(Error::Io(error)),
            Err(StaticFileError::NotFound) => return Err(Error::NotFound("there is no such file".into())),
            Err(error) => error.as_response(),
        };
        Ok(Self { response, name: name.to_owned() })
    }

    /// Another name for the file to be saved under.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The type, where it is known: never what the visitor's browser has said that it is. What is no type changes nothing.
    pub fn content_type(self, content_type: &str) -> Self {
        let is_file = self.response.status().is_success();
        match HeaderValue::from_str(content_type) {
            Ok(value) if is_file => self.typed(value),
            _ => self,
        }
    }

    fn typed(mut self, value: HeaderValue) -> Self {
        self.response.headers_mut().insert(header::CONTENT_TYPE, value);
        self
    }
}

impl IntoResponse for FileResponse {
    fn into_response(self) -> Response {
        let mut response = self.response;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_DISPOSITION, disposition(&self.name));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
        response
    }
}

/// What the request asks about the file. A range that holds under a condition, or is not one alone, is passed over and the whole file sent, as a
/// server may (RFC 9110, 14.2).
async fn asked(request: &Request) -> Result<StaticFileRequest> {
    let mut headers: HeaderMap = request.headers().clone();
    let is_plain = request.header(header::RANGE).is_some_and(is_one_range);
    if headers.contains_key(header::IF_RANGE) || !is_plain {
        headers.remove(header::RANGE);
    }
    let mut bare = Request::default();
    *bare.headers_mut() = headers;
    let asked = StaticFileRequest::from_request_without_body(&bare).await;
    asked.map_err(|error| Error::BadRequest(error.to_string()))
}

/// `bytes=4-`, `bytes=4-7` or `bytes=-7`.
fn is_one_range(range: &str) -> bool {
    let bounds = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let number = |text: &str| text.parse::<u64>().ok();
    bounds.is_some_and(|(first, last)| match (number(first), number(last)) {
        (Some(_), None) => last.is_empty(),
        (Some(first), Some(last)) => first <= last,
        (None, Some(last)) => first.is_empty() && last > 0,
        (None, None) => false,
    })
}

/// The path of a file in a folder: by its name alone, and by what links make of it, it stays inside.
fn inside(folder: &Path, name: &str) -> Result<PathBuf, StaticFileError> {
    let mut parts = Path::new(name).components();
    if name.contains(['\\', '\0']) || !parts.all(|part| matches!(part, Component::Normal(_))) {
        return Err(StaticFileError::NotFound);
    }
    let real = |path: &Path| path.canonicalize().map_err(|_| StaticFileError::NotFound);
    let path = real(&folder.join(name))?;
    if path.starts_with(real(folder)?) { Ok(path) } else { Err(StaticFileError::NotFound) }
}

/// `attachment` with the name: in quotes if that is plain ASCII, otherwise once more in UTF-8, which all browsers prefer (RFC 6266, 4.3 and
/// appendix D).
fn disposition(name: &str) -> HeaderValue {
    let name = shown(name);
    let plain: String = name.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    let text = match plain == name {
        true => format!("attachment; filename=\"{plain}\""),
        false => {
            let encoded = utf8_percent_encode(&name, ENCODED);
            format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
        }
    };
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

/// What means the same in quotes to every browser.
fn is_plain(letter: char) -> bool {
    (letter.is_ascii_graphic() || letter == ' ') && !['"', '\\', '%'].contains(&letter)
}

/// The name without folders, and without what does not show or turns the order of letters around (`U+202E` makes `gpj.exe` look like a picture).
fn shown(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String =
        name.chars().filter(|letter| !letter.is_control() && !turns_writing(*letter)).collect();
    match name.trim() {
        "" | "." | ".." => "file".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_parameter_whatever_is_in_it() {
        for (name, header) in [
            ("report.pdf", r#"attachment; filename="report.pdf""#),
            ("my report; 1.pdf", r#"attachment; filename="my report; 1.pdf""#),
            ("a\"b.pdf", r#"attachment; filename="a_b.pdf"; filename*=UTF-8''a%22b.pdf"#),
            ("100%25.txt", r#"attachment; filename="100_25.txt"; filename*=UTF-8''100%2525.txt"#),
            ("a\r\nSet-Cookie: x=1.pdf", r#"attachment; filename="aSet-Cookie: x=1.pdf""#),
            (
                "naïve €.txt",
                r#"attachment; filename="na_ve _.txt"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt"#,
            ),
            ("it's (1)*.txt", r#"attachment; filename="it's (1)*.txt""#),
            ("é'(*).txt", r#"attachment; filename="_'(*).txt"; filename*=UTF-8''%C3%A9%27%28%2A%29.txt"#),
            ("../../etc/passwd", r#"attachment; filename="passwd""#),
            (r"C:\a\b.txt", r#"attachment; filename="b.txt""#),
            ("a\u{202e}gpj.exe", r#"attachment; filename="agpj.exe""#),
            ("..", r#"attachment; filename="file""#),
            ("\r\n", r#"attachment; filename="file""#),
        ] {
            assert_eq!(disposition(name).to_str().unwrap(), header, "{name:?}");
        }
    }

    #[test]
    fn a_name_never_leads_out_of_the_folder() {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("media");
        std::fs::create_dir_all(folder.join("papers")).unwrap();
        for path in ["secret.txt", "media/a.txt", "media/papers/b.txt"] {
            std::fs::write(outside.path().join(path), "text").unwrap();
        }
        let is_found = |name: &str| inside(&folder, name).is_ok_and(|path| path.is_file());
        assert!(is_found("a.txt") && is_found("papers/b.txt"));
        let absolute = outside.path().join("secret.txt");
        for name in [
            "../secret.txt",
            "papers/../../secret.txt",
            absolute.to_str().unwrap(),
            "..",
            "",
            "a.txt\0",
            r"..\secret.txt",
        ] {
            assert!(!is_found(name), "{name:?}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path().join("secret.txt"), folder.join("link.txt")).unwrap();
            assert!(!is_found("link.txt"));
        }
    }
}
