//! The way of a request: every layer, in the order of travel.

use crate::app::Apps;
use crate::belongings::Belongings;
use crate::csrf::{self, Protected};
use crate::db::Database;
use crate::email::Mailer;
use crate::error::{Error, Result};
use crate::layer::{self, Gate, Layer, Next, Pass};
use crate::log::RequestId;
use crate::request_id;
use crate::settings::Settings;
use crate::templates::{Global, Templates};
use crate::urls::{CSRF, Routes, Urls, View};
use crate::{body_limit, error_pages, headers, hosts, static_files};
use futures_util::FutureExt;
use minijinja::value::{Enumerator, Object};
use poem::http::uri::Scheme;
use poem::http::{Extensions, HeaderName, HeaderValue, Method, Uri, header};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Body, Endpoint, Request, RequestParts};
use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What every request is given.
pub(crate) struct Site {
    pub(crate) settings: Arc<Settings>,
    pub(crate) database: Database,
    pub(crate) templates: Templates,
    pub(crate) mailer: Mailer,
    pub(crate) urls: Urls,
    pub(crate) apps: Arc<Apps>,
}

/// Puts a site together: from the outermost layer to the views; or around an application that exists, which answers what the site's
/// routes do not, asks for no token, and takes bodies as large as it does.
///
/// # Errors
/// [`Error::NotReady`] if two routes collide, or an app cannot make what it provides.
pub(crate) fn handler(site: &Site, routes: &Routes, inside: Option<View>) -> Result<Next> {
    let gates: Vec<_> = site.apps.iter().flat_map(|app| app.gates.clone()).collect();
    let layers = layers(site, inside.is_none())?;
    let views = views(routes, site.settings.append_slash, &gates, inside)?;
    let answer = error_pages::layer_page;
    let inner = layer::fold(&layers, views, answer);
    let whole = Next::new(move |request| {
        // The way inwards panics here, the way outwards when it is waited for.
        let inside = catch_unwind(AssertUnwindSafe(|| inner.run(request)));
        let inside = inside.map(|inside| AssertUnwindSafe(inside).catch_unwind());
        async move {
            let outcome = match inside {
                Ok(inside) => inside.await,
                Err(payload) => Err(payload),
            };
            outcome.unwrap_or_else(|payload| answer(panicked(&*payload)))
        }
    });
    Ok(request_id::around(&site.settings, whole))
}

/// The layers in the order of travel.
fn layers(site: &Site, limits_bodies: bool) -> Result<Vec<Layer>> {
    let mut layers = vec![
        static_files::layer(site.static_dirs(), site.settings.static_url.clone()),
        belongings(site)?,
        hosts::layer(),
        headers::layer(),
    ];
    layers.extend(limits_bodies.then(body_limit::layer));
    layers.push(csrf::layer());
    layers.extend(site.apps.iter().flat_map(|app| app.layers.clone()));
    Ok(layers)
}

/// Gives the request what every step further in asks it for.
fn belongings(site: &Site) -> Result<Layer> {
    let mut all = Extensions::new();
    all.insert(Arc::clone(&site.settings));
    all.insert(site.database.clone());
    all.insert(site.templates.clone());
    all.insert(site.mailer.clone());
    all.insert(site.urls.clone());
    for provide in site.apps.iter().flat_map(|app| &app.providers) {
        provide(&site.settings, &site.database, &mut all)?;
    }
    let belongings = Belongings::new(all);
    Ok(Layer::pass("site", move |request| {
        request.extensions_mut().insert(belongings.clone());
        Ok(Pass::On)
    }))
}

