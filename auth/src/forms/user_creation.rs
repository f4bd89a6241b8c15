//! The sign-up form.

use super::checked::{Checked, shown};
use super::new_password::{fields, is_twice};
use super::text_field;
use crate::backends::Check;
use crate::events::EventKind;
use crate::{AbstractUser, Flag, NewUser, UserError, mails};
use nuages::futures_util::future::BoxFuture;
use nuages::{Form, FormData, FormField, Mailer, RequestExt, Result};
use poem::Request;
use std::marker::PhantomData;

const NAMES: [&str; 2] = ["password1", "password2"];
/// What signing up is called where attempts are counted.
const SIGNUP: &str = "signup";

/// A login name, the model's required fields, and the password twice.
pub struct UserCreationForm<U> {
    form: Checked,
    check: Check,
    fields: Vec<&'static str>,
    confirms: bool,
    mailer: Mailer,
    user: PhantomData<fn() -> U>,
}

impl<U: AbstractUser> UserCreationForm<U> {
    /// The form for this request; unbound on GET. Where an e-mail address has to be confirmed (`signup_confirm_email`), it asks for one.
    pub fn new(request: &Request, data: FormData) -> Self {
        let check = Check::of(request);
        let confirms = check.settings.signup_confirm_email && U::EMAIL_FIELD.is_some();
        let mut names = vec![U::USERNAME_FIELD];
        let more = U::EMAIL_FIELD.filter(|_| confirms).into_iter().chain(U::REQUIRED_FIELDS.iter().copied());
        for field in more {
            if !names.contains(&field) {
                names.push(field);
            }
        }
        let texts = names.iter().map(|name| text_field::<U>(name));
        let passwords = fields(check.auth.passwords(), NAMES, "Password");
        let form = Checked::new(Form::new(texts.chain(passwords).collect::<Vec<_>>(), data));
        Self { form, check, fields: names, confirms, mailer: request.mailer().clone(), user: PhantomData }
    }

    /// Asks for one more field: of the model, if it has a text of that name; the view's to read otherwise, by
    /// [`value`](UserCreationForm::value).
    pub fn with_field(mut self, name: &'static str, change: impl FnOnce(FormField) -> FormField) -> Self {
        let is_models = U::TEXT_FIELDS.contains(&name);
        let field = if is_models { text_field::<U>(name) } else { FormField::text(name) };
        let field = change(field);
        if is_models {
            self.fields.push(name);
        }
        Self { form: self.form.change(|form| form.with_field(field)), ..self }
    }

    /// The text of a field.
    pub fn value(&self, name: &str) -> String {
        self.form.value(name)
    }

    /// Whether it was sent, the name is free, and the password good enough.
    pub async fn is_valid(&self) -> Result<bool> {
        self.form.is_valid_attempt(&self.check, Box::pin(self.look())).await
    }

    /// Makes the user. If the address has to be confirmed, the user is not active yet, and gets a mail with a link. `None` if somebody took the
    /// name a moment ago; then the form says so.
    pub async fn save(&self) -> Result<Option<U>> {
        let outcome: BoxFuture<'_, Result<Option<U>>> = Box::pin(self.create());
        outcome.await
    }

    async fn create(&self) -> Result<Option<U>> {
        let mut new = self.new_user();
        if self.confirms {
            new = new.flag(Flag::Active, false);
        }
        match new.create(&self.check.db, self.check.auth.passwords()).await {
            Ok(user) => {
                self.check.tell(EventKind::Signup, Some(user.key().to_string())).await;
                if self.confirms {
                    mails::ask_to_confirm(&self.mailer, &self.check.settings, &user).await;
                }
                Ok(Some(user))
            }
            Err(error) => {
                self.form.show(&error.invalid()?, NAMES[1]);
                Ok(None)
            }
        }
    }

    /// Whether the address has to be confirmed before the user can log in.
    pub fn confirms_email(&self) -> bool {
        self.confirms
    }

    fn new_user(&self) -> NewUser<U> {
        let new = NewUser::<U>::new(&self.form.value(U::USERNAME_FIELD)).password(self.form.value(NAMES[0]));
        self.fields.iter().skip(1).fold(new, |new, field| new.set(field, self.form.value(field)))
    }

    async fn look(&self) -> Result<()> {
        is_twice(&self.form, NAMES);
        match self.new_user().check(&self.check.db, self.check.auth.passwords()).await {
            // Nobody's account yet: it is the network that is counted.
            Ok(()) => self.check.count_from_network(SIGNUP).await,
            Err(UserError::Invalid(invalid)) => {
                // Who asks for one name after the other learns which there are: past the limit the form does not say.
                if invalid.of(U::USERNAME_FIELD).any(|fault| fault.code == "unique") {
                    self.check.count_from_network(SIGNUP).await?;
                }
                self.form.show(&invalid, NAMES[1]);
                Ok(())
            }
            Err(UserError::Failed(error)) => Err(error),
        }
    }
}

shown!(UserCreationForm);
