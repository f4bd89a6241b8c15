//! Mail: a message, what it is written with, and what takes it.
//!
//! A view hands a message over and answers at once; the mail leaves behind its back. A command waits for it.
//!
//! ```no_run
//! use nuages::{EmailMessage, RequestExt, Result, redirect};
//! use poem::{Request, Response, handler};
//!
//! #[handler]
//! async fn invite(request: &Request) -> Result<Response> {
//!     let message = EmailMessage::new("You are invited", "Come at eight.").to("ann@site.example");
//!     request.send_mail(message).await?;
//!     redirect(request, "home:index")
//! }
//! ```

mod address;
mod backend;
mod console;
mod file;
mod letter;
mod mailer;
mod memory;
mod message;
mod queue;
mod smtp;

pub use address::is_email_address;
pub use backend::{EmailBackend, Undelivered};
pub use letter::Letter;
pub use mailer::{EmailTemplates, Mailer};
pub use message::EmailMessage;

pub(crate) use backend::{MakeBackend, from_settings};
pub(crate) use mailer::LazyMailer;
pub(crate) use memory::Outbox;
