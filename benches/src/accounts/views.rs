//! Log in, and the profile.

use nuages::{FormData, RequestExt, Result, context, redirect, render};
use nuages_auth::{self as auth, AuthenticationForm, CurrentUser};
use poem::{Request, Response, handler};

use super::models::User;

/// Logs in whoever knows a name and its password.
#[handler]
pub async fn login(request: &Request, data: FormData) -> Result<Response> {
    let form = AuthenticationForm::<User>::new(request, data);
    if form.is_valid().await? {
        auth::login(request, form.get_user()?).await?;
        return redirect(request, &request.settings().login_redirect_url);
    }
    render(request, "accounts/login.html", context! { form }).await
}

/// Shows who is logged in; a stranger is sent to log in.
#[handler]
pub async fn profile(_user: CurrentUser<User>, request: &Request) -> Result<Response> {
    render(request, "accounts/profile.html", context! {}).await
}
