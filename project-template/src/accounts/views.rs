//! The users' pages, beside those that `nuages_auth` brings.

use nuages::{FormData, Result, context, messages, redirect, render};
use nuages_auth::CurrentUser;
use poem::{Request, Response, handler};

use super::forms::SignupForm;
use super::models::User;

/// Makes an account, and asks its owner to log in; with `signup_confirm_email` in the settings, to confirm the address first.
#[handler]
pub async fn signup(request: &Request, data: FormData) -> Result<Response> {
    let form = SignupForm::new(request, data);
    if form.is_valid().await? && form.save().await?.is_some() {
        let what_next = match form.confirms_email() {
            true => "Look into your mail: the link in it opens your account.",
            false => "Your account is ready. Log in to use it.",
        };
        messages::success(request, what_next);
        return redirect(request, "login");
    }
    render(request, "registration/signup.html", context! { form }).await
}

/// Shows who is logged in; a stranger is sent to log in.
#[handler]
pub async fn profile(_user: CurrentUser<User>, request: &Request) -> Result<Response> {
    render(request, "registration/profile.html", context! {}).await
}
