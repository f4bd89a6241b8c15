//! The backend `smtp`: a mail server.

use super::{EmailBackend, Letter, Undelivered};
use crate::error::{Error, Result};
use crate::settings::{Secret, Settings};
use futures_util::future::BoxFuture;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::path::Path;
use std::time::Duration;

/// A mail server. Each letter has a connection of its own.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    address: String,
}

impl Smtp {
    pub(super) fn of(settings: &Settings) -> Result<Self> {
        let (host, port) = (settings.email_host.as_deref().unwrap_or("localhost"), settings.smtp_port());
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls(settings, host)?)
            .timeout(Some(Duration::from_secs(settings.email_timeout.max(1))));
        let transport = match credentials(settings) {
            Some(credentials) => transport.credentials(credentials),
            None => transport,
        };
        Ok(Self { transport: transport.build(), address: format!("{host}:{port}") })
    }
}

impl EmailBackend for Smtp {
    fn deliver<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), Undelivered>> {
        Box::pin(async move {
            let sent = self.transport.send_raw(letter.envelope(), &letter.bytes()).await;
            sent.map(drop).map_err(|error| why(&self.address, &error))
        })
    }
}

fn credentials(settings: &Settings) -> Option<Credentials> {
    let password = settings.email_host_password.as_ref().map(Secret::expose).unwrap_or_default();
    settings.email_host_user.clone().map(|user| Credentials::new(user, password.to_owned()))
}

fn tls(settings: &Settings, host: &str) -> Result<Tls> {
    match (settings.email_use_tls, settings.email_use_ssl) {
        (false, false) => Ok(Tls::None),
        (true, false) => Ok(Tls::Required(parameters(settings, host)?)),
        (false, true) => Ok(Tls::Wrapper(parameters(settings, host)?)),
        (true, true) => Err(Error::NotReady(
            "EMAIL_USE_TLS and EMAIL_USE_SSL are both on; leave the one that the mail server speaks".into(),
        )),
    }
}

fn parameters(settings: &Settings, host: &str) -> Result<TlsParameters> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(path) = &settings.email_ssl_cafile {
        parameters = parameters.add_root_certificate(certificate(path)?);
    }
    let wrong = |error| Error::NotReady(format!("EMAIL_HOST `{host}` cannot be spoken to by TLS: {error}"));
    parameters.build_rustls().map_err(wrong)
}

fn certificate(path: &Path) -> Result<Certificate> {
    let wrong = |error: String| {
        let remedy = "name a PEM file with a certificate";
        Error::NotReady(format!("EMAIL_SSL_CAFILE {} cannot be read: {error}; {remedy}", path.display()))
    };
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    Certificate::from_pem(&pem).map_err(|error| wrong(error.to_string()))
}

/// What the server's own words are is left out: they may quote an address.
fn why(address: &str, error: &SmtpError) -> Undelivered {
    match error.status() {
        Some(code) if error.is_permanent() && matches!(u16::from(code), 530 | 534 | 535 | 538) => {
            let remedy =
                "set EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, and EMAIL_USE_TLS or EMAIL_USE_SSL as it asks";
            Undelivered::ForGood(format!("the mail server {address} wants another login ({code}); {remedy}"))
        }
        Some(code) if error.is_permanent() => {
            Undelivered::ForGood(format!("the mail server {address} refused it ({code})"))
        }
        Some(code) => Undelivered::ForNow(format!("the mail server {address} cannot take it now ({code})")),
        None if error.is_client() => {
            let remedy = "EMAIL_USE_TLS, EMAIL_USE_SSL and EMAIL_PORT must fit what it speaks";
            Undelivered::ForGood(format!(
                "the mail server {address} cannot do what is asked of it: {error}; {remedy}"
            ))
        }
        None => Undelivered::ForNow(format!(
            "the mail server {address} cannot be reached: {error}; EMAIL_HOST and EMAIL_PORT say where it is"
        )),
    }
}
