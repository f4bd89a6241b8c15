//! Who may see which path, as far as the routes know.

use super::{CSRF, Routes, View};
use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response};
use std::any::Any;
use std::sync::Arc;

/// A view behind a guard that says for whom it is: `routes` lists it. The wrappers of `nuages_auth` are such guards; one of a site's own is made so:
///
/// ```
/// use nuages::Routes;
/// use nuages::urls::ViewFor;
/// use poem::http::StatusCode;
/// use poem::{EndpointExt, RouteMethod, get, handler};
///
/// #[handler]
/// fn report() -> &'static str { "42" }
///
/// fn in_the_office(view: RouteMethod) -> ViewFor {
///     ViewFor::new("the office", view, |view| {
///         view.before(|request| async move {
///             let is_here = request.remote_addr().as_socket_addr().is_some_and(|address| address.ip().is_loopback());
///             if is_here { Ok(request) } else { Err(StatusCode::FORBIDDEN.into()) }
///         })
///     })
/// }
///
/// let routes = Routes::new().path("report/", in_the_office(get(report)), "report");
/// let whom: Vec<_> = routes.access().map(|path| path.whom(&[])).collect();
/// assert_eq!(whom, ["the office"]);
/// ```
pub struct ViewFor {
    view: View,
    whom: Vec<String>,
}

impl ViewFor {
    /// The view with its guard around it, and in a word or two for whom it is. A guard that is inside already says so too.
    pub fn new<E, G>(whom: impl Into<String>, view: E, guard: impl FnOnce(E::Endpoint) -> G) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
        G: IntoEndpoint,
        G::Endpoint: 'static,
    {
        let view = view.into_endpoint();
        let whom = std::iter::once(whom.into()).chain(whom_of(&view)).collect();
        Self { view: Arc::new(guard(view).map_to_response().boxed()), whom }
    }
}

impl Endpoint for ViewFor {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        self.view.call(request).await
    }
}

/// For whom a view is, if it is one that says so.
pub(super) fn whom_of<E: 'static>(view: &E) -> Vec<String> {
    let view: &dyn Any = view;
    view.downcast_ref::<ViewFor>().map(|view| view.whom.clone()).unwrap_or_default()
}

/// A path, and what the routes know of who may see it.
#[derive(Clone, Copy, Debug)]
pub struct Access<'r> {
    /// The path, with its converters.
    pub path: &'r str,
    /// The name of its view.
    pub name: &'r str,
    guards: &'r [String],
    exempt_from: &'r [&'static str],
}

impl Access<'_> {
    /// For whom it is, on a site with these gates. `view` where the view alone decides: that may be everybody.
    pub fn whom(&self, gates: &[&str]) -> String {
        let gates =
            gates.iter().filter(|gate| !self.exempt_from.contains(gate)).map(|gate| (*gate).to_owned());
        let mut whom: Vec<String> = Vec::new();
        for word in gates.chain(self.guards.iter().cloned()) {
            if !whom.contains(&word) {
                whom.push(word);
            }
        }
        let whom = if whom.is_empty() { "view".to_owned() } else { whom.join(", ") };
        if self.exempt_from.contains(&CSRF) { whom + "; without CSRF token" } else { whom }
    }
}

impl Routes {
    /// Every path with its name and what is known of who may see it, in order (OWASP ASVS 5.0, 8.1.1).
    pub fn access(&self) -> impl Iterator<Item = Access<'_>> {
        self.entries.iter().map(|entry| Access {
            path: entry.pattern.text(),
            name: &entry.name,
            guards: &entry.whom,
            exempt_from: &entry.exempt_from,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::endpoint::make_sync;

    #[test]
    fn what_routes_are_behind_and_exempt_from_is_said() {
        let view = || make_sync(|_| "seen");
        let guarded = |whom: &str, view| ViewFor::new(whom, view, |view| view);
        let inside = ViewFor::new("staff", guarded("login", make_sync(|_| "seen")), |view| view);
        let routes = Routes::new()
            .path("/hook/", view(), "hook")
            .csrf_exempt()
            .path("/open/", view(), "open")
            .exempt_from("members")
            .path("/closed/", view(), "closed")
            .path("/desk/", inside, "desk");
        let whom = |gates: &[&str]| routes.access().map(|access| access.whom(gates)).collect::<Vec<_>>();
        assert_eq!(whom(&[]), ["view; without CSRF token", "view", "view", "staff, login"]);
        let members = ["view; without CSRF token", "view", "members", "members, staff, login"];
        assert_eq!(whom(&["members"]), members);
        assert_eq!(whom(&["login"])[3], "login, staff");
    }
}
