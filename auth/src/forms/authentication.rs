//! The login form.

use super::checked::{Checked, shown};
use super::own_password;
use crate::backends::Check;
use crate::user::longest;
use crate::{AbstractUser, Authenticated};
use nuages::forms::label_of;
use nuages::{Error, Form, FormData, FormField, Result};
use poem::Request;
use tokio::sync::OnceCell;

const REMEMBER: &str = "remember_me";

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
    form: Checked,
    check: Check,
    remembers: bool,
    user: OnceCell<Option<Authenticated<U>>>,
}

impl<U: AbstractUser> AuthenticationForm<U> {
    /// The form for this request; unbound on GET.
    pub fn new(request: &Request, data: FormData) -> Self {
        // Whatever a backend takes for a name: it is judged by whether it is somebody's.
        let name = FormField::text("username")
            .label(label_of(U::USERNAME_FIELD))
            .max_length(longest::<U>(U::USERNAME_FIELD))
            .attribute("autofocus", "")
            .attribute("autocapitalize", "none")
            .attribute("autocomplete", "username");
        let form = Checked::new(Form::new([name, own_password("password")], data));
        Self { form, check: Check::of(request), remembers: false, user: OnceCell::new() }
    }

    /// Asks whether the session is to outlive the browser: without a tick it ends with it.
    pub fn remember_me(self) -> Self {
        let remember = || FormField::checkbox(REMEMBER).label("Remember me");
        Self { form: self.form.change(|form| form.with_field(remember())), remembers: true, ..self }
    }

    /// Whether it was sent, and name and password fit. The password is checked once, however often this is asked.
    /// Past the limit of attempts the form says so itself, and the page that shows it gets the status 429.
    pub async fn is_valid(&self) -> Result<bool> {
        let recognise = || async { self.form.within_limit(&self.check, self.recognise().await) };
        Ok(self.user.get_or_try_init(recognise).await?.is_some())
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
        let (name, password) = (self.form.value("username"), self.form.value("password"));
        // Blank fields cost nothing; a name that is too long, or has a NUL, costs what a wrong one does.
        if name.is_empty() || password.is_empty() {
            return Ok(None);
        }
        let user: Option<Authenticated<U>> = self.check.run(&name, &password).await?;
        let user = user.filter(|_| self.form.keeps_its_rules());
        if user.is_none() && self.form.keeps_its_rules() {
            self.form.add_error("", invalid_login::<U>());
        }
        let remembered = self.remembers.then(|| !self.form.value(REMEMBER).is_empty());
        Ok(user.map(|user| match remembered {
            Some(remembered) => user.remembered(remembered),
            None => user,
        }))
    }
}

/// Django's words; the same for an unknown name, a wrong password and a user who is not active.
fn invalid_login<U: AbstractUser>() -> String {
    let name = U::USERNAME_FIELD.replace('_', " ");
    format!("Please enter a correct {name} and password. Note that both fields may be case-sensitive.")
}

shown!(AuthenticationForm);
