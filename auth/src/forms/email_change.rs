//! Another e-mail address, by whoever knows the password.

use super::checked::{Checked, shown};
use super::{email_field, look_at_password, own_password};
use crate::AbstractUser;
use crate::backends::Check;
use crate::names::normalize_email;
use nuages::{Form, FormData, Result};
use poem::Request;

/// The new address, and the password.
pub struct EmailChangeForm<U> {
    form: Checked,
    check: Check,
    user: U,
}

impl<U: AbstractUser> EmailChangeForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, user: &U, data: FormData) -> Self {
        let email = email_field::<U>("new_email", "New e-mail address");
        let form = Checked::new(Form::new([email, own_password("password")], data));
        Self { form, check: Check::of(request), user: user.clone() }
    }

    /// Whether it was sent, the address is another one, and the password fits.
    pub async fn is_valid(&self) -> Result<bool> {
        let look = async {
            if self.new_email() == self.user.get_email() {
                self.form.add_error("new_email", "This is your address already.");
            }
            look_at_password(&self.form, &self.check, &self.user).await
        };
        self.form.is_valid_attempt(&self.check, Box::pin(look)).await
    }

    /// The new address, as it is stored.
    pub fn new_email(&self) -> String {
        normalize_email(&self.form.value("new_email"))
    }
}

shown!(EmailChangeForm);
