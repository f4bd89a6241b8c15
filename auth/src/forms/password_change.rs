//! A new password, by whoever knows the old one.

use super::checked::{Checked, shown};
use super::new_password::{LABEL, NAMES, fields, look};
use super::own_password;
use crate::backends::Check;
use crate::{AbstractUser, set_password_unchecked};
use nuages::{Form, FormData, Result};
use poem::Request;

/// The old password, and the new one twice.
pub struct PasswordChangeForm<U> {
    form: Checked,
    check: Check,
    user: U,
}

impl<U: AbstractUser> PasswordChangeForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, user: &U, data: FormData) -> Self {
        let check = Check::of(request);
        let old = own_password("old_password").attribute("autofocus", "");
        let new = fields(check.auth.passwords(), NAMES, LABEL);
        let form = Checked::new(Form::new([old].into_iter().chain(new), data));
        Self { form, check, user: user.clone() }
    }

    /// Whether it was sent, the old password fits, and the new one is the same twice and good enough.
    pub async fn is_valid(&self) -> Result<bool> {
        self.form.is_valid_attempt(&self.check, Box::pin(self.look())).await
    }

    /// Stores the password. The user's other sessions end with it.
    pub async fn save(&self, request: &Request) -> Result<U> {
        let mut user = self.user.clone();
        set_password_unchecked(request, &mut user, &self.form.value(NAMES[0])).await?;
        Ok(user)
    }

    async fn look(&self) -> Result<()> {
        if !self.check.is_password_of(&self.user, &self.form.value("old_password")).await? {
            let text = "Your old password was entered incorrectly. Please enter it again.";
            self.form.add_error("old_password", text);
        }
        look(&self.form, NAMES, self.check.auth.passwords(), &self.user);
        Ok(())
    }
}

shown!(PasswordChangeForm);
