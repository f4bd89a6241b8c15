//! The login form.

use super::{lock, max_length};
use crate::backends::Check;
use crate::{AbstractUser, Authenticated};
use nuages::forms::label_of;
use nuages::{Error, Form, FormData, FormField, Result};
use poem::Request;
use serde::{Serialize, Serializer};
use std::sync::Mutex;
use tokio::sync::OnceCell;

/// Name and password. Valid if a backend recognises the user.
///
/// ```no_run
/// # use nuages::{FormData, Model, Result, context, redirect, render};
/// # use nuages_auth::{self as auth, AbstractUser, AuthenticationForm, UserFields};
/// # use poem::{Request, Response, handler};
/// # #[derive(Clone, Debug, Model, AbstractUser)]
/// # #[model(app = "accounts")]
/// # pub struct User { #[model(flatten)] pub fields: UserFields }
/// #[handler]
/// pub async fn login(request: &Request, data: FormData) -> Result<Response> {
///     let form = AuthenticationForm::<User>::new(request, data);
///     if form.is_valid().await? {
///         auth::login(request, form.get_user()?).await?;
///         return redirect(request, "blog:index");
///     }
///     render(request, "accounts/login.html", context! { form }).await
/// }
/// ```
pub struct AuthenticationForm<U> {
    form: Mutex<Form>,
    check: Check,
    user: OnceCell<Option<Authenticated<U>>>,
}

impl<U: AbstractUser> AuthenticationForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, data: FormData) -> Self {
        let name = FormField::text("username")
            .label(label_of(U::USERNAME_FIELD))
            .max_length(max_length::<U>(U::USERNAME_FIELD))
            .attribute("autofocus", "")
            .attribute("autocapitalize", "none")
            .attribute("autocomplete", "username");
        let password = FormField::password("password").attribute("autocomplete", "current-password");
        let form = Mutex::new(Form::new([name, password], data));
        Self { form, check: Check::of(request), user: OnceCell::new() }
    }

    /// Whether it was sent, and name and password fit. The password is checked once, however often this is asked.
    pub async fn is_valid(&self) -> Result<bool> {
        Ok(self.user.get_or_try_init(|| self.recognise()).await?.is_some())
    }

    /// The user whom the form has recognised.
    ///
    /// # Errors
    /// [`Error::Refused`] unless [`is_valid`](AuthenticationForm::is_valid) has answered `true`.
    pub fn get_user(&self) -> Result<Authenticated<U>> {
        let user = self.user.get().cloned().flatten();
        user.ok_or_else(|| Error::Refused("the form has recognised nobody; ask `is_valid` first".into()))
    }

    async fn recognise(&self) -> Result<Option<Authenticated<U>>> {
        let (valid, name, password) = {
            let form = lock(&self.form);
            (form.is_valid(), form.value("username").to_owned(), form.value("password").to_owned())
        };
        if !valid {
            // A name that is too long costs what a wrong one does; blank fields cost nothing.
            if !name.is_empty() && !password.is_empty() {
                self.check.auth.hash_pool().burn(password).await?;
            }
            return Ok(None);
        }
        let user = self.check.run(&name, &password).await?;
        if user.is_none() {
            lock(&self.form).add_error("", invalid_login::<U>());
        }
        Ok(user)
    }
}

/// Django's words; the same for an unknown name, a wrong password and a user who is not active.
fn invalid_login<U: AbstractUser>() -> String {
    let name = U::USERNAME_FIELD.replace('_', " ");
    format!("Please enter a correct {name} and password. Note that both fields may be case-sensitive.")
}

impl<U> Serialize for AuthenticationForm<U> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        lock(&self.form).serialize(serializer)
    }
}
