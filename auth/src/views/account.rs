//! What users see and change of themselves.

use super::{page, signed_in};
use crate::events::{self, Event, EventKind};
use crate::mails::{self, Notice};
use crate::two_factor::TwoFactor;
use crate::{AbstractUser, ConfirmPasswordForm, UserChangeForm};
use nuages::{FormData, RequestExt, Result, context, messages, redirect};
use poem::{Request, Response};

/// Shows who is signed in, and takes another name.
pub(crate) async fn profile<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let user = signed_in::<U>(request).await?;
    let form = UserChangeForm::<U>::new(&user, data);
    if form.has_fields() && form.is_valid().await? {
        form.save(request).await?;
        messages::success(request, "Your profile is changed.");
        return redirect(request, request.full_path());
    }
    let (has_fields, has_email) = (form.has_fields(), U::EMAIL_FIELD.is_some());
    page(request, "registration/profile.html", context! { form, has_fields, has_email }).await
}

/// Asks for the password, and deletes the account with its sessions and its events.
pub(crate) async fn delete<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let user = signed_in::<U>(request).await?;
    let form = ConfirmPasswordForm::<U>::new(request, &user, data);
    if !form.is_valid().await? {
        return page(request, "registration/delete_account.html", context! { form }).await;
    }
    let (db, id) = (request.db(), user.key().to_string());
    let event = Event::new(request, EventKind::AccountDeleted, Some(id.clone()));
    match user.delete(&db).await {
        Err(error) if error.is_foreign_key_violation() => {
            messages::error(
                request,
                "Your account cannot be deleted while others depend on what you have made.",
            );
            return redirect(request, &request.settings().login_redirect_url);
        }
        outcome => outcome?,
    };
    for session in request.session().store().of_user(&id).await.unwrap_or_default() {
        request.session().store().end(&id, &session.id).await?;
    }
    crate::logout(request).await?;
    // After the logout, which is an event too.
    events::forget(&db, &id).await?;
    TwoFactor::of(&db, &*user).remove().await?;
    events::tell_of(request, Event { user_id: None, ..event }).await;
    mails::notify(request, &*user, user.get_email(), Notice::AccountDeleted).await;
    page(request, "registration/account_deleted.html", context! {}).await
}
