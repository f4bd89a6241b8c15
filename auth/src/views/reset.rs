//! A new password by mail: the address, the mail, the link, the password.

use super::{page, user_of_link};
use crate::events::{self, EventKind};
use crate::mails::{self, Notice, RESET};
use crate::tokens::PASSWORD_RESET;
use crate::{AbstractUser, PasswordResetForm, SetPasswordForm};
use nuages::chrono::Utc;
use nuages::{FormData, RequestExt, Result, context, redirect, redirect_to};
use poem::{Request, Response};

/// What stands in the address in the place of the token once the session has it, so that no log and no Referer tells it.
const HIDDEN: &str = "set-password";
/// Where the session keeps the token: Django's name.
const TOKEN: &str = "_password_reset_token";

/// Asks for an address, and sends a mail to its users. The answer is the same if there is none.
pub(crate) async fn password_reset<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let form = PasswordResetForm::<U>::new(request, data);
    if form.is_valid().await? {
        form.save(request, RESET).await;
        events::tell(request, EventKind::PasswordResetRequested, None).await;
        return redirect(request, "password_reset_done");
    }
    page(request, "registration/password_reset_form.html", context! { form }).await
}

/// Says that a mail is on its way, if there is somebody to get it.
pub(crate) async fn reset_done(request: &Request) -> Result<Response> {
    page(request, "registration/password_reset_done.html", context! {}).await
}

/// The link of the mail: the token goes into the session, then the new password is asked for. A link that is not valid, any more or at all,
/// is a page that says so.
pub(crate) async fn reset<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let (uid, token) = (request.raw_path_param("uidb64"), request.raw_path_param("token"));
    let (uid, token) = (uid.unwrap_or_default(), token.unwrap_or_default());
    let Some(user) = user_of_link::<U>(request, uid).await? else { return invalid(request).await };
    let is_valid = |token: &str| PASSWORD_RESET.check(&user, token, request.settings(), Utc::now());
    if token != HIDDEN {
        if !is_valid(token) {
            return invalid(request).await;
        }
        request.session().set(TOKEN, token)?;
        return redirect_to(request, "password_reset_confirm", &[("uidb64", &uid), ("token", &HIDDEN)]);
    }
    match request.session().get::<String>(TOKEN).await? {
        Some(token) if is_valid(&token) => set(request, &user, data).await,
        _ => invalid(request).await,
    }
}

async fn set<U: AbstractUser>(request: &Request, user: &U, data: FormData) -> Result<Response> {
    let form = SetPasswordForm::<U>::new(request, user, data);
    if form.is_valid().await? {
        let Some(user) = form.save_once(request).await? else { return invalid(request).await };
        request.session().remove(TOKEN);
        events::tell(request, EventKind::PasswordReset, Some(user.key().to_string())).await;
        mails::notify(request, &user, user.get_email(), Notice::PasswordChanged).await;
        return redirect(request, "password_reset_complete");
    }
    let context = context! { form, validlink => true };
    page(request, "registration/password_reset_confirm.html", context).await
}

async fn invalid(request: &Request) -> Result<Response> {
    page(request, "registration/password_reset_confirm.html", context! { validlink => false }).await
}

/// Says that the password is set. Nobody is signed in by it.
pub(crate) async fn reset_complete(request: &Request) -> Result<Response> {
    page(request, "registration/password_reset_complete.html", context! {}).await
}
