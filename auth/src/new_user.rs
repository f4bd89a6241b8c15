//! Making users, by one set of rules for forms, commands and views.

use crate::names::{INVALID_USERNAME, is_valid_username};
use crate::passwords::Passwords;
use crate::user::max_length;
use crate::validation::ValidationError;
use crate::{AbstractUser, Flag, Invalid, PasswordHash, UserError, find_by_name};
use nuages::forms::is_email;
use nuages::{Database, Result};

/// A user to be made: Django's `create_user` and `create_superuser`.
///
/// ```no_run
/// # use nuages::{Model, RequestExt, Result};
/// # use nuages_auth::{AbstractUser, UserFields};
/// # #[derive(Clone, Debug, Model, AbstractUser)]
/// # #[model(app = "accounts")]
/// # pub struct User { #[model(flatten)] pub fields: UserFields }
/// # async fn run(request: &poem::Request) -> Result<()> {
/// use nuages_auth::{NewUser, Passwords};
///
/// let new = NewUser::<User>::new("ann").password("mauve-lantern-42").set("email", "ann@site.example");
/// let ann = new.create(&request.db(), Passwords::of(request)).await?;
/// # Ok(()) }
/// ```
#[must_use = "nobody is made until `create` is awaited"]
pub struct NewUser<U> {
    user: U,
    password: Option<String>,
    /// Fields whose text was given.
    given: Vec<&'static str>,
}

impl<U: AbstractUser> NewUser<U> {
    /// A user with this login name, active, and without a password to log in with.
    pub fn new(name: &str) -> Self {
        Self { user: U::blank(), password: None, given: Vec::new() }.set(U::USERNAME_FIELD, name)
    }

    /// The password.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The text of a field; the model has it.
    pub fn set(mut self, field: &str, text: impl Into<String>) -> Self {
        if self.user.set_text(field, text.into()) {
            let known = U::TEXT_FIELDS.iter().copied().find(|name| *name == field);
            self.given.extend(known.filter(|name| !self.given.contains(name)));
            self.user.clean();
        }
        self
    }

    /// May do everything, and use the pages for the staff.
    pub fn superuser(mut self) -> Self {
        self.user.set_flag(Flag::Superuser, true);
        self.user.set_flag(Flag::Staff, true);
        self
    }

    /// Sets a flag: `.flag(Flag::Active, false)`.
    pub fn flag(mut self, flag: Flag, on: bool) -> Self {
        self.user.set_flag(flag, on);
        self
    }

    /// Looks for all that keeps the user from being made.
    ///
    /// # Errors
    /// [`UserError::Invalid`]: a login name that is none, or too long, or taken, in any case of letters; an e-mail address that
    /// is none; text that does not fit its field; a password that breaks the site's rules.
    pub async fn check(&self, db: &Database, passwords: &Passwords) -> Result<(), UserError> {
        let mut faults: Vec<_> = self.given.iter().filter_map(|field| self.fault(field)).collect();
        let name_is_good = !faults.iter().any(|(field, _)| *field == U::USERNAME_FIELD);
        if name_is_good && find::<U>(db, passwords, self.user.get_username()).await?.is_some() {
            faults.push(taken::<U>());
        }
        let broken = self.password.iter().filter_map(|password| passwords.check(password, &self.user).err());
        for broken in broken {
            faults.extend(broken.errors().map(|(field, fault)| (field, fault.clone())));
        }
        Ok(Invalid::new(faults).into_result()?)
    }

    /// Makes the user, if there is nothing wrong with it.
    ///
    /// # Errors
    /// As [`check`](NewUser::check), also if somebody takes the name at the same moment.
    pub async fn create(self, db: &Database, passwords: &Passwords) -> Result<U, UserError> {
        self.check(db, passwords).await?;
        let name = self.user.get_username().to_owned();
        match self.create_unchecked(db, passwords).await {
            Err(error) if error.is_unique_violation() => match find(db, passwords, &name).await {
                Ok(Some::<U>(_)) => Err(Invalid::new([taken::<U>()]).into()),
                // Another field was not unique; or a transaction that the database has given up answers nothing any more.
                _ => Err(error.into()),
            },
            outcome => Ok(outcome?),
        }
    }

    /// Makes the user with whatever name and password were given: for tests, and for data that comes from elsewhere.
    ///
    /// # Errors
    /// What the database says, such as a unique violation if the name is taken.
    pub async fn create_unchecked(mut self, db: &Database, passwords: &Passwords) -> Result<U> {
        let hash = match &self.password {
            Some(password) => passwords.make(password).await?,
            None => PasswordHash::unusable(),
        };
        self.user.set_password_hash(hash);
        let user = self.user.create(db).await?;
        self.password.iter().for_each(|password| passwords.changed(password, &user));
        Ok(user)
    }

    pub(crate) fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// What is wrong with the text of a field, if anything.
    fn fault(&self, field: &'static str) -> Option<(&'static str, ValidationError)> {
        let text = self.user.text(field).unwrap_or_default();
        let (is_name, is_mailbox) = (field == U::USERNAME_FIELD, U::EMAIL_FIELD == Some(field));
        let most = max_length::<U>(field);
        let fault = match text {
            "" if is_name => ValidationError::new("required", "This field is required."),
            "" => return None,
            text if text.contains('\0') => {
                ValidationError::new("null_characters_not_allowed", "Null characters are not allowed.")
            }
            text if most.is_some_and(|most| text.chars().count() > most) => {
                let most = most.unwrap_or_default();
                let text = format!("Ensure this value has at most {most} characters.");
                ValidationError::new("max_length", text)
            }
            text if is_mailbox && !is_email(text) => {
                ValidationError::new("invalid", "Enter a valid email address.")
            }
            text if is_name && !is_mailbox && !is_valid_username(text) => {
                ValidationError::new("invalid", INVALID_USERNAME)
            }
            _ => return None,
        };
        Some((field, fault))
    }
}

async fn find<U: AbstractUser>(db: &Database, passwords: &Passwords, name: &str) -> Result<Option<U>> {
    find_by_name(db, passwords.settings(), name).await
}

fn taken<U: AbstractUser>() -> (&'static str, ValidationError) {
    let text = format!("A user with that {} already exists.", U::USERNAME_FIELD.replace('_', " "));
    (U::USERNAME_FIELD, ValidationError::new("unique", text))
}
