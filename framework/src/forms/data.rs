//! The fields that a visitor sent.

use crate::body_limit::is_exceeded;
use crate::error::{Error, Result};
use crate::settings::Settings;
use poem::error::ReadBodyError;
use poem::http::{Method, header};
use poem::{FromRequest, Request, RequestBody};
use std::sync::Arc;
use std::time::Duration;

/// How long a form may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

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
pub struct FormData(Option<Arc<Vec<(String, String)>>>);

impl FormData {
    /// Nothing was sent: the form is shown for the first time.
    pub fn unbound() -> Self {
        Self(None)
    }

    /// A form that was sent with these fields.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(Some(Arc::new(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())))
    }

    /// Whether it was sent.
    pub fn is_bound(&self) -> bool {
        self.0.is_some()
    }

    /// The value of a field; the last one, if it was sent more than once.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .flat_map(|pairs| pairs.iter().rev())
            .find(|(known, _)| known == name)
            .map(|(_, value)| &**value)
    }

    /// All values of a field, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let pairs = self.0.iter().flat_map(|pairs| pairs.iter());
        pairs.filter(move |(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// Reads the form of a request, once; the body is put back for whoever else wants it.
    pub(crate) async fn take(request: &mut Request) -> Result<Self> {
        if let Some(data) = request.extensions().get::<Self>() {
            return Ok(data.clone());
        }
        let settings = Settings::of(request).clone();
        let data = match is_form(request) {
            true => {
                let body = read(request.take_body(), &settings).await?;
                let data = parse(&body, settings.data_upload_max_number_fields)?;
                request.set_body(body);
                data
            }
            false => Self::from_pairs::<String, String>([]),
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
        if !is_form(request) {
            return Ok(Self::from_pairs::<String, String>([]));
        }
        let settings = Settings::of(request);
        Ok(parse(&read(body.take()?, settings).await?, settings.data_upload_max_number_fields)?)
    }
}

fn is_form(request: &Request) -> bool {
    let kind = request.header(header::CONTENT_TYPE).and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

async fn read(body: poem::Body, settings: &Settings) -> Result<Vec<u8>> {
    let limit = settings.data_upload_max_memory_size;
    let refused = |error: ReadBodyError| match is_exceeded(&error) {
        true => Error::TooLarge(limit),
        false => Error::BadRequest(format!("the request body cannot be read: {error}")),
    };
    let read = tokio::time::timeout(PATIENCE, body.into_bytes_limit(limit)).await;
    Ok(read.map_err(|_| Error::TooSlow(PATIENCE.as_secs()))?.map_err(refused)?.to_vec())
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
}
