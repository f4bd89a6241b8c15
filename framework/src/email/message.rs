//! A message as the site writes it.

use std::fmt;

/// A message: what a view, a command or a task writes. What is wrong with it is said when it is sent.
///
/// ```
/// use nuages::EmailMessage;
///
/// let message = EmailMessage::new("Minor Swing", "Tonight at eight.")
///     .to("Ann <ann@site.example>")
///     .reply_to("band@site.example")
///     .html("<p>Tonight at <b>eight</b>.</p>");
/// assert_eq!(message.recipients().collect::<Vec<_>>(), ["Ann <ann@site.example>"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "nothing is sent until the message is handed to a mailer"]
pub struct EmailMessage {
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) html: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Vec<String>,
    pub(super) cc: Vec<String>,
    pub(super) bcc: Vec<String>,
    pub(super) reply_to: Vec<String>,
    pub(super) headers: Vec<(String, String)>,
}

impl EmailMessage {
    /// A message with this subject and this text.
    pub fn new(subject: impl Into<String>, body: impl Into<String>) -> Self {
        Self { subject: subject.into(), body: body.into(), ..Self::default() }
    }

    /// Adds someone who gets it.
    pub fn to(mut self, address: impl Into<String>) -> Self {
        self.to.push(address.into());
        self
    }

    /// Adds someone who gets a copy, and whom all see.
    pub fn cc(mut self, address: impl Into<String>) -> Self {
        self.cc.push(address.into());
        self
    }

    /// Adds someone who gets a copy, and whom nobody else sees.
    pub fn bcc(mut self, address: impl Into<String>) -> Self {
        self.bcc.push(address.into());
        self
    }

    /// Whom it is from; left out, the setting `default_from_email`.
    pub fn from(mut self, address: impl Into<String>) -> Self {
        self.from = Some(address.into());
        self
    }

    /// Adds someone to whom an answer goes.
    pub fn reply_to(mut self, address: impl Into<String>) -> Self {
        self.reply_to.push(address.into());
        self
    }

    /// The same in HTML, for programs that show it.
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }

    /// Adds a header of one's own, such as `List-Unsubscribe`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The subject.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The text.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The HTML, if there is any.
    pub fn html_body(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// Whom it is from, once that is known.
    pub fn sender(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// All who get it: `to`, `cc` and `bcc`.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        self.to.iter().chain(&self.cc).chain(&self.bcc).map(String::as_str)
    }

    /// The domains of all who get it, each once: what a log may say.
    pub(super) fn domains(&self) -> String {
        let domain =
            |to: &str| to.rsplit_once('@').map(|(_, domain)| domain.trim_end_matches('>').to_owned());
        let mut domains: Vec<_> = self.recipients().filter_map(domain).collect();
        domains.sort();
        domains.dedup();
        domains.join(", ")
    }
}

/// The message as a person reads it.
impl fmt::Display for EmailMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [("To", &self.to), ("Cc", &self.cc), ("Bcc", &self.bcc), ("Reply-To", &self.reply_to)];
        writeln!(f, "From: {}", self.sender().unwrap_or_default())?;
        for (name, addresses) in lists.into_iter().filter(|(_, addresses)| !addresses.is_empty()) {
            writeln!(f, "{name}: {}", addresses.join(", "))?;
        }
        writeln!(f, "Subject: {}", self.subject)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        writeln!(f, "\n{}", self.body)?;
        self.html.iter().try_for_each(|html| writeln!(f, "\n(HTML)\n{html}"))
    }
}
