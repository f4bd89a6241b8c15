//! URLs: paths to views, names to paths.

mod access;
mod pattern;
mod reverse;
mod safe_next;

pub use access::{Access, ViewFor};
pub(crate) use reverse::found;
pub use reverse::{Urls, redirect, redirect_back, redirect_to, resolve, reverse, with_query};
pub use safe_next::{is_safe_next, location_header};

use crate::error::{Error, Result};
use pattern::Pattern;
use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route};
use std::collections::HashMap;
use std::sync::Arc;

/// What paths are exempt from that ask for no CSRF token.
pub(crate) const CSRF: &str = "csrf";

/// A view, as it is mounted.
pub(crate) type View = Arc<BoxEndpoint<'static, Response>>;

/// Paths and their views, as a value: nothing is mounted until all are known.
///
/// Django's converters stand in a path: `<int:id> <slug:name> <uuid:key> <path:rest> <text>`; a view gets their values
/// by `poem::web::Path`.
///
/// ```
/// use nuages::Routes;
/// use poem::{get, handler};
///
/// #[handler]
/// fn index() -> &'static str { "hello" }
///
/// let blog = Routes::new().app_name("blog").path("", get(index), "index").path("post/<int:id>/", get(index), "post");
/// let site = Routes::new().include("/blog/", blog);
/// ```
#[derive(Clone, Default)]
pub struct Routes {
    app_name: Option<&'static str>,
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    pattern: Pattern,
    name: String,
    view: View,
    /// For whom the view says it is.
    whom: Vec<String>,
    exempt_from: Vec<&'static str>,
}

impl Routes {
    /// No paths yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts the names of these paths into a namespace: `index` becomes `blog:index`. Call it first.
    pub fn app_name(mut self, name: &'static str) -> Self {
        self.app_name = Some(name);
        self
    }

    /// Adds a view at a path. The name is what `url()` and `redirect` know it by.
    ///
    /// A bare view answers every method; `get(view)` or `post(view)` of poem one of them.
    pub fn path<E>(mut self, path: &str, view: E, name: &str) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        let name = match self.app_name {
            Some(app) => format!("{app}:{name}"),
            None => name.to_owned(),
        };
        let view = view.into_endpoint();
        let whom = access::whom_of(&view);
        let view = Arc::new(view.map_to_response().boxed());
        self.entries.push(Entry { pattern: Pattern::new(path), name, view, whom, exempt_from: Vec::new() });
        self
    }

    /// Adds all paths of other routes behind a prefix.
    pub fn include(mut self, prefix: &str, routes: Routes) -> Self {
        let under = |entry: Entry| Entry { pattern: entry.pattern.under(prefix), ..entry };
        self.entries.extend(routes.entries.into_iter().map(under));
        self
    }

    /// Leaves out the views of these names, since the site has its own.
    ///
    /// ```
    /// # use nuages::Routes;
    /// # use poem::{get, handler};
    /// # #[handler] fn index() {} #[handler] fn login() {}
    /// let accounts = Routes::new().path("login/", get(index), "login").path("logout/", get(index), "logout");
    /// let site = Routes::new().include("/", accounts.without(["login"])).path("/in/", get(login), "login");
    /// assert_eq!(site.list().collect::<Vec<_>>(), [("/logout/", "logout"), ("/in/", "login")]);
    /// ```
    pub fn without<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.entries.retain(|entry| !names.contains(&entry.name.as_str()));
        self
    }

    /// Lets requests to these paths pass without a CSRF token. For APIs that read no cookie.
    pub fn csrf_exempt(self) -> Self {
        self.exempt_from(CSRF)
    }

    /// Lets requests to these paths pass a [`Gate`](crate::Gate) of this name unasked. It holds for the paths that are there
    /// when it is called.
    pub fn exempt_from(mut self, gate: &'static str) -> Self {
        self.entries.iter_mut().for_each(|entry| entry.exempt_from.push(gate));
        self
    }

    /// Path and name of each, in order.
    pub fn list(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| (entry.pattern.text(), entry.name.as_str()))
    }

    /// What is wrong with these routes: two with one path, two with one name, a path that cannot be read.
    pub fn faults(&self) -> Vec<String> {
        let (mut paths, mut names) = (HashMap::new(), HashMap::new());
        let mut faults = Vec::new();
        for entry in &self.entries {
            faults.extend(entry.pattern.fault());
            if let Some(other) = paths.insert(entry.pattern.shape(), &entry.name) {
                faults.push(format!("`{other}` and `{}` are both at {}", entry.name, entry.pattern.text()));
            }
            if let Some(other) = names.insert(&entry.name, entry.pattern.text()) {
                faults.push(format!("{other} and {} are both called `{}`", entry.pattern.text(), entry.name));
            }
        }
        faults
    }

    /// The names and their paths.
    pub(crate) fn urls(&self) -> Urls {
        Urls::new(self.entries.iter().map(|entry| (entry.name.clone(), entry.pattern.clone())))
    }

    /// Mounts the views, each inside `wrap(view, exempt_from)`; with `append_slash` also at the path without its last
    /// slash, from where it redirects.
    pub(crate) fn mount<E: Endpoint + 'static>(
        &self,
        append_slash: bool,
        wrap: impl Fn(View, &[&str]) -> E,
    ) -> Result<Route> {
        let mut route = Route::new();
        for entry in &self.entries {
            let view = wrap(Arc::clone(&entry.view), &entry.exempt_from);
            route = route
                .try_at(entry.pattern.for_poem(), view)
                .map_err(|error| unroutable(&entry.pattern, &error))?;
        }
        for bare in self.bare_paths().filter(|_| append_slash) {
            let to_slash = poem::endpoint::make_sync(|request| reverse::to_slash(&request));
            route = route.try_at(bare.for_poem(), to_slash).map_err(|error| unroutable(&bare, &error))?;
        }
        Ok(route)
    }

    /// The paths that end in a slash, without it, unless such a path is there of its own.
    fn bare_paths(&self) -> impl Iterator<Item = Pattern> {
        let taken = |shape: &String| self.entries.iter().any(|entry| entry.pattern.shape() == *shape);
        self.entries
            .iter()
            .filter_map(|entry| entry.pattern.without_slash())
            .filter(move |bare| !taken(&bare.shape()))
    }
}

fn unroutable(pattern: &Pattern, error: &dyn std::fmt::Display) -> Error {
    Error::NotReady(format!("the path {} cannot be mounted: {error}; run `check`", pattern.text()))
}