/// The views behind their routes: the route is found first, so a POST to an unknown path is 404; then the CSRF token is
/// asked for, and the gates; then the view runs. An error or a panic is a page by the time it leaves.
fn views(routes: &Routes, append_slash: bool, gates: &[Gate], inside: Option<View>) -> Result<Next> {
    let protect = |view, exempt_from: &[&str]| Protected::new(view, gates, exempt_from);
    let mut route = routes.mount(append_slash, protect)?;
    if let Some(inside) = inside {
        route = route.nest("/", Protected::new(inside, gates, &[CSRF]));
    }
    let route = Arc::new(route);
    Ok(Next::new(move |request: Request| {
        let (route, head) = (Arc::clone(&route), Head::of(&request));
        async move {
            let outcome = AssertUnwindSafe(route.call(request)).catch_unwind().await;
            match outcome.unwrap_or_else(|payload| Err(panicked(&*payload).into())) {
                Ok(response) => response,
                Err(error) => error_pages::page(&head.into_request(), error).await,
            }
        }
    }))
}

fn panicked(payload: &(dyn Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    Error::Panicked(text.unwrap_or("no message").to_owned())
}

/// What an error page needs of a request, to greet the user like any other page: all but the body, and of the headers
/// those that what every template may use is read from.
struct Head {
    method: Method,
    uri: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    extensions: Extensions,
}

impl Head {
    fn of(request: &Request) -> Self {
        let proxy = Settings::of(request).secure_proxy_ssl_header.as_ref();
        let proxy = proxy.and_then(|(name, _)| name.parse().ok());
        let names = [header::COOKIE, header::HOST].into_iter().chain(proxy);
        let sent = |name| request.headers().get(&name).map(|value| (name, value.clone()));
        Self {
            method: request.method().clone(),
            uri: request.original_uri().clone(),
            headers: names.filter_map(sent).collect(),
            extensions: request.extensions().clone(),
        }
    }

    fn into_request(self) -> Request {
        let mut request = empty_request(self.method, self.uri, RemoteAddr::default());
        request.headers_mut().extend(self.headers);
        *request.extensions_mut() = self.extensions;
        request
    }
}

/// A request as a server would make it; poem's own builder leaves out the original URI.
pub(crate) fn empty_request(method: Method, uri: Uri, from: RemoteAddr) -> Request {
    let mut request = poem::http::Request::new(());
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    let (parts, ()) = request.into_parts();
    let parts = RequestParts::from((parts, LocalAddr::default(), from, Scheme::HTTP));
    Request::from_parts(parts, Body::empty())
}

/// `request` and `site_name` in every template.
pub(crate) fn globals() -> [(&'static str, Global); 2] {
    let site_name = Global::ready(|request| Settings::of(request).site_name.as_str().into());
    [("request", Global::ready(shown)), ("site_name", site_name)]
}

fn shown(request: &Request) -> minijinja::Value {
    minijinja::Value::from_object(Shown {
        method: request.method().clone(),
        uri: request.original_uri().clone(),
        host: hosts::host(request).to_owned(),
        id: RequestId::of(request).to_owned(),
        is_secure: hosts::is_secure(request),
    })
}

/// `request` in a template: made up only as far as the template asks.
#[derive(Debug)]
struct Shown {
    method: Method,
    uri: Uri,
    host: String,
    id: String,
    is_secure: bool,
}

impl Object for Shown {
    fn get_value(self: &Arc<Self>, name: &minijinja::Value) -> Option<minijinja::Value> {
        let path_and_query = || self.uri.path_and_query().map_or("/", |path| path.as_str());
        match name.as_str()? {
            "method" => Some(self.method.as_str().into()),
            "path" => Some(self.uri.path().into()),
            "full_path" => Some(path_and_query().into()),
            "host" => Some(self.host.as_str().into()),
            "id" => Some(self.id.as_str().into()),
            "is_secure" => Some(self.is_secure.into()),
            "GET" => Some(self.query()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["method", "path", "full_path", "host", "id", "is_secure", "GET"])
    }
}

impl Shown {
    fn query(&self) -> minijinja::Value {
        let query = self.uri.query().unwrap_or_default().as_bytes();
        let query: BTreeMap<_, _> = form_urlencoded::parse(query).collect();
        minijinja::Value::from(minijinja::value::Serde(&query))
    }
}

impl Site {
    fn static_dirs(&self) -> Vec<crate::Dir> {
        self.apps.iter().flat_map(|app| app.static_files.clone()).collect()
    }
}
