//! A new password, typed twice.

use super::checked::{Checked, shown};
use crate::passwords::Passwords;
use crate::{AbstractUser, set_password_unchecked};
use nuages::{Form, FormData, FormField, RequestExt, Result};
use poem::Request;

/// The fields for a new password: the first with the site's rules beside it.
pub(super) fn fields(passwords: &Passwords, names: [&'static str; 2], label: &str) -> [FormField; 2] {
    let field = |name| FormField::password(name).attribute("autocomplete", "new-password");
    let [one, two] = names;
    [
        field(one).label(label).help(passwords.help_texts().join("\n")),
        field(two).label(format!("{label} confirmation")),
    ]
}

/// Whether the same was typed twice; if not, the form says so.
pub(super) fn is_twice(form: &Checked, [one, two]: [&str; 2]) -> bool {
    let is_twice = form.value(one) == form.value(two);
    if !is_twice {
        form.add_error(two, "The two password fields didn’t match.");
    }
    is_twice
}

/// Says in the form what is wrong with a user's new password: it is not the same twice, or breaks a rule.
pub(super) fn look<U: AbstractUser>(form: &Checked, names: [&str; 2], passwords: &Passwords, user: &U) {
    if is_twice(form, names)
        && let Err(invalid) = passwords.check(&form.value(names[0]), user)
    {
        form.show(&invalid, names[1]);
    }
}

pub(super) const NAMES: [&str; 2] = ["new_password1", "new_password2"];
pub(super) const LABEL: &str = "New password";

/// A new password for a user, who need not know the old one: Django's form of the page that a reset mail leads to.
pub struct SetPasswordForm<U> {
    form: Checked,
    passwords: Passwords,
    user: U,
}

impl<U: AbstractUser> SetPasswordForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, user: &U, data: FormData) -> Self {
        let passwords = Passwords::of(request).clone();
        let form = Checked::new(Form::new(fields(&passwords, NAMES, LABEL), data));
        Self { form, passwords, user: user.clone() }
    }

    /// Whether it was sent, and the password is the same twice and good enough.
    pub async fn is_valid(&self) -> Result<bool> {
        let look = async {
            look(&self.form, NAMES, &self.passwords, &self.user);
            Ok(())
        };
        self.form.is_valid(Box::pin(look)).await
    }

    /// Stores the password. All sessions of the user end with it, but the one that asks, if it is theirs.
    pub async fn save(&self, request: &Request) -> Result<U> {
        let mut user = self.user.clone();
        set_password_unchecked(request, &mut user, &self.form.value(NAMES[0])).await?;
        Ok(user)
    }

    /// Stores the password if it is still the one that it was when the user was loaded: of two who come with the same link one is
    /// refused.
    pub(crate) async fn save_once(&self, request: &Request) -> Result<Option<U>> {
        let mut user = self.user.clone();
        let is_first = self.passwords.replace(&request.db(), &mut user, &self.form.value(NAMES[0])).await?;
        Ok(is_first.then_some(user))
    }
}

shown!(SetPasswordForm);
