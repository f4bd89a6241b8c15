//! A site's mailer: writes mail from templates, and hands it to the backend.

use super::queue::{self, Queue};
use super::{EmailBackend, EmailMessage, Letter, Outbox, from_settings};
use crate::belongings::Belongings;
use crate::error::Result;
use crate::settings::Settings;
use crate::templates::Templates;
use minijinja::Value;
use poem::Request;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The templates of a message.
///
/// ```
/// use nuages::email::EmailTemplates;
///
/// const RESET: EmailTemplates = EmailTemplates {
///     subject: "registration/password_reset_subject.txt",
///     body: "registration/password_reset_email.txt",
///     html: None,
/// };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailTemplates<'a> {
    /// The subject; its lines become one.
    pub subject: &'a str,
    /// The text. A template whose name ends in `.txt` is not escaped as HTML.
    pub body: &'a str,
    /// The HTML beside it, if any.
    pub html: Option<&'a str>,
}

/// What sends a site's mail; a clone is the same one.
///
/// A view has it by [`RequestExt::mailer`](crate::RequestExt::mailer), a command by [`Context::mailer`](crate::Context::mailer);
/// a task takes a clone along, or [makes one](Mailer::new).
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    backend: Arc<dyn EmailBackend>,
    settings: Arc<Settings>,
    templates: Templates,
    /// None where a test wants its mail by the time that the answer is there.
    queue: Option<Queue>,
}

impl Mailer {
    /// A mailer with the backend that the settings name.
    ///
    /// # Errors
    /// [`Error::NotReady`](crate::Error::NotReady) if a setting of the backend is missing or wrong.
    pub fn new(settings: Arc<Settings>, templates: Templates) -> Result<Self> {
        let backend = from_settings(&settings)?;
        Ok(Self::with(backend, settings, templates))
    }

    /// A mailer with a backend of one's own.
    pub fn with(backend: Arc<dyn EmailBackend>, settings: Arc<Settings>, templates: Templates) -> Self {
        Self(Arc::new(Inner { backend, settings, templates, queue: Some(Queue::default()) }))
    }

    /// A mailer for tests: nothing leaves, and nothing waits.
    pub(crate) fn into_outbox(outbox: Outbox, settings: Arc<Settings>, templates: Templates) -> Self {
        Self(Arc::new(Inner { backend: Arc::new(outbox), settings, templates, queue: None }))
    }

    /// Sends a message and waits until the backend has taken it: for commands and tasks.
    ///
    /// # Errors
    /// [`Error::BadRequest`](crate::Error::BadRequest) if the message is wrong, [`Error::Unavailable`](crate::Error::Unavailable) or [`Error::Refused`](crate::Error::Refused) if it was not taken.
    pub async fn send(&self, message: EmailMessage) -> Result<()> {
        Ok(self.0.backend.deliver(&self.letter(message)?).await?)
    }

    /// Takes a message to be sent, and waits for nothing: for views. What the mail server does later is in the log.
    ///
    /// In tests it is in the [outbox](crate::test::Client::outbox) at once.
    ///
    /// # Errors
    /// [`Error::BadRequest`](crate::Error::BadRequest) if the message is wrong.
    pub async fn queue(&self, message: EmailMessage) -> Result<()> {
        let letter = self.letter(message)?;
        match &self.0.queue {
            Some(queue) => queue.deliver(Arc::clone(&self.0.backend), letter),
            None => self.0.backend.deliver(&letter).await?,
        }
        Ok(())
    }

