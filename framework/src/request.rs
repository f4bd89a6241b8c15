//! What a view asks a request for.

use crate::belongings::Belongings;
use crate::cookies::{self, SetCookie};
use crate::db::Database;
use crate::email::{EmailMessage, Mailer};
use crate::error::Result;
use crate::log::RequestId;
use crate::sessions::Session;
use crate::settings::Settings;
use crate::signing::{Signer, cookie_signer};
use crate::{headers, hosts, proxies};
use chrono::Utc;
use poem::{Request, Response};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The framework's side of a request.
pub trait RequestExt {
    /// The request's id: every line of the log has it that is written meanwhile, as `request_id`, and so has the answer, as `X-Request-ID`.
    /// It is the one that a proxy of the setting `trusted_proxies` gave, or a new one.
    ///
    /// # Panics
    /// If the request did not come through the framework's handler.
    fn id(&self) -> &str;
    /// The site's database.
    fn db(&self) -> Database;
    /// The visitor's session.
    ///
    /// # Panics
    /// If `nuages::sessions::app()` is not among the site's apps.
    fn session(&self) -> &Session;
    /// The site's settings.
    fn settings(&self) -> &Arc<Settings>;
    /// What sends the site's mail.
    fn mailer(&self) -> &Mailer;
    /// Takes a message to be sent, and waits for nothing; see [`Mailer::queue`].
    ///
    /// # Errors
    /// [`Error::BadRequest`](crate::Error::BadRequest) if an address is none, or a header has a line break.
    fn send_mail(&self, message: EmailMessage) -> impl Future<Output = Result<()>> + Send;
    /// Whether the visitor came by https, directly or by the proxy that the settings trust.
    fn is_secure(&self) -> bool;
    /// The host that the visitor asked for, with its port.
    fn host(&self) -> &str;
    /// The visitor's address: behind the proxies of the setting `trusted_proxies`, whose `X-Forwarded-For` alone is believed. `None` where
    /// a request came by no network.
    fn client_ip(&self) -> Option<IpAddr>;
    /// A cookie that the visitor came with.
    fn cookie(&self, name: &str) -> Option<String>;
    /// A cookie to be sent, for https alone where the settings say so. Hand it to
    /// [`with_cookie`](ResponseExt::with_cookie).
    fn new_cookie(&self, name: &str, value: &str) -> SetCookie;
    /// The value of a signed cookie, if it was signed for this name and salt with one of the site's keys, no longer than `max_age` ago.
    ///
    /// Signed is not secret: the visitor can read it. Django's `get_signed_cookie`.
    fn signed_cookie(&self, name: &str, salt: &str, max_age: Option<Duration>) -> Option<String>;
    /// A cookie that comes back unchanged or, for [`signed_cookie`](Self::signed_cookie), not at all. Django's
    /// `set_signed_cookie`.
    ///
    /// ```no_run
    /// # use nuages::{RequestExt, ResponseExt, Result};
    /// # use poem::{Request, Response};
    /// # fn invite(request: &Request, response: Response) -> Result<Response> {
    /// let cookie = request.new_signed_cookie("invited_by", "42", "invitations");
    /// response.with_cookie(&cookie)
    /// # }
    /// ```
    fn new_signed_cookie(&self, name: &str, value: &str, salt: &str) -> SetCookie;
    /// What an app gives to every request, of this type: see [`App::provide`](crate::App::provide).
    ///
    /// # Panics
    /// If no app of the site provides it.
    fn provided<T: Send + Sync + 'static>(&self) -> &T;
    /// The path with its query, as in `/blog/?page=2`.
    fn full_path(&self) -> &str;
}

impl RequestExt for Request {
    fn id(&self) -> &str {
        RequestId::of(self)
    }

    fn db(&self) -> Database {
        Database::of(self).clone()
    }

    fn session(&self) -> &Session {
        Session::of(self)
    }

    fn settings(&self) -> &Arc<Settings> {
        Settings::of(self)
    }

    fn mailer(&self) -> &Mailer {
        Mailer::of(self)
    }

    fn send_mail(&self, message: EmailMessage) -> impl Future<Output = Result<()>> + Send {
        let mailer = self.mailer().clone();
        async move { mailer.queue(message).await }
    }

    fn is_secure(&self) -> bool {
        hosts::is_secure(self)
    }

    fn host(&self) -> &str {
        hosts::host(self)
    }

    fn client_ip(&self) -> Option<IpAddr> {
        proxies::client_ip(self)
    }

    fn cookie(&self, name: &str) -> Option<String> {
        cookies::cookie_value(self.headers(), name)
    }

    fn new_cookie(&self, name: &str, value: &str) -> SetCookie {
        SetCookie::new(name, value).secure(Settings::of(self).secure_cookies())
    }

    fn signed_cookie(&self, name: &str, salt: &str, max_age: Option<Duration>) -> Option<String> {
        let signed = self.cookie(name)?;
        signer(self, name, salt).unsign_within(&signed, max_age, Utc::now()).ok().map(str::to_owned)
    }

    fn new_signed_cookie(&self, name: &str, value: &str, salt: &str) -> SetCookie {
        self.new_cookie(name, &signer(self, name, salt).sign_with_time(value, Utc::now()))
    }

    fn provided<T: Send + Sync + 'static>(&self) -> &T {
        Belongings::of(self)
    }

    fn full_path(&self) -> &str {
        self.original_uri().path_and_query().map_or("/", |path| path.as_str())
    }
}

fn signer(request: &Request, name: &str, salt: &str) -> Signer {
    cookie_signer(name, salt, Settings::of(request).keys().collect::<Vec<_>>())
}

/// The framework's side of an answer.
pub trait ResponseExt: Sized {
    /// Sends a cookie with it, in the place of an earlier one of that name.
    ///
    /// # Errors
    /// [`Error::Cookie`](crate::Error::Cookie) if no browser would take it.
    fn with_cookie(self, cookie: &SetCookie) -> Result<Self>;
    /// Sends a cookie that is this visitor's alone: shared caches must not keep the answer, or show it to anyone else.
    ///
    /// # Errors
    /// As [`with_cookie`](ResponseExt::with_cookie).
    fn send_private_cookie(&mut self, cookie: &SetCookie) -> Result<()>;
}

impl ResponseExt for Response {
    fn with_cookie(mut self, cookie: &SetCookie) -> Result<Self> {
        cookies::add_cookie(&mut self, cookie)?;
        Ok(self)
    }

    fn send_private_cookie(&mut self, cookie: &SetCookie) -> Result<()> {
        headers::send_cookie(self, cookie)
    }
}
