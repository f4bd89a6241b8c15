//! Finding users, and making them.

use crate::hash_pool::HashPool;
use crate::names::{normalize_email, normalize_username};
use crate::{AbstractUser, Flag, PasswordHash};
use nuages::{Database, Result, Settings};

/// The user of this login name, in any case unless the settings say that case matters.
pub async fn find_by_name<U: AbstractUser>(
    db: &Database,
    settings: &Settings,
    name: &str,
) -> Result<Option<U>> {
    let name = normalize_username(name);
    if settings.username_case_sensitive {
        return U::objects(db).filter(U::username_column().eq(name)).first().await;
    }
    let column = U::username_column();
    let any_case = column.iexact(&name) | column.eq(name.as_str());
    let found = U::objects(db).filter(any_case).all().await?;
    // An adopted table may have `Ann` beside `ann`: then the one spelled so.
    let spelled_so = found.iter().position(|user| user.get_username() == name);
    Ok(found.into_iter().nth(spelled_so.unwrap_or(0)))
}

/// A user to be made.
///
/// ```no_run
/// # use nuages::{Database, Model, Result};
/// # use nuages_auth::{AbstractUser, UserFields};
/// # #[derive(Clone, Debug, Model, AbstractUser)]
/// # #[model(app = "accounts")]
/// # pub struct User { #[model(flatten)] pub fields: UserFields }
/// # async fn run(db: Database) -> Result<()> {
/// use nuages_auth::NewUser;
///
/// let ann = NewUser::<User>::new("ann").password("a long password").set("email", "ann@site.example").create(&db).await?;
/// # Ok(()) }
/// ```
#[must_use = "nobody is made until `create` is awaited"]
pub struct NewUser<U> {
    user: U,
    password: Option<String>,
}

impl<U: AbstractUser> NewUser<U> {
    /// A user with this login name, active, and without a password to log in with.
    pub fn new(name: &str) -> Self {
        let mut user = U::blank();
        user.set_text(U::USERNAME_FIELD, normalize_username(name));
        Self { user, password: None }
    }

    /// The password. It is not validated here: forms and commands do that.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The text of a field.
    pub fn set(mut self, field: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        let is_email = U::EMAIL_FIELD == Some(field);
        self.user.set_text(field, if is_email { normalize_email(&text) } else { text });
        self
    }

    /// May do everything, and use the pages for the staff.
    pub fn superuser(mut self) -> Self {
        self.user.set_flag(Flag::Superuser, true);
        self.user.set_flag(Flag::Staff, true);
        self
    }

    /// Makes the user.
    ///
    /// # Errors
    /// A unique violation if the name is taken.
    pub async fn create(self, db: &Database) -> Result<U> {
        self.create_with(db, &HashPool::shared()).await
    }

    pub(crate) async fn create_with(mut self, db: &Database, pool: &HashPool) -> Result<U> {
        let hash = match self.password {
            Some(password) => PasswordHash::new(pool.make(password).await?),
            None => PasswordHash::unusable(),
        };
        self.user.set_password_hash(hash);
        self.user.create(db).await
    }
}
