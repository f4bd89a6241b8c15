//! Log in, log out, the profile: the three views of every course. Then a line about oneself.

use nuages::{Database, FormData, Result, context, messages, redirect, render};
use nuages_auth::{self as auth, AuthenticationForm, CurrentUser};
use poem::{Request, Response, handler};

use super::forms::BioForm;
use super::models::User;

/// Logs in whoever knows a name and its password.
#[handler]
pub async fn login(request: &Request, data: FormData) -> Result<Response> {
    let form = AuthenticationForm::<User>::new(request, data);
    if form.is_valid().await? {
        auth::login(request, form.get_user()?).await?;
        return auth::redirect_after_login(request, "blog:index");
    }
    render(request, "accounts/login.html", context! { form }).await
}

/// Logs out.
#[handler]
pub async fn logout(request: &Request) -> Result<Response> {
    auth::logout(request).await?;
    redirect(request, "blog:index")
}

/// Shows who is logged in; a stranger is sent to log in.
#[handler]
pub async fn profile(_user: CurrentUser<User>, request: &Request) -> Result<Response> {
    render(request, "accounts/profile.html", context! {}).await
}

/// Changes the line about oneself.
#[handler]
pub async fn bio(
    user: CurrentUser<User>,
    request: &Request,
    db: Database,
    data: FormData,
) -> Result<Response> {
    let mut form = BioForm::edit(&user, data);
    if form.save(&db, User::clone(&user)).await?.is_some() {
        messages::success(request, "Your line is changed.");
        return redirect(request, "accounts:profile");
    }
    render(request, "accounts/bio.html", context! { form }).await
}
