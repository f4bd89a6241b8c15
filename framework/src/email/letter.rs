//! A message that is ready to go: all in it has been checked, and it is written as mail is (RFC 5322).

use super::EmailMessage;
use super::address::{has_control, mailbox};
use crate::error::{Error, Result};
use crate::signing::{LOWER_ALPHANUMERIC, random_string};
use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart, SinglePart};

/// Headers that a message has methods for, or that are written here.
const OURS: [&str; 11] = [
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "return-path",
];

/// A message that is ready to go.
#[derive(Clone, Debug)]
pub struct Letter {
    message: EmailMessage,
    written: Message,
}

impl Letter {
    /// Writes a message; `from` is who sends it if it does not say.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if an address is none, a header has a line break, or nobody gets it.
    pub fn write(mut message: EmailMessage, from: &str) -> Result<Self> {
        message.from.get_or_insert_with(|| from.to_owned());
        let written = head(&message)?;
        let plain = SinglePart::plain(message.body.clone());
        let written = match &message.html {
            None => written.singlepart(plain),
            Some(html) => {
                let html = SinglePart::html(html.clone());
                written.multipart(MultiPart::alternative().singlepart(plain).singlepart(html))
            }
        };
        let written = written.map_err(|error| {
            Error::BadRequest(format!(
                "the mail cannot be written: {error}; give it a sender and a recipient"
            ))
        })?;
        Ok(Self { message, written })
    }

    /// The message.
    pub fn message(&self) -> &EmailMessage {
        &self.message
    }

    /// The bytes of the mail, without those headers that only the sender may see.
    pub fn bytes(&self) -> Vec<u8> {
        self.written.formatted()
    }

    /// Whom it comes back to if it cannot be delivered.
    pub fn sender(&self) -> &str {
        self.envelope().from().map_or("", AsRef::as_ref)
    }

    /// The addresses of all who get it, without names, domains in ASCII.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        self.envelope().to().iter().map(AsRef::as_ref)
    }

    pub(super) fn envelope(&self) -> &Envelope {
        self.written.envelope()
    }
}

fn head(message: &EmailMessage) -> Result<MessageBuilder> {
    if has_control(&message.subject) {
        return Err(broken("Subject"));
    }
    let from = mailbox(message.from.as_deref().unwrap_or_default())?;
    let id = message_id(&from);
    let mut head = Message::builder().from(from).subject(message.subject.as_str()).message_id(Some(id));
    head = each(head, &message.to, MessageBuilder::to)?;
    head = each(head, &message.cc, MessageBuilder::cc)?;
    head = each(head, &message.bcc, MessageBuilder::bcc)?;
    head = each(head, &message.reply_to, MessageBuilder::reply_to)?;
    message.headers.iter().try_fold(head, |head, (name, value)| Ok(head.raw_header(header(name, value)?)))
}

fn each(
    head: MessageBuilder,
    addresses: &[String],
    add: fn(MessageBuilder, Mailbox) -> MessageBuilder,
) -> Result<MessageBuilder> {
    addresses.iter().try_fold(head, |head, address| Ok(add(head, mailbox(address)?)))
}

/// No two mails have the same, and it does not tell the machine's name.
fn message_id(from: &Mailbox) -> String {
    format!("<{}@{}>", random_string(32, LOWER_ALPHANUMERIC), from.email.domain())
}

fn header(name: &str, value: &str) -> Result<HeaderValue> {
    let taken = name.to_ascii_lowercase();
    if OURS.contains(&taken.as_str()) || taken.starts_with("content-") {
        let text =
            format!("the header {name} of a mail is not written by hand; use the message's own methods");
        return Err(Error::BadRequest(text));
    }
    let is_name = name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    let name = HeaderName::new_from_ascii(name.to_owned()).ok().filter(|_| is_name);
    match name {
        Some(_) if has_control(value) => Err(broken(&taken)),
        Some(name) => Ok(HeaderValue::new(name, value.to_owned())),
        None => {
            Err(Error::BadRequest("a mail has a header whose name is none; use letters and hyphens".into()))
        }
    }
}

