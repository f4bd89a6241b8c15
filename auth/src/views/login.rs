//! Login and logout.

use super::{never_stored, page};
use crate::next::{go_to, wanted};
use crate::{AbstractUser, AuthenticationForm, get_user};
use nuages::urls::resolve;
use nuages::{Error, FormData, RequestExt, Result, context, redirect};
use poem::http::{HeaderValue, Method};
use poem::{Request, Response};

/// Asks for name and password, and goes on to `next` or `login_redirect_url`.
pub(crate) async fn login<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let next = wanted(request, &data);
    if request.settings().redirect_authenticated_user && get_user::<U>(request).await?.is_some() {
        return past_login(request, &next);
    }
    let form = AuthenticationForm::<U>::new(request, data).remember_me();
    if form.is_valid().await? {
        crate::login(request, form.get_user()?).await?;
        return on(request, &next);
    }
    page(request, "registration/login.html", context! { form, next }).await
}

/// Where to go after login.
pub(super) fn on(request: &Request, next: &str) -> Result<Response> {
    match next {
        "" => redirect(request, &request.settings().login_redirect_url),
        next => Ok(go_to(next)),
    }
}

/// Sends on who is signed in already. A `next` that leads back to this page is none, since anybody may have written it; a setting that
/// does would never end.
fn past_login(request: &Request, next: &str) -> Result<Response> {
    let is_here = |url: &str| url.split(['?', '#']).next() == Some(request.original_uri().path());
    if !next.is_empty() && !is_here(next) {
        return Ok(go_to(next));
    }
    let target = resolve(request, &request.settings().login_redirect_url)?;
    match is_here(&target) {
        true => Err(Error::Refused(
            "the login page leads to itself; set login_redirect_url to another page".into(),
        )),
        false => Ok(go_to(&target)),
    }
}

/// Signs out on POST; on GET it shows the button that does, and nobody is signed out.
pub(crate) async fn logout(request: &Request, data: FormData) -> Result<Response> {
    let next = wanted(request, &data);
    if request.method() != Method::POST {
        return page(request, "registration/logout.html", context! { next }).await;
    }
    crate::logout(request).await?;
    let answer = match (next.as_str(), &request.settings().logout_redirect_url) {
        ("", Some(to)) => redirect(request, to)?,
        ("", None) => page(request, "registration/logged_out.html", context! {}).await?,
        (next, _) => go_to(next),
    };
    Ok(cleared(never_stored(answer)))
}

/// What the browser has kept of the site goes too (OWASP ASVS 5.0, 14.3.1).
fn cleared(mut response: Response) -> Response {
    let what = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert("Clear-Site-Data", what);
    response
}
