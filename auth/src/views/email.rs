//! Another e-mail address: the password, a mail to the new one, a word to the old one.

use super::{page, signed_in, user_of_link};
use crate::events::{self, EventKind};
use crate::mails::{self, Notice};
use crate::tokens::{CHANGE_EMAIL, from_link};
use crate::{AbstractUser, EmailChangeForm};
use nuages::chrono::Utc;
use nuages::db::Column;
use nuages::{FormData, RequestExt, Result, context, messages, redirect};
use poem::http::Method;
use poem::{Request, Response};

/// Asks for the new address and the password, and sends a link to the new address.
pub(crate) async fn change_email<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let user = signed_in::<U>(request).await?;
    let form = EmailChangeForm::<U>::new(request, &user, data);
    if form.is_valid().await? {
        let email = form.new_email();
        mails::ask_to_confirm_new(request, &*user, &email).await;
        events::tell(request, EventKind::EmailChangeRequested, Some(user.key().to_string())).await;
        messages::success(
            request,
            format!("A link was sent to {email}. The address changes when you follow it."),
        );
        return redirect(request, &request.settings().login_redirect_url);
    }
    page(request, "registration/email_change_form.html", context! { form }).await
}

/// The link of the mail: a button on GET; the address changes by the POST, and the old one is told.
pub(crate) async fn confirm_new_email<U: AbstractUser>(request: &Request) -> Result<Response> {
    let part = |name| request.raw_path_param(name).unwrap_or_default();
    let user = user_of_link::<U>(request, part("uidb64")).await?;
    let email = from_link(part("emailb64")).unwrap_or_default();
    let tokens = CHANGE_EMAIL.about(&email);
    let user = user.filter(|user| tokens.check(user, part("token"), request.settings(), Utc::now()));
    let (validlink, template) = (user.is_some(), "registration/email_change_confirm.html");
    let (Some(user), Some(field), true) = (user, U::EMAIL_FIELD, request.method() == Method::POST) else {
        return page(request, template, context! { validlink, email }).await;
    };
    // Of two who follow the link at once one is the second.
    let column = Column::<U, String>::new(U::column_name(field));
    let row = U::objects(&request.db()).filter(U::has_key(user.key()) & column.eq(user.get_email()));
    match row.update([column.set(email.as_str())]).await {
        Ok(0) => return page(request, template, context! { validlink => false, email }).await,
        Ok(_) => {}
        Err(error) if error.is_unique_violation() => {
            messages::error(request, "Somebody else has this address by now.");
            return redirect(request, &request.settings().login_redirect_url);
        }
        Err(error) => return Err(error),
    }
    events::tell(request, EventKind::EmailChanged, Some(user.key().to_string())).await;
    mails::notify(request, &user, user.get_email(), Notice::EmailChanged).await;
    messages::success(request, "Your e-mail address is changed.");
    redirect(request, &request.settings().login_redirect_url)
}