/// Django's `BadHeaderError`.
fn broken(header: &str) -> Error {
    Error::BadRequest(format!(
        "the header {header} of a mail has a line break or another control character; take it out"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> EmailMessage {
        EmailMessage::new("Minor Swing", "Tonight at eight.").to("ann@site.example")
    }

    fn write(message: EmailMessage) -> Result<Letter> {
        Letter::write(message, "Band <band@site.example>")
    }

    fn text(message: EmailMessage) -> String {
        String::from_utf8(write(message).unwrap().bytes()).unwrap()
    }

    #[test]
    fn a_letter_has_what_mail_must_have() {
        let text = text(message().reply_to("bob@site.example").header("List-Id", "<swing.site.example>"));
        for line in [
            "From: Band <band@site.example>\r\n",
            "To: ann@site.example\r\n",
            "Subject: Minor Swing\r\n",
            "Reply-To: bob@site.example\r\n",
            "List-Id: <swing.site.example>\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "\r\n\r\nTonight at eight.",
            "@site.example>\r\n",
        ] {
            assert!(text.contains(line), "{line:?} is not in {text}");
        }
        assert!(text.contains("Date: ") && text.contains("MIME-Version: 1.0"), "{text}");
    }

    #[test]
    fn a_message_names_its_own_sender() {
        assert!(text(message().from("eve@site.example")).contains("From: eve@site.example\r\n"));
    }

    #[test]
    fn html_goes_beside_the_text() {
        let text = text(message().html("<p>Tonight</p>"));
        for part in ["multipart/alternative", "text/plain", "text/html", "<p>Tonight</p>", "at eight."] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn who_gets_a_blind_copy_is_in_the_envelope_alone() {
        let letter = write(message().cc("cy@site.example").bcc("bo@site.example")).unwrap();
        let text = String::from_utf8(letter.bytes()).unwrap();
        assert!(text.contains("Cc: cy@site.example") && !text.contains("bo@"), "{text}");
        let all: Vec<_> = letter.recipients().collect();
        assert_eq!(all, ["ann@site.example", "cy@site.example", "bo@site.example"]);
        assert_eq!(letter.sender(), "band@site.example");
    }

    #[test]
    fn a_header_cannot_begin_another() {
        let evil = "x\r\nBcc: all@site.example";
        for wrong in [
            EmailMessage { subject: evil.into(), ..message() },
            EmailMessage { subject: "x\ny".into(), ..message() },
            message().to(evil),
            message().cc(format!("a@site.example{evil}")),
            message().bcc(evil),
            message().from(format!("{evil} <a@site.example>")),
            message().reply_to(evil),
            message().header("X-Note", evil),
            message().header("X-Note\r\nBcc", "all@site.example"),
            message().header("X Note", "x"),
            message().header("", "x"),
            message().header("Bcc", "all@site.example"),
            message().header("Content-Type", "text/evil"),
        ] {
            assert_eq!(write(wrong.clone()).unwrap_err().status(), 400, "{wrong:?}");
        }
    }

    #[test]
    fn a_letter_to_nobody_is_refused() {
        let error = write(EmailMessage::new("Hello", "")).unwrap_err();
        assert!(error.to_string().contains("recipient"), "{error}");
    }

    #[test]
    fn a_subject_in_any_script_is_encoded() {
        let text = text(EmailMessage { subject: "Größe 雲".into(), ..message() });
        assert!(text.contains("Subject: =?utf-8?b?"), "{text}");
    }

    #[test]
    fn the_log_knows_of_a_letter_the_domains_alone() {
        let message = message().cc("Ann <x@b.example>").bcc("y@b.example");
        assert_eq!(message.domains(), "b.example, site.example");
    }
}
