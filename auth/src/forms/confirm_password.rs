//! The password once more, from whoever is signed in.

use super::checked::{Checked, shown};
use super::{look_at_password, own_password};
use crate::AbstractUser;
use crate::backends::Check;
use nuages::{Form, FormData, Result};
use poem::Request;

/// The password once more, before something that a thief of an open session must not do.
pub struct ConfirmPasswordForm<U> {
    form: Checked,
    check: Check,
    user: U,
}

impl<U: AbstractUser> ConfirmPasswordForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, user: &U, data: FormData) -> Self {
        let form = Checked::new(Form::new([own_password("password")], data));
        Self { form, check: Check::of(request), user: user.clone() }
    }

    /// Whether it was sent, and the password fits.
    pub async fn is_valid(&self) -> Result<bool> {
        let look = look_at_password(&self.form, &self.check, &self.user);
        self.form.is_valid_attempt(&self.check, Box::pin(look)).await
    }
}

shown!(ConfirmPasswordForm);
