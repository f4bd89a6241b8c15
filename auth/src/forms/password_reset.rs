//! A mail with a link to set a new password.

use super::checked::{Checked, shown};
use super::email_field;
use crate::backends::Check;
use crate::{AbstractUser, send_password_reset};
use nuages::email::EmailTemplates;
use nuages::{Form, FormData, Result};
use poem::Request;
use std::marker::PhantomData;

/// An e-mail address. Whether it is a user's does not show.
pub struct PasswordResetForm<U> {
    form: Checked,
    check: Check,
    user: PhantomData<fn() -> U>,
}

impl<U: AbstractUser> PasswordResetForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, data: FormData) -> Self {
        let email = email_field::<U>("email", "E-mail address");
        Self { form: Checked::new(Form::new([email], data)), check: Check::of(request), user: PhantomData }
    }

    /// Whether it was sent, with something that is an address.
    pub async fn is_valid(&self) -> Result<bool> {
        Ok(self.form.keeps_its_rules())
    }

    /// Sends the mail to the users of that address, behind the back of the request: it takes as long if there is none.
    ///
    /// # Errors
    /// [`nuages::Error::TooManyRequests`] past the limit of mails for one address or from one network.
    pub async fn save(&self, request: &Request, templates: EmailTemplates<'static>) -> Result<()> {
        let email = self.form.value("email");
        let _counted = self.check.count("password_reset", &email).await?;
        send_password_reset::<U>(request, &email, templates, nuages::context! {}).await;
        Ok(())
    }
}

shown!(PasswordResetForm);
