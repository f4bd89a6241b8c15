//! The codes of an authenticator app.

use super::checked::{Checked, shown};
use crate::AbstractUser;
use crate::backends::Check;
use crate::events::EventKind;
use crate::two_factor::{Shown, TwoFactor};
use nuages::{Form, FormData, FormField, RequestExt, Result};
use poem::Request;
use std::marker::PhantomData;
use tokio::sync::OnceCell;

/// What showing a second factor is called where attempts are counted.
pub(crate) const TWO_FACTOR: &str = "two_factor";
/// The longest code, with room for what people type between its letters.
const LONGEST: usize = 60;

fn code_field() -> FormField {
    FormField::text("code")
        .max_length(LONGEST)
        .attribute("autocomplete", "one-time-code")
        .attribute("autocapitalize", "none")
        .attribute("spellcheck", "false")
        .attribute("autofocus", "")
}

/// A code of the app, or a recovery code, by whoever has shown the password.
pub struct TwoFactorForm<U> {
    form: Checked,
    check: Check,
    factor: TwoFactor,
    user: U,
    shown: OnceCell<Shown>,
}

impl<U: AbstractUser> TwoFactorForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, user: &U, data: FormData) -> Self {
        let factor = TwoFactor::of(&request.db(), user);
        let form = Checked::new(Form::new([code_field()], data));
        Self { form, check: Check::of(request), factor, user: user.clone(), shown: OnceCell::new() }
    }

    /// Whether it was sent, and the code was right, which is used up by that.
    pub async fn is_valid(&self) -> Result<bool> {
        self.form.is_valid_attempt(&self.check, Box::pin(self.look())).await
    }

    async fn look(&self) -> Result<()> {
        let counted = self.check.count(TWO_FACTOR, self.user.get_username()).await?;
        match self.factor.take(&self.form.value("code")).await? {
            Some(shown) => {
                self.shown.set(shown).ok();
                counted.forgive().await
            }
            None => {
                self.check.tell(EventKind::TwoFactorFailed, Some(self.user.key().to_string())).await;
                self.form.add_error(
                    "code",
                    "This code is not right, or was used before. Codes of the app change every 30 seconds.",
                );
                Ok(())
            }
        }
    }

    /// By what the second factor was shown, once the form has been found [valid](TwoFactorForm::is_valid).
    pub fn shown(&self) -> Option<Shown> {
        self.shown.get().copied()
    }
}

shown!(TwoFactorForm);

/// The first code of an app that is being set up.
pub struct TwoFactorSetupForm<U> {
    form: Checked,
    factor: TwoFactor,
    codes: OnceCell<Vec<String>>,
    user: PhantomData<fn() -> U>,
}

impl<U: AbstractUser> TwoFactorSetupForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, user: &U, data: FormData) -> Self {
        let factor = TwoFactor::of(&request.db(), user);
        Self {
            form: Checked::new(Form::new([code_field()], data)),
            factor,
            codes: OnceCell::new(),
            user: PhantomData,
        }
    }

    /// Whether it was sent, and the code was right; two-factor authentication is on then.
    pub async fn is_valid(&self) -> Result<bool> {
        self.form.is_valid(Box::pin(self.look())).await
    }

    async fn look(&self) -> Result<()> {
        match self.factor.confirm(&self.form.value("code")).await? {
            Some(codes) => drop(self.codes.set(codes)),
            None => {
                self.form.add_error("code", "This code is not right. Does the clock of your phone go right?")
            }
        }
        Ok(())
    }

    /// The recovery codes, once the form has been found [valid](TwoFactorSetupForm::is_valid); nobody can read them again.
    pub fn recovery_codes(&self) -> &[String] {
        self.codes.get().map_or(&[], Vec::as_slice)
    }
}

shown!(TwoFactorSetupForm);
