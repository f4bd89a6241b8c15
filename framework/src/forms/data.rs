//! The fields that a visitor sent.

use super::multipart;
use super::upload::UploadedFile;
use crate::body_limit::{has_files, is_exceeded};
use crate::error::{Error, Result};
use crate::settings::Settings;
use poem::error::ReadBodyError;
use poem::http::{Method, header};
use poem::{FromRequest, Request, RequestBody};
use std::sync::Arc;
use std::time::Duration;

/// How long a form may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a form with files may take.
const PATIENCE_FOR_FILES: Duration = Duration::from_secs(300);

/// A form as it was sent: bound on POST, unbound on GET. In a view it is an extractor.
///
/// ```
/// use nuages::FormData;
///
/// let data = FormData::from_pairs([("title", "Minor Swing")]);
/// assert_eq!(data.get("title"), Some("Minor Swing"));
/// assert!(!FormData::unbound().is_bound());
/// ```
#[derive(Clone, Debug, Default)]
pub struct FormData(Option<Arc<Fields>>);

#[derive(Clone, Debug, Default)]
struct Fields {
    texts: Vec<(String, String)>,
    files: Vec<(String, UploadedFile)>,
}

/// How the body of a form is written down.
enum Encoding {
    Urlencoded,
    /// With files; what the header says of it.
    Multipart(String),
}

impl FormData {
    /// Nothing was sent: the form is shown for the first time.
    pub fn unbound() -> Self {
        Self(None)
    }

    /// A form that was sent with these fields.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let texts = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self(Some(Arc::new(Fields { texts, files: Vec::new() })))
    }

    /// The same, with a file more. An unbound form is bound by it.
    pub fn with_file(self, name: impl Into<String>, file: UploadedFile) -> Self {
        let mut fields = self.0.map(Arc::unwrap_or_clone).unwrap_or_default();
        fields.files.push((name.into(), file));
        Self(Some(Arc::new(fields)))
    }

    /// A search form: the fields of the address. Unbound where it has none.
    pub fn from_query(request: &Request) -> Self {
        match request.uri().query() {
            None | Some("") => Self::unbound(),
            Some(query) => Self::from_pairs(form_urlencoded::parse(query.as_bytes())),
        }
    }

    /// Whether it was sent.
    pub fn is_bound(&self) -> bool {
        self.0.is_some()
    }

    /// The value of a field; the last one, if it was sent more than once.
    pub fn get(&self, name: &str) -> Option<&str> {
        let texts = self.0.iter().flat_map(|fields| fields.texts.iter().rev());
        texts.filter(|(known, _)| known == name).map(|(_, value)| &**value).next()
    }

    /// All values of a field, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let texts = self.0.iter().flat_map(|fields| fields.texts.iter());
        texts.filter(move |(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// All files of a field, in order.
    pub fn files<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a UploadedFile> {
        let files = self.0.iter().flat_map(|fields| fields.files.iter());
        files.filter(move |(known, _)| known == name).map(|(_, file)| file)
    }

    /// The names of all that was sent.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let texts = self.0.iter().flat_map(|fields| fields.texts.iter().map(|(name, _)| &**name));
        texts.chain(self.0.iter().flat_map(|fields| fields.files.iter().map(|(name, _)| &**name)))
    }

    /// Reads the form of a request, once; the body of one without files is put back for whoever else wants it.
    pub(crate) async fn take(request: &mut Request) -> Result<Self> {
        if let Some(data) = request.extensions().get::<Self>() {
            return Ok(data.clone());
        }
        let settings = Settings::of(request).clone();
        let data = match encoding(request) {
            Some(Encoding::Urlencoded) => {
                let body = read(request.take_body(), &settings).await?;
                let data = parse(&body, settings.data_upload_max_number_fields)?;
                request.set_body(body);
                data
            }
            Some(Encoding::Multipart(kind)) => with_files(request.take_body(), &kind, &settings).await?,
            None => Self::from_pairs::<String, String>([]),
        };
        request.extensions_mut().insert(data.clone());
        Ok(data)
    }
}

impl<'a> FromRequest<'a> for FormData {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        if let Some(data) = request.extensions().get::<Self>() {
            return Ok(data.clone());
        }
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(Self::unbound());
        }
        let settings = Settings::of(request);
        Ok(match encoding(request) {
            Some(Encoding::Urlencoded) => {
                parse(&read(body.take()?, settings).await?, settings.data_upload_max_number_fields)?
            }
            Some(Encoding::Multipart(kind)) => with_files(body.take()?, &kind, settings).await?,
            None => Self::from_pairs::<String, String>([]),
        })
    }
}

fn encoding(request: &Request) -> Option<Encoding> {
    let header = request.header(header::CONTENT_TYPE)?;
    if has_files(request) {
        return Some(Encoding::Multipart(header.to_owned()));
    }
    let kind = header.split(';').next()?.trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded").then_some(Encoding::Urlencoded)
}