    /// Does the work around a mail behind the back of the request, so that the answer takes as long whether there is a mail
    /// or not: looking for the user, making a link, writing the message. An error is in the log, and not in the answer.
    ///
    /// ```no_run
    /// # use nuages::{EmailMessage, RequestExt, Result};
    /// # async fn user_of(_: &nuages::Database, _: &str) -> Result<Option<String>> { Ok(None) }
    /// # async fn forgot(request: &poem::Request, email: String) {
    /// let (mailer, db) = (request.mailer().clone(), request.db());
    /// request.mailer().later(async move {
    ///     match user_of(&db, &email).await? {
    ///         Some(address) => mailer.queue(EmailMessage::new("Your link", "…").to(address)).await,
    ///         None => Ok(()),
    ///     }
    /// }).await;
    /// # }
    /// ```
    pub async fn later(&self, work: impl Future<Output = Result<()>> + Send + 'static) {
        match &self.0.queue {
            Some(queue) => queue.run(work),
            None => queue::finish(work).await,
        }
    }

    /// Writes a message from templates, to nobody yet. Beside what is given, they know `site_name` and `site_url`, which links
    /// begin with; a request is not known to them, so neither are `user` and `csrf_token`.
    ///
    /// # Errors
    /// [`Error::Template`](crate::Error::Template) if one is missing or wrong.
    pub fn render(&self, templates: EmailTemplates<'_>, context: Value) -> Result<EmailMessage> {
        let (site_name, site_url) = (&self.0.settings.site_name, self.0.settings.site_origin());
        let site = crate::context! { site_name, site_url };
        let context = minijinja::value::merge_maps([context, site]);
        let written = |name| self.0.templates.render_alone(name, context.clone());
        let message = EmailMessage::new(one_line(&written(templates.subject)?), written(templates.body)?);
        match templates.html {
            Some(html) => Ok(message.html(written(html)?)),
            None => Ok(message),
        }
    }

    /// A message to all whom the setting `admins` names, from `server_email`, with `email_subject_prefix`; `None` if it names
    /// nobody.
    pub fn to_admins(&self, subject: &str, body: impl Into<String>) -> Option<EmailMessage> {
        let settings = &self.0.settings;
        let subject = format!("{}{}", settings.subject_prefix(), one_line(subject));
        let message = EmailMessage::new(subject, body).from(settings.from_server());
        let admins = settings.admins.iter();
        (admins.len() > 0).then(|| admins.fold(message, |message, admin| message.to(admin.as_str())))
    }

    /// Waits until the mail that was taken has left, for so long at most; what is lost then is in the log.
    pub async fn drain(&self, patience: Duration) {
        let Some(queue) = &self.0.queue else { return };
        let lost = queue.drain(patience).await;
        if lost > 0 {
            tracing::error!("{lost} mails had not left when the server stopped, and are lost");
        }
    }

    fn letter(&self, message: EmailMessage) -> Result<Letter> {
        Letter::write(message, &self.0.settings.from_email())
    }

    /// The mailer that the handler gave to this request.
    ///
    /// # Panics
    /// If the request did not come through the framework's handler.
    pub(crate) fn of(request: &Request) -> &Self {
        Belongings::of(request)
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailer")
    }
}

/// A mailer that is made when it is first wanted: what is wrong with its settings hinders nobody who sends no mail.
#[derive(Clone)]
pub(crate) struct LazyMailer {
    make: Arc<dyn Fn() -> Result<Mailer> + Send + Sync>,
    made: Arc<OnceLock<Mailer>>,
}

impl LazyMailer {
    pub(crate) fn new(make: impl Fn() -> Result<Mailer> + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(make), made: Arc::default() }
    }

    /// The mailer.
    pub(crate) fn get(&self) -> Result<&Mailer> {
        match self.made.get() {
            Some(mailer) => Ok(mailer),
            None => {
                let mailer = (self.make)()?;
                Ok(self.made.get_or_init(|| mailer))
            }
        }
    }

    /// Waits until the mail that was taken has left.
    pub(crate) async fn drain(&self, patience: Duration) {
        if let Some(mailer) = self.made.get() {
            mailer.drain(patience).await;
        }
    }
}

impl std::fmt::Debug for LazyMailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LazyMailer")
    }
}

/// A subject is one line, however its template is broken.
fn one_line(text: &str) -> String {
    text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
