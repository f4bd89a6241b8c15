//! A browser for tests: it drives a project without a socket, on a database of its own.
//!
//! ```no_run
//! # fn project() -> nuages::Project { unimplemented!() }
//! # async fn a_stranger_is_sent_to_log_in() {
//! let client = nuages::test::Client::new(project()).await;
//! client.get("/accounts/profile/").await.assert_redirect("/accounts/login/?next=/accounts/profile/");
//! # }
//! ```

mod answer;
mod database;
mod multipart;
mod queries;

pub use answer::Answer;

use crate::app::Apps;
use crate::db::Database;
use crate::email::{EmailMessage, LazyMailer, Mailer, Outbox};
use crate::forms::UploadedFile;
use crate::layer::Next;
use crate::project::Project;
use crate::settings::Settings;
use crate::urls::Urls;
use crate::{csrf, handler, migrations, signing};
use database::Temporary;
use poem::http::{HeaderValue, Method, header};
use poem::web::RemoteAddr;
use poem::{Addr, Request};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A visitor with a cookie jar, who fills in the CSRF token like any form does.
///
/// It panics where a test should fail: it is for tests alone.
pub struct Client {
    handler: Next,
    settings: Arc<Settings>,
    urls: Urls,
    apps: Arc<Apps>,
    jar: Mutex<BTreeMap<String, String>>,
    database: Arc<Temporary>,
    outbox: Outbox,
    address: Option<IpAddr>,
}

impl Client {
    /// A visitor of this project, on a new, migrated database that is dropped with the client.
    ///
    /// # Panics
    /// If the project is not right or its database cannot be made.
    pub async fn new(project: Project) -> Self {
        let mut parts =
            project.assemble().unwrap_or_else(|error| panic!("the project does not start: {error}"));
        let database = Temporary::like(parts.settings.database_url.expose()).await;
        Arc::make_mut(&mut parts.settings).database_url = database.url().into();
        migrations::migrate(database.db(), &parts.apps)
            .await
            .unwrap_or_else(|error| panic!("migrate failed: {error}"));
        let outbox = Outbox::default();
        let mailer =
            Mailer::into_outbox(outbox.clone(), Arc::clone(&parts.settings), parts.templates.clone());
        parts.mailer = LazyMailer::new(move || Ok(mailer.clone()));
        let handler = parts.handler(database.db().clone()).unwrap_or_else(|error| panic!("{error}"));
        let urls = parts.routes.urls();
        let (settings, apps) = (parts.settings, parts.apps);
        Self {
            handler,
            settings,
            urls,
            apps,
            jar: Mutex::default(),
            database: Arc::new(database),
            outbox,
            address: None,
        }
    }

    /// Another visitor of the same site, from the same address, with an empty cookie jar.
    pub fn another(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            settings: Arc::clone(&self.settings),
            urls: self.urls.clone(),
            apps: Arc::clone(&self.apps),
            jar: Mutex::default(),
            database: Arc::clone(&self.database),
            outbox: self.outbox.clone(),
            address: self.address,
        }
    }

    /// The visitor comes from this address; from none without it.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn at(self, address: &str) -> Self {
        let address = address.parse().unwrap_or_else(|error| panic!("`{address}` is no address: {error}"));
        Self { address: Some(address), ..self }
    }

    /// The site's database.
    pub fn db(&self) -> &Database {
        self.database.db()
    }

    /// The mail that the site has sent, oldest first. It goes nowhere else, and is here when the answer is.
    pub fn outbox(&self) -> Vec<EmailMessage> {
        self.outbox.messages()
    }

    /// The site's settings.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// The site's apps.
    pub fn apps(&self) -> &Arc<Apps> {
        &self.apps
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends a form, with the CSRF token.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf_token();
        self.post_bare(path, &[fields, &[(csrf::FIELD, &token)]].concat()).await
    }

    /// Sends a form as it stands, without a token.
    pub async fn post_bare(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self.request(Method::POST, path);
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(header::CONTENT_TYPE, form);
        request.set_body(body);
        self.send(request).await
    }

    /// Sends a form with files, with the CSRF token.
    pub async fn post_files(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, UploadedFile)],
    ) -> Answer {
        let token = self.csrf_token();
        let fields = [fields, &[(csrf::FIELD, &*token)]].concat();
        let mut request = self.request(Method::POST, path);
        let form = format!("multipart/form-data; boundary={}", multipart::BOUNDARY);
        let form = HeaderValue::from_str(&form).expect("a boundary is letters");
        request.headers_mut().insert(header::CONTENT_TYPE, form);
        request.set_body(multipart::body(&fields, files).await);
        self.send(request).await
    }

    /// Logs in by the form at `login_url`.
    pub async fn login(&self, username: &str, password: &str) -> Answer {
        let login = &self.settings.login_url;
        let path =
            if login.starts_with('/') { Ok(login.clone()) } else { self.urls.reverse(login, |_| None) };
        let path = path.unwrap_or_else(|error| panic!("there is no login page: {error}"));
        self.post(&path, &[("username", username), ("password", password)]).await
    }

    /// A request of one's own; add to it, and hand it to [`send`](Client::send).
    ///
    /// # Panics
    /// If the path is none.
    pub fn request(&self, method: Method, path: &str) -> Request {
        let uri = path.parse().unwrap_or_else(|error| panic!("`{path}` is no path: {error}"));
        let mut request = handler::empty_request(method, uri, self.remote());
        request.headers_mut().insert(header::HOST, HeaderValue::from_static("localhost"));
        request
    }

    /// Sends a request with the cookies, unless it has its own, and keeps those that come back.
    pub async fn send(&self, mut request: Request) -> Answer {
        self.add_cookies(&mut request);
        let asked = format!("{} {}", request.method(), request.uri());
        let answer = Answer::read(asked, self.handler.run(request).await).await;
        for (name, value) in answer.cookies() {
            match value {
                Some(value) => self.jar().insert(name, value),
                None => self.jar().remove(&name),
            };
        }
        answer
    }

    /// A cookie in the jar.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().get(name).cloned()
    }

    /// Puts a cookie into the jar.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar().insert(name.to_owned(), value.to_owned());
    }

    /// Empties the jar.
    pub fn forget_cookies(&self) {
        self.jar().clear();
    }

    /// The token for a form; made here if the site has not sent one yet.
    pub fn csrf_token(&self) -> String {
        let make = || signing::random_string(32, signing::ALPHANUMERIC);
        self.jar().entry(self.settings.csrf_cookie().to_owned()).or_insert_with(make).clone()
    }

    fn remote(&self) -> RemoteAddr {
        let socket = |address| RemoteAddr(Addr::SocketAddr(SocketAddr::new(address, 50_000)));
        self.address.map(socket).unwrap_or_default()
    }

    fn add_cookies(&self, request: &mut Request) {
        let cookies: Vec<_> = self.jar().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if let (false, Ok(cookies)) = (cookies.is_empty(), HeaderValue::from_str(&cookies.join("; "))) {
            request.headers_mut().entry(header::COOKIE).or_insert(cookies);
        }
    }

    fn jar(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