async fn read(body: poem::Body, settings: &Settings) -> Result<Vec<u8>> {
    let limit = settings.data_upload_max_memory_size;
    let refused = |error: ReadBodyError| match is_exceeded(&error) {
        true => Error::TooLarge(limit),
        false => Error::BadRequest(format!("the request body cannot be read: {error}")),
    };
    let read = in_time(PATIENCE, body.into_bytes_limit(limit)).await?;
    Ok(read.map_err(refused)?.to_vec())
}

async fn with_files(body: poem::Body, content_type: &str, settings: &Settings) -> Result<FormData> {
    let (texts, files) = in_time(PATIENCE_FOR_FILES, multipart::read(body, content_type, settings)).await??;
    Ok(FormData(Some(Arc::new(Fields { texts, files }))))
}

async fn in_time<T>(patience: Duration, reading: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(patience, reading).await.map_err(|_| Error::TooSlow(patience.as_secs()))
}

fn parse(body: &[u8], limit: usize) -> Result<FormData> {
    let pairs: Vec<_> = form_urlencoded::parse(body).take(limit + 1).collect();
    if pairs.len() > limit {
        return Err(Error::BadRequest(format!("the form has more than {limit} fields")));
    }
    Ok(FormData::from_pairs(pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_two_equal_fields_counts() {
        let data = parse(b"a=1&b=%C3%A9+x&a=2", 10).unwrap();
        assert_eq!((data.get("a"), data.get("b"), data.get("c")), (Some("2"), Some("é x"), None));
    }

    #[test]
    fn too_many_fields_are_refused() {
        assert!(matches!(parse(b"a=1&b=2&c=3", 2), Err(Error::BadRequest(_))));
    }

    #[test]
    fn bytes_that_are_no_text_do_not_panic() {
        assert!(parse(b"a=%FF%00&=&&%", 10).is_ok());
    }

    fn body(parts: &[(&str, &str)]) -> poem::Body {
        let part = |(head, content): &(&str, &str)| {
            format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
        };
        format!("{}--x--\r\n", parts.iter().map(part).collect::<String>()).into()
    }

    async fn sent(parts: &[(&str, &str)], settings: &Settings) -> Result<FormData> {
        with_files(body(parts), "multipart/form-data; boundary=x", settings).await
    }

    #[tokio::test]
    async fn a_form_with_files_holds_both() {
        let settings = Settings { file_upload_max_memory_size: 4, ..Settings::default() };
        let parts = [
            ("name=\"title\"", "é"),
            ("name=\"small\"; filename=\"../a.txt\"", "one"),
            ("name=\"large\"; filename=\"b.txt\"", "larger than four"),
            ("name=\"none\"; filename=\"\"", ""),
        ];
        let data = sent(&parts, &settings).await.unwrap();
        assert_eq!((data.get("title"), data.files("none").count()), (Some("é"), 0));
        for (field, name, content) in [("small", "a.txt", "one"), ("large", "b.txt", "larger than four")] {
            let file = data.files(field).next().unwrap();
            assert_eq!((file.name(), file.size()), (name, content.len() as u64));
            // Twice: each reads from the beginning.
            assert_eq!(file.read().await.unwrap(), file.read().await.unwrap());
            assert_eq!(file.read().await.unwrap(), content.as_bytes());
        }
    }

    #[tokio::test]
    async fn what_is_too_much_in_a_form_with_files_is_refused() {
        let text = [("name=\"a\"", "12345"), ("name=\"b\"", "12345")];
        let few = Settings { data_upload_max_number_fields: 1, ..Settings::default() };
        assert!(matches!(sent(&text, &few).await, Err(Error::BadRequest(_))));
        let short = Settings { data_upload_max_memory_size: 9, ..Settings::default() };
        assert!(matches!(sent(&text, &short).await, Err(Error::TooLarge(9))));
        let file = [("name=\"a\"; filename=\"a\"", "1"), ("name=\"a\"; filename=\"b\"", "1")];
        let one = Settings { data_upload_max_number_files: 1, ..Settings::default() };
        assert!(matches!(sent(&file, &one).await, Err(Error::BadRequest(_))));
        let small =
            Settings { file_upload_max_size: 10, data_upload_max_memory_size: 10, ..Settings::default() };
        assert!(matches!(sent(&file, &small).await, Err(Error::TooLarge(20))));
    }

    #[tokio::test]
    async fn what_is_no_form_with_files_is_a_bad_request() {
        for (text, kind) in [
            ("", "multipart/form-data"),
            ("", "multipart/form-data; boundary="),
            (
                "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nabc",
                "multipart/form-data; boundary=x",
            ),
            ("--x\r\n\u{0}: \r\n\r\n", "multipart/form-data; boundary=x"),
        ] {
            let read = with_files(text.to_owned().into(), kind, &Settings::default()).await;
            assert!(matches!(read, Err(Error::BadRequest(_))), "{kind} {text:?} {read:?}");
        }
    }
}
