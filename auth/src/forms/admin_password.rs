//! Another user's password, as the staff sets it, or takes it away.

use super::checked::{Checked, shown};
use super::new_password::{fields, look};
use crate::passwords::Passwords;
use crate::{AbstractUser, PasswordHash, passwords, set_password_unchecked};
use nuages::forms::Widget;
use nuages::{Form, FormData, FormField, RequestExt, Result};
use poem::Request;

const NAMES: [&str; 2] = ["password1", "password2"];
const USABLE: &str = "usable_password";

/// A new password for somebody else, or none, with which nobody can log in. Who may see it is the view's to say.
pub struct AdminPasswordChangeForm<U> {
    form: Checked,
    passwords: Passwords,
    user: U,
}

impl<U: AbstractUser> AdminPasswordChangeForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, user: &U, data: FormData) -> Self {
        let passwords = Passwords::of(request).clone();
        let usable = FormField::new(USABLE, Widget::Radio).label("Password-based authentication");
        let usable = usable.choices([("true", "Enabled"), ("false", "Disabled")]).optional();
        let usable =
            usable.initial(&if user.password_hash().is_usable() { "true" } else { "false" }.to_owned());
        let passwords_twice = fields(&passwords, NAMES, "Password").map(FormField::optional);
        let all = [usable].into_iter().chain(passwords_twice);
        Self { form: Checked::new(Form::new(all, data)), passwords, user: user.clone() }
    }

    /// Whether it was sent, and the password is to go, or is the same twice and good enough.
    pub async fn is_valid(&self) -> Result<bool> {
        self.form.is_valid(Box::pin(async { self.look() })).await
    }

    /// Stores the password, or takes it away. All sessions of the user end with it.
    pub async fn save(&self, request: &Request) -> Result<U> {
        let mut user = self.user.clone();
        if self.is_disabling() {
            user.set_password_hash(PasswordHash::unusable());
            passwords::write(&request.db(), &user, None).await?;
            return Ok(user);
        }
        set_password_unchecked(request, &mut user, &self.form.value(NAMES[0])).await?;
        Ok(user)
    }

    fn is_disabling(&self) -> bool {
        self.form.value(USABLE) == "false"
    }

    fn look(&self) -> Result<()> {
        if self.is_disabling() {
            return Ok(());
        }
        if self.form.value(NAMES[0]).is_empty() {
            self.form.add_error(NAMES[0], "This field is required.");
        } else {
            look(&self.form, NAMES, &self.passwords, &self.user);
        }
        Ok(())
    }
}

shown!(AdminPasswordChangeForm);
