//! Auth's pages: login, logout, sign-up, profile.

use crate::next::{go_to, wanted};
use crate::{AbstractUser, AuthenticationForm, UserCreationForm, get_user, redirect_to_login};
use nuages::{FormData, RequestExt, Result, context, messages, redirect, render};
use poem::http::{HeaderValue, Method, header};
use poem::{Request, Response};

/// Asks for name and password, and goes on to `next` or `login_redirect_url`.
pub(crate) async fn login<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let next = wanted(request, &data);
    let form = AuthenticationForm::<U>::new(request, data);
    if form.is_valid().await? {
        crate::login(request, form.get_user()?).await?;
        return match next.as_str() {
            "" => redirect(request, &request.settings().login_redirect_url),
            next => Ok(go_to(next)),
        };
    }
    render(request, "registration/login.html", context! { form, next }).await.map(never_stored)
}

/// Signs out on POST; on GET it shows the button that does, and nobody is signed out.
pub(crate) async fn logout(request: &Request, data: FormData) -> Result<Response> {
    let next = wanted(request, &data);
    if request.method() != Method::POST {
        return render(request, "registration/logout.html", context! { next }).await.map(never_stored);
    }
    crate::logout(request).await?;
    match (next.as_str(), &request.settings().logout_redirect_url) {
        ("", Some(to)) => redirect(request, to),
        ("", None) => render(request, "registration/logged_out.html", context! {}).await.map(never_stored),
        (next, _) => Ok(go_to(next)),
    }
}

/// Makes an account, and asks its owner to log in.
pub(crate) async fn signup<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let form = UserCreationForm::<U>::new(request, data);
    if form.is_valid().await? && form.save().await?.is_some() {
        messages::success(request, "Your account is ready. Log in to use it.");
        return redirect(request, &request.settings().login_url);
    }
    render(request, "registration/signup.html", context! { form }).await.map(never_stored)
}

/// Shows who is signed in.
pub(crate) async fn profile<U: AbstractUser>(request: &Request) -> Result<Response> {
    match get_user::<U>(request).await? {
        Some(_) => render(request, "registration/profile.html", context! {}).await,
        None => redirect_to_login(request),
    }
}

/// Lists the user's sessions; on POST it ends the one that the form names, or all others.
pub(crate) async fn sessions<U: AbstractUser>(request: &Request, data: &FormData) -> Result<Response> {
    if get_user::<U>(request).await?.is_none() {
        return redirect_to_login(request);
    }
    if request.method() != Method::POST {
        let sessions = crate::user_sessions::<U>(request).await?;
        return render(request, "registration/sessions.html", context! { sessions }).await.map(never_stored);
    }
    match data.get("end") {
        Some("others") => match crate::end_other_sessions::<U>(request).await? {
            0 => messages::info(request, "There was no other session."),
            1 => messages::success(request, "The other session has ended."),
            ended => messages::success(request, format!("{ended} other sessions have ended.")),
        },
        id => match crate::end_session::<U>(request, id.unwrap_or_default()).await? {
            true => messages::success(request, "The session has ended."),
            false => messages::info(request, "That session had ended already."),
        },
    }
    redirect(request, request.full_path())
}

/// Pages about passwords are kept by no cache: Django's `never_cache`.
fn never_stored(mut response: Response) -> Response {
    let value = HeaderValue::from_static("max-age=0, no-cache, no-store, must-revalidate, private");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}
