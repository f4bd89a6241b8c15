//! URLs: paths to views, names to paths.

mod access;
mod branches;
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
use poem::http::StatusCode;
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
        let bare: Vec<_> = self.bare_paths().filter(|_| append_slash).collect();
        let patterns: Vec<_> =
            self.entries.iter().map(|entry| &entry.pattern).chain(&bare).cloned().collect();
        let mut route = Route::new();
        for branch in branches::branches(&patterns) {
            let nothing = poem::endpoint::make_sync(|_| StatusCode::NOT_FOUND);
            route = route.try_at(&branch, nothing).map_err(|error| unroutable(&branch, &error))?;
        }
        for entry in &self.entries {
            let view = wrap(Arc::clone(&entry.view), &entry.exempt_from);
            route = route
                .try_at(entry.pattern.for_poem(), view)
                .map_err(|error| unroutable(entry.pattern.text(), &error))?;
        }
        for bare in bare {
            let to_slash = poem::endpoint::make_sync(|request| reverse::to_slash(&request));
            route =
                route.try_at(bare.for_poem(), to_slash).map_err(|error| unroutable(bare.text(), &error))?;
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

fn unroutable(path: &str, error: &dyn std::fmt::Display) -> Error {
    Error::NotReady(format!("the path {path} cannot be mounted: {error}; run `check`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::Request;
    use poem::http::StatusCode;

    fn routes(paths: &[&'static str]) -> Route {
        let view = |path: &'static str| poem::endpoint::make_sync(move |_| path);
        let routes = paths.iter().fold(Routes::new(), |routes, path| routes.path(path, view(path), path));
        routes.mount(true, |view, _| view).unwrap()
    }

    /// Which path of the routes answers.
    async fn found(route: &Route, path: &str) -> String {
        let request = Request::builder().uri(path.parse().unwrap()).finish();
        match route.call(request).await.map(|response| (response.status(), response.into_body())) {
            Ok((StatusCode::OK, body)) => body.into_string().await.unwrap(),
            Ok((status, _)) => status.as_u16().to_string(),
            Err(error) => error.status().as_u16().to_string(),
        }
    }

    #[tokio::test]
    async fn a_path_with_a_converter_is_found_inside_of_another_application() {
        let rest = poem::endpoint::make_sync(|_| "the application");
        let route = routes(&["/posts/<int:id>/"]).nest("/", rest);
        assert_eq!(found(&route, "/posts/7/").await, "/posts/<int:id>/");
        assert_eq!(found(&route, "/p").await, "the application");
    }

    #[tokio::test]
    async fn paths_with_converters_are_found_beside_others_that_begin_alike() {
        let paths = [
            "/posts/<int:id>/",
            "/pages/<int:id>/",
            "/pages/<slug:name>/",
            "/posts/<int:id>/edit/",
            "/posts/<int:id>/<uuid:key>/",
            "/posts/<int:id>/erase/",
            "/<str:anything>",
            "/posts/new/",
            "/post/<int:id>/<int:page>/",
            "/post/<int:id>/previous/<int:page>/",
            "/files/<path:rest>",
            "/feed/<int:id>/",
        ];
        let asked = [
            ("/posts/7/", 0),
            ("/pages/7/", 1),
            ("/pages/about/", 2),
            ("/posts/7/edit/", 3),
            ("/posts/7/0b5f6a3e-1c7d-4d5a-9d2c-6f1f6b3f5a10/", 4),
            ("/posts/7/erase/", 5),
            ("/p", 6),
            ("/posts/new/", 7),
            ("/post/7/8/", 8),
            ("/post/7/previous/8/", 9),
            ("/files/a/b.txt", 10),
            ("/feed/7/", 11),
        ];
        let mut reversed = paths;
        reversed.reverse();
        for route in [routes(&paths), routes(&reversed)] {
            for (path, position) in asked {
                assert_eq!(found(&route, path).await, paths[position], "{path}");
            }
            for path in ["/p7/", "/posts/x/edit/", "/post/a/7/", "/posts/7/e/", "/post/7x/8/"] {
                assert_eq!(found(&route, path).await, "404", "{path}");
            }
            assert_eq!(found(&route, "/posts/7").await, "301");
        }
    }
}
