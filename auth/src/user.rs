//! What a user model is: the trait, and Django's fields to flatten into one's own struct.

use crate::PasswordHash;
use crate::names::{normalize_email, normalize_username};
use nuages::chrono::{DateTime, Utc};
use nuages::db::Column;
use nuages::db::schema::Kind;
use nuages::{EmailMessage, Model};

/// The longest text that is taken where its column has no length.
pub(crate) const LONGEST: usize = 254;

/// The columns of Django's `AbstractUser`. Flatten them into the site's user:
///
/// ```
/// use nuages::Model;
/// use nuages_auth::{AbstractUser, UserFields};
///
/// #[derive(Clone, Debug, Model, AbstractUser)]
/// #[model(app = "accounts")]
/// pub struct User {
///     #[model(flatten)]
///     pub fields: UserFields,
///     pub nickname: Option<String>,
/// }
/// let user = User::blank();
/// assert!(user.is_active && user.username.is_empty());
/// ```
#[derive(Clone, Debug, Model)]
#[model(abstract)]
pub struct UserFields {
    /// The primary key.
    pub id: i64,
    /// What the user logs in with.
    #[model(max_length = 150, unique)]
    pub username: String,
    /// The hashed password.
    pub password: PasswordHash,
    /// May be empty.
    #[model(max_length = 150)]
    pub first_name: String,
    /// May be empty.
    #[model(max_length = 150)]
    pub last_name: String,
    /// May be empty.
    #[model(max_length = 254)]
    pub email: String,
    /// May use the pages that are for the staff.
    pub is_staff: bool,
    /// May log in. Set it to false instead of deleting a user.
    pub is_active: bool,
    /// May do everything.
    pub is_superuser: bool,
    /// When the user last logged in.
    pub last_login: Option<DateTime<Utc>>,
    /// When the user signed up.
    #[model(auto_now_add)]
    pub date_joined: DateTime<Utc>,
}

impl Default for UserFields {
    fn default() -> Self {
        Self {
            id: 0,
            username: String::new(),
            password: PasswordHash::default(),
            first_name: String::new(),
            last_name: String::new(),
            email: String::new(),
            is_staff: false,
            is_active: true,
            is_superuser: false,
            last_login: None,
            date_joined: DateTime::UNIX_EPOCH,
        }
    }
}

impl UserFields {
    /// First and last name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// What of a user is yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// May log in.
    Active,
    /// May use the pages for the staff.
    Staff,
    /// May do everything.
    Superuser,
}

/// A field that takes text from a form.
pub trait SetText {
    /// Sets it.
    fn set_text(&mut self, text: String);
    /// Its text, if it has one.
    fn text(&self) -> Option<&str>;
}

impl SetText for String {
    fn set_text(&mut self, text: String) {
        *self = text;
    }
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl SetText for Option<String> {
    fn set_text(&mut self, text: String) {
        *self = Some(text).filter(|text| !text.is_empty());
    }
    fn text(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// A model that can be the site's user. Derive it, beside `Model`.
///
/// Either flatten [`UserFields`], or write the fields out: then `id` or another field that is `#[model(primary_key)]`, the login field and
/// `password` (of type [`PasswordHash`]) are needed, and `#[user(username_field = "email")]` names the login field. A table that
/// calls them otherwise keeps its names: `#[model(column = "mail")] pub email: String`. Further keys: `email_field`, `required_fields = "email, first_name"` (asked for by `createsuperuser` and the sign-up form).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a user model",
    note = "add #[derive(AbstractUser)] to it, beside #[derive(Model)]"
)]
pub trait AbstractUser: Model {
    /// The field that a user logs in with.
    const USERNAME_FIELD: &'static str;
    /// The field with the e-mail address, if there is one.
    const EMAIL_FIELD: Option<&'static str>;
    /// The fields that hold text, in the order of the model.
    const TEXT_FIELDS: &'static [&'static str];
    /// The fields that must be given for a new user, beside the login field and the password.
    const REQUIRED_FIELDS: &'static [&'static str];
    /// Whether the user can be in groups and have permissions: where there is an `is_superuser`, as in Django.
    const HAS_PERMISSIONS: bool;
    /// Whether the time of the last login is kept.
    const HAS_LAST_LOGIN: bool;

    /// A user with nothing filled in, who is active.
    fn blank() -> Self;
    /// The name of a field's column: the field's own, unless `#[model(column = "..")]` says otherwise.
    fn column_name(field: &str) -> &str {
        field
    }
    /// The text of a field.
    fn text(&self, field: &str) -> Option<&str>;
    /// Sets the text of a field; `false` if there is no such field.
    fn set_text(&mut self, field: &str, text: String) -> bool;
    /// Whether a flag is set; a user without the field is active, and neither staff nor superuser.
    fn flag(&self, flag: Flag) -> bool;
    /// Sets a flag; `false` if there is no such field.
    fn set_flag(&mut self, flag: Flag, on: bool) -> bool;
    /// The hashed password.
    fn password_hash(&self) -> &PasswordHash;
    /// Sets the hashed password.
    fn set_password_hash(&mut self, hash: PasswordHash);

    /// When the user last logged in, where that is kept.
    fn last_login(&self) -> Option<DateTime<Utc>> {
        None
    }

    /// Brings the login name and the e-mail address into the form in which they are stored: the name in one form of Unicode,
    /// the domain in small letters. A name that is too long stays as it is.
    fn clean(&mut self) {
        let name = self.get_username();
        let most = longest::<Self>(Self::USERNAME_FIELD);
        if name.chars().count() <= most {
            let name = normalize_username(name);
            self.set_text(Self::USERNAME_FIELD, name);
        }
        if let Some(field) = Self::EMAIL_FIELD {
            let email = normalize_email(self.get_email());
            self.set_text(field, email);
        }
    }

    /// What the user logs in with.
    fn get_username(&self) -> &str {
        self.text(Self::USERNAME_FIELD).unwrap_or_default()
    }

    /// The e-mail address, or nothing.
    fn get_email(&self) -> &str {
        Self::EMAIL_FIELD.and_then(|field| self.text(field)).unwrap_or_default()
    }

    /// A message to the user's own address: Django's `email_user`, to be handed to a [`Mailer`](nuages::Mailer).
    fn email_message(&self, subject: &str, body: &str) -> EmailMessage {
        EmailMessage::new(subject, body).to(self.get_email())
    }

    /// The column of the login field.
    fn username_column() -> Column<Self, String> {
        Column::new(Self::column_name(Self::USERNAME_FIELD))
    }

    /// The column of the password.
    fn password_column() -> Column<Self, PasswordHash> {
        Column::new(Self::column_name("password"))
    }

    /// The column that says whether a user may log in; only where there is one.
    fn active_column() -> Column<Self, bool> {
        Column::new(Self::column_name("is_active"))
    }

    /// The column of the last login; only where [`HAS_LAST_LOGIN`](AbstractUser::HAS_LAST_LOGIN).
    fn last_login_column() -> Column<Self, Option<DateTime<Utc>>> {
        Column::new(Self::column_name("last_login"))
    }
}

/// How long the text of a field may be, by its column; `None` where that has no end.
pub(crate) fn max_length<U: AbstractUser>(field: &str) -> Option<usize> {
    match U::table().column(U::column_name(field))?.kind {
        Kind::Char(length) => Some(length as usize),
        _ => None,
    }
}

/// The same for a form or a search, which has to end somewhere.
pub(crate) fn longest<U: AbstractUser>(field: &str) -> usize {
    max_length::<U>(field).unwrap_or(LONGEST)
}
