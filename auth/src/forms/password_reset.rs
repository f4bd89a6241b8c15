//! A mail with a link to set a new password.

use super::checked::{Checked, shown};
use super::email_field;
use crate::backends::Check;
use crate::{AbstractUser, send_password_reset};
use nuages::email::EmailTemplates;
use nuages::{Form, FormData, Result};
use poem::Request;
use std::marker::PhantomData;

/// What asking for a mail is called where attempts are counted.
const PASSWORD_RESET: &str = "password_reset";

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

    /// Whether it was sent, with something that is an address, and mails to it are within the limit.
    pub async fn is_valid(&self) -> Result<bool> {
        let count = async { self.check.count(PASSWORD_RESET, &self.form.value("email")).await.map(drop) };
        self.form.is_valid_attempt(&self.check, Box::pin(count)).await
    }

    /// Sends the mail to the users of that address, behind the back of the request: it takes as long if there is none.
    pub async fn save(&self, request: &Request, templates: EmailTemplates<'static>) {
        let email = self.form.value("email");
        send_password_reset::<U>(request, &email, templates, nuages::context! {}).await;
    }
}

shown!(PasswordResetForm);
