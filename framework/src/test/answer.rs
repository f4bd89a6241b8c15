//! What a site answered, and what a test says of it.

use poem::Response;
use poem::http::{HeaderMap, StatusCode, header};

/// An answer of the site.
#[derive(Debug)]
pub struct Answer {
    asked: String,
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    pub(super) async fn read(asked: String, mut response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.take_body().into_vec().await.unwrap_or_else(|error| panic!("{asked}: {error}"));
        Self { asked, status, headers, text: String::from_utf8_lossy(&body).into_owned() }
    }

    /// The status, as a number.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The body.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A header; the first, if there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All headers of a name.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// Fails unless the status is 200.
    #[track_caller]
    pub fn assert_ok(&self) -> &Self {
        self.assert_status(200)
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status(), status, "{}: {}", self.asked, self.text);
        self
    }

    /// Fails unless this is a redirect to there.
    #[track_caller]
    pub fn assert_redirect(&self, to: &str) -> &Self {
        assert!(self.status.is_redirection(), "{} answered {}: {}", self.asked, self.status, self.text);
        assert_eq!(self.location(), Some(to), "{}", self.asked);
        self
    }

    /// Fails unless the page says this.
    #[track_caller]
    pub fn assert_text(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "{} does not say `{text}`: {}", self.asked, self.text);
        self
    }

    /// Fails if the page says this.
    #[track_caller]
    pub fn assert_no_text(&self, text: &str) -> &Self {
        assert!(!self.text.contains(text), "{} says `{text}`: {}", self.asked, self.text);
        self
    }

    /// The cookies that were sent; `None` for one that was taken back.
    pub(super) fn cookies(&self) -> impl Iterator<Item = (String, Option<String>)> {
        self.headers(header::SET_COOKIE.as_str()).filter_map(|line| {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=')?;
            let gone =
                attributes.split(';').any(|attribute| attribute.trim().eq_ignore_ascii_case("Max-Age=0"));
            Some((name.to_owned(), (!gone).then(|| value.to_owned())))
        })
    }
}
