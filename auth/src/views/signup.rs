//! Sign-up, and the mail that confirms its address.

use super::{page, user_of_link};
use crate::events::{self, EventKind};
use crate::tokens::CONFIRM_EMAIL;
use crate::{AbstractUser, Flag, UserCreationForm};
use nuages::chrono::Utc;
use nuages::{FormData, RequestExt, Result, context, messages, redirect};
use poem::http::Method;
use poem::{Request, Response};
use std::time::Duration;

/// Makes an account, and asks its owner to log in, or to confirm the address first.
pub(crate) async fn signup<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let form = UserCreationForm::<U>::new(request, data);
    if form.is_valid().await?
        && let Some(user) = form.save().await?
    {
        if form.confirms_email() {
            let email = user.get_email();
            return page(request, "registration/signup_done.html", context! { email }).await;
        }
        messages::success(request, "Your account is ready. Log in to use it.");
        return redirect(request, &request.settings().login_url);
    }
    page(request, "registration/signup.html", context! { form }).await
}

/// The link of the mail: a button on GET, since programs look into mails too; the account can be used after the POST.
pub(crate) async fn confirm<U: AbstractUser>(request: &Request) -> Result<Response> {
    let user = waiting::<U>(request).await?;
    let (validlink, template) = (user.is_some(), "registration/signup_confirm.html");
    let Some(user) = user.filter(|_| request.method() == Method::POST) else {
        return page(request, template, context! { validlink }).await;
    };
    // Of two who follow the link at once one is the second.
    let row = U::objects(&request.db()).filter(U::has_key(user.key()) & U::active_column().eq(false));
    if row.update([U::active_column().set(true)]).await? == 0 {
        return page(request, template, context! { validlink => false }).await;
    }
    events::tell(request, EventKind::EmailConfirmed, Some(user.key().to_string())).await;
    messages::success(request, "Your address is confirmed. Log in to use your account.");
    redirect(request, &request.settings().login_url)
}

/// The user whose account waits for this link: one that was confirmed or in use before and was deactivated does not come back by it.
async fn waiting<U: AbstractUser>(request: &Request) -> Result<Option<U>> {
    let (uid, token) = (request.raw_path_param("uidb64"), request.raw_path_param("token"));
    let user = user_of_link::<U>(request, uid.unwrap_or_default()).await?;
    let Some(user) = user.filter(|user| is_meant(request, user, token.unwrap_or_default())) else {
        return Ok(None);
    };
    let id = user.key().to_string();
    let was_confirmed = events::has_happened(&request.db(), &id, EventKind::EmailConfirmed).await?;
    Ok((!was_confirmed).then_some(user))
}

fn is_meant<U: AbstractUser>(request: &Request, user: &U, token: &str) -> bool {
    let settings = request.settings();
    let tokens = CONFIRM_EMAIL.valid_for(Duration::from_secs(settings.email_confirmation_timeout));
    !user.flag(Flag::Active) && user.last_login().is_none() && tokens.check(user, token, settings, Utc::now())
}
