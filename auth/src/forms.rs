//! The forms for login, sign-up and all that users do with their accounts, for any user model.
//!
//! Each is a [`nuages::Form`] that asks the database too: `is_valid` and `save` are awaited. Past the limit of attempts a form is not valid and says so
//! itself, with what was typed kept but for passwords; auth's layer makes the page that shows it a 429 with `Retry-After` (RFC 6585, 4). A site composes them: it adds fields by
//! `with_field`, wraps one in a form of its own, or shows it in templates of its own.

mod admin_password;
mod authentication;
mod checked;
mod confirm_password;
mod email_change;
mod new_password;
mod password_change;
mod password_reset;
mod two_factor;
mod user_change;
mod user_creation;

pub use admin_password::AdminPasswordChangeForm;
pub use authentication::AuthenticationForm;
pub use confirm_password::ConfirmPasswordForm;
pub use email_change::EmailChangeForm;
pub use new_password::SetPasswordForm;
pub use password_change::PasswordChangeForm;
pub use password_reset::PasswordResetForm;
pub(crate) use two_factor::TWO_FACTOR;
pub use two_factor::TwoFactorForm;
pub use two_factor::TwoFactorSetupForm;
pub use user_change::UserChangeForm;
pub use user_creation::UserCreationForm;

use crate::AbstractUser;
use crate::backends::Check;
use crate::user::{LONGEST, longest};
use checked::Checked;
use nuages::forms::{Widget, label_of};
use nuages::{FormField, Result};

/// The field for a text of the model's.
fn text_field<U: AbstractUser>(name: &'static str) -> FormField {
    let is_email = U::EMAIL_FIELD == Some(name);
    let field = FormField::new(name, if is_email { Widget::EMAIL } else { Widget::TEXT });
    let field = field.label(label_of(name)).max_length(longest::<U>(name));
    match name {
        _ if is_email => field.attribute("autocomplete", "email"),
        name if name == U::USERNAME_FIELD => {
            field.attribute("autocapitalize", "none").attribute("autocomplete", "username")
        }
        "first_name" => field.attribute("autocomplete", "given-name"),
        "last_name" => field.attribute("autocomplete", "family-name"),
        _ => field,
    }
}

/// The field for an address that may be a user's.
fn email_field<U: AbstractUser>(name: &'static str, label: &str) -> FormField {
    let field = FormField::email(name).label(label).max_length(U::EMAIL_FIELD.map_or(LONGEST, longest::<U>));
    field.attribute("autocomplete", "email").attribute("autofocus", "")
}

/// Says in the form that its `password` is not the user's, if it is not. That counts as an attempt.
async fn look_at_password<U: AbstractUser>(form: &Checked, check: &Check, user: &U) -> Result<()> {
    if !check.is_password_of(user, &form.value("password")).await? {
        form.add_error("password", "The password is not right.");
    }
    Ok(())
}

/// The field for the password that somebody has.
fn own_password(name: &'static str) -> FormField {
    FormField::password(name).attribute("autocomplete", "current-password")
}
