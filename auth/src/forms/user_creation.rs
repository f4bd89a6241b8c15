//! The sign-up form.

use super::{lock, max_length};
use crate::backends::Check;
use crate::names::{INVALID_USERNAME, is_valid_username, normalize_username};
use crate::passwords::Passwords;
use crate::validation::Attributes;
use crate::{AbstractUser, NewUser, find_by_name};
use nuages::forms::Widget;
use nuages::forms::label_of;
use nuages::{Form, FormData, FormField, Result};
use poem::Request;
use serde::{Serialize, Serializer};
use std::marker::PhantomData;
use std::sync::Mutex;
use tokio::sync::OnceCell;

/// A login name, the model's required fields, and the password twice.
pub struct UserCreationForm<U> {
    form: Mutex<Form>,
    check: Check,
    valid: OnceCell<bool>,
    user: PhantomData<fn() -> U>,
}

impl<U: AbstractUser> UserCreationForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, data: FormData) -> Self {
        let names = std::iter::once(U::USERNAME_FIELD).chain(U::REQUIRED_FIELDS.iter().copied());
        let fields: Vec<_> =
            names.map(text_field::<U>).chain(password_fields(Passwords::of(request))).collect();
        let form = Mutex::new(Form::new(fields, data));
        Self { form, check: Check::of(request), valid: OnceCell::new(), user: PhantomData }
    }

    /// Whether it was sent, the name is free, and the password good enough.
    pub async fn is_valid(&self) -> Result<bool> {
        self.valid.get_or_try_init(|| self.validate()).await.copied()
    }

    /// Makes the user. `None` if somebody took the name a moment ago; then the form says so.
    pub async fn save(&self) -> Result<Option<U>> {
        let new = {
            let form = lock(&self.form);
            let new = NewUser::<U>::new(form.value(U::USERNAME_FIELD)).password(form.value("password1"));
            U::REQUIRED_FIELDS.iter().fold(new, |new, field| new.set(field, form.value(field)))
        };
        match new.create_unchecked(&self.check.db, self.check.auth.passwords()).await {
            Ok(user) => Ok(Some(user)),
            Err(error) if error.is_unique_violation() => {
                lock(&self.form).add_error(U::USERNAME_FIELD, taken::<U>());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn validate(&self) -> Result<bool> {
        self.check_name();
        self.check_passwords();
        let (valid, name) = {
            let form = lock(&self.form);
            (form.is_valid(), form.value(U::USERNAME_FIELD).to_owned())
        };
        if !valid {
            return Ok(false);
        }
        let free = find_by_name::<U>(&self.check.db, &self.check.settings, &name).await?.is_none();
        if !free {
            lock(&self.form).add_error(U::USERNAME_FIELD, taken::<U>());
        }
        Ok(free)
    }

    fn check_name(&self) {
        let mut form = lock(&self.form);
        let name = normalize_username(form.value(U::USERNAME_FIELD));
        let is_email = U::EMAIL_FIELD == Some(U::USERNAME_FIELD);
        if form.is_bound() && !name.is_empty() && !is_email && !is_valid_username(&name) {
            form.add_error(U::USERNAME_FIELD, INVALID_USERNAME);
        }
        // NFKC may make a name longer.
        let most = max_length::<U>(U::USERNAME_FIELD);
        if name.chars().count() > most && form.errors(U::USERNAME_FIELD).is_empty() {
            form.add_error(U::USERNAME_FIELD, format!("Ensure this value has at most {most} characters."));
        }
    }

    fn check_passwords(&self) {
        let mut form = lock(&self.form);
        let (one, two) = (form.value("password1").to_owned(), form.value("password2").to_owned());
        if one.is_empty() || two.is_empty() {
            return;
        }
        if one != two {
            form.add_error("password2", "The two password fields didn’t match.");
            return;
        }
        let names = [U::USERNAME_FIELD].into_iter().chain(U::REQUIRED_FIELDS.iter().copied());
        let known = Attributes::new(names.map(|name| (name, form.value(name).to_owned())));
        let broken = self.check.auth.passwords().validate(&one, &known);
        for broken in broken.err().into_iter().flatten() {
            form.add_error("password2", broken.message);
        }
    }
}

fn text_field<U: AbstractUser>(name: &'static str) -> FormField {
    let is_email = U::EMAIL_FIELD == Some(name);
    let field = FormField::new(name, if is_email { Widget::EMAIL } else { Widget::TEXT });
    let field = field.label(label_of(name)).max_length(max_length::<U>(name));
    match (is_email, name == U::USERNAME_FIELD) {
        (true, _) => field.attribute("autocomplete", "email"),
        (_, true) => field.attribute("autocapitalize", "none").attribute("autocomplete", "username"),
        _ => field,
    }
}

fn password_fields(passwords: &Passwords) -> [FormField; 2] {
    let field = |name| FormField::password(name).attribute("autocomplete", "new-password");
    [
        field("password1").label("Password").help(passwords.help_texts().join("\n")),
        field("password2").label("Password confirmation"),
    ]
}

fn taken<U: AbstractUser>() -> String {
    format!("A user with that {} already exists.", U::USERNAME_FIELD.replace('_', " "))
}

impl<U> Serialize for UserCreationForm<U> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        lock(&self.form).serialize(serializer)
    }
}
