//! A new password, by whoever knows the old one.

use super::{page, signed_in};
use crate::mails::{self, Notice};
use crate::{AbstractUser, PasswordChangeForm};
use nuages::{FormData, Result, context, redirect};
use poem::{Request, Response};

/// Asks for the old password and the new one. The user's other sessions end.
pub(crate) async fn password_change<U: AbstractUser>(request: &Request, data: FormData) -> Result<Response> {
    let user = signed_in::<U>(request).await?;
    let form = PasswordChangeForm::<U>::new(request, &user, data);
    if form.is_valid().await? {
        let user = form.save(request).await?;
        mails::notify(request, &user, user.get_email(), Notice::PasswordChanged).await;
        return redirect(request, "password_change_done");
    }
    page(request, "registration/password_change_form.html", context! { form }).await
}

/// Says that it is done.
pub(crate) async fn password_change_done<U: AbstractUser>(request: &Request) -> Result<Response> {
    signed_in::<U>(request).await?;
    page(request, "registration/password_change_done.html", context! {}).await
}
