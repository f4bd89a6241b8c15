//! Whether a password is good enough: Django's four rules in Django's words, one about the site, and the site's own.

mod attributes;
mod breached;
mod named;
mod rules;
mod similarity;

pub use attributes::Attributes;
pub use breached::BreachedPassword;
pub use named::BadValidators;
pub use rules::{CommonPassword, MinimumLength, NumericPassword};
pub use similarity::{ContextWords, UserAttributeSimilarity};

pub(crate) use named::{Validators, from_names};

use std::borrow::Cow;

/// What is wrong with a value, such as a password that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValidationError {
    /// What programs go by, such as `password_too_short`.
    pub code: &'static str,
    /// What people read.
    pub message: Cow<'static, str>,
}

impl ValidationError {
    /// An error with a name for programs and a sentence for people.
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }
}

/// One rule for passwords. A site adds its own by
/// [`AuthApp::password_validators`](crate::AuthApp::password_validators).
///
/// ```
/// use nuages_auth::validation::{Attributes, PasswordValidator, ValidationError};
///
/// struct NoSpaces;
///
/// impl PasswordValidator for NoSpaces {
///     fn validate(&self, password: &str, _user: &Attributes) -> Result<(), ValidationError> {
///         match password.contains(' ') {
///             true => Err(ValidationError::new("password_with_space", "This password has a space in it.")),
///             false => Ok(()),
///         }
///     }
///     fn help_text(&self) -> String {
///         "Your password can’t have a space in it.".into()
///     }
/// }
/// assert!(NoSpaces.validate("a b", &Attributes::default()).is_err());
/// ```
pub trait PasswordValidator: Send + Sync + 'static {
    /// Checks a password.
    ///
    /// # Errors
    /// The rule that it breaks.
    fn validate(&self, password: &str, user: &Attributes) -> Result<(), ValidationError>;

    /// The rule as a sentence, which forms show beside the password's field.
    fn help_text(&self) -> String;

    /// Is told of every password once it is stored.
    fn password_changed(&self, _password: &str, _user: &Attributes) {}
}

#[cfg(test)]
mod tests;
