//! A site's passwords: which are good enough, how they are stored, and how they are checked.

use crate::hash_pool::{HashPool, LONGEST_PASSWORD, PoolError};
use crate::hashers::PasswordHashers;
use crate::validation::{self, Attributes, PasswordValidator, ValidationError, Validators};
use crate::{AbstractUser, Invalid, PasswordHash, UserError};
use nuages::{Database, Error, RequestExt, Result, SessionStoreKind, Settings};
use poem::Request;
use std::fmt;
use std::sync::Arc;

/// The field that a fault of a password is about.
pub(crate) const PASSWORD: &str = "password";

/// The hashers and validators of a site. A clone is the same ones.
///
/// In a view they are at [`Passwords::of`]; a command makes them from its settings.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use nuages::Settings;
/// use nuages_auth::{Passwords, validation::Attributes};
/// use std::sync::Arc;
///
/// let passwords = Passwords::from_settings(&Arc::new(Settings::default()))?;
/// let faults = passwords.validate("password1", &Attributes::default()).unwrap_err();
/// assert_eq!(faults[0].message, "This password is too common.");
/// let hash = passwords.make("mauve-lantern-42").await?;
/// assert!(passwords.verify("mauve-lantern-42", &hash).await?);
/// # Ok::<(), nuages::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    pool: HashPool,
    validators: Validators,
    settings: Arc<Settings>,
}

impl Passwords {
    /// As the settings `password_hashers` and `auth_password_validators` say. A site whose [`AuthApp`](crate::AuthApp) has
    /// validators of its own asks [`AuthApp::passwords`](crate::AuthApp::passwords) instead.
    ///
    /// # Errors
    /// [`Error::NotReady`] if a setting names what is not there.
    pub fn from_settings(settings: &Arc<Settings>) -> Result<Self> {
        Choices::default().passwords(settings)
    }

    /// The site's, in a view.
    ///
    /// # Panics
    /// If the auth app is not among the site's apps.
    pub fn of(request: &Request) -> &Self {
        request.provided()
    }

    /// Checks a password against every rule; all that it breaks are told.
    pub fn validate(&self, password: &str, user: &Attributes) -> Result<(), Vec<ValidationError>> {
        if password.len() > LONGEST_PASSWORD {
            return Err(vec![ValidationError::new("password_too_long", PoolError::TooLong.to_string())]);
        }
        let broken = self.0.validators.iter().filter_map(|rule| rule.validate(password, user).err());
        let broken: Vec<_> = broken.collect();
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    }

    /// The rules as sentences, for a form.
    pub fn help_texts(&self) -> Vec<String> {
        self.0.validators.iter().map(|rule| rule.help_text()).collect()
    }

    /// Hashes a password, good enough or not.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for more than 4096 bytes, [`Error::Unavailable`] if too many are waiting.
    pub async fn make(&self, password: &str) -> Result<PasswordHash> {
        Ok(PasswordHash::new(self.0.pool.make(password.to_owned()).await?))
    }

    /// Whether it is the password of this hash.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if too many are waiting.
    pub async fn verify(&self, password: &str, hash: &PasswordHash) -> Result<bool> {
        Ok(self.0.pool.verify(password.to_owned(), hash.expose().to_owned()).await?.correct)
    }

    /// Stores a new password for a user; all of the user's sessions end with it. In a view it is
    /// [`set_password`](crate::set_password), which lets the one that asked go on.
    ///
    /// # Errors
    /// [`UserError::Invalid`] if the password breaks a rule.
    pub async fn set<U: AbstractUser>(
        &self,
        db: &Database,
        user: &mut U,
        password: &str,
    ) -> Result<(), UserError> {
        self.check(password, user)?;
        Ok(self.set_unchecked(db, user, password).await?)
    }

    /// As [`set`](Passwords::set), for any password.
    pub async fn set_unchecked<U: AbstractUser>(
        &self,
        db: &Database,
        user: &mut U,
        password: &str,
    ) -> Result<()> {
        user.set_password_hash(self.make(password).await?);
        write(db, user, None).await?;
        self.changed(password, user);
        Ok(())
    }

    /// As [`set_unchecked`](Passwords::set_unchecked), unless the password was changed since the user was loaded: then `false`.
    pub(crate) async fn replace<U: AbstractUser>(
        &self,
        db: &Database,
        user: &mut U,
        password: &str,
    ) -> Result<bool> {
        let old = user.password_hash().expose().to_owned();
        user.set_password_hash(self.make(password).await?);
        let is_written = write(db, user, Some(&old)).await?;
        if is_written {
            self.changed(password, user);
        }
        Ok(is_written)
    }

    /// How many passwords were hashed or checked with these hashers since the process began.
    pub fn hashes(&self) -> u64 {
        self.0.pool.hashes()
    }

    /// What a user's new password breaks, as faults of the field `password`.
    pub(crate) fn check<U: AbstractUser>(&self, password: &str, user: &U) -> Result<(), Invalid> {
        let broken = self.validate(password, &Attributes::of(user)).err().unwrap_or_default();
        Invalid::new(broken.into_iter().map(|fault| (PASSWORD, fault))).into_result()
    }

    /// Tells the rules of a password that is stored.
    pub(crate) fn changed<U: AbstractUser>(&self, password: &str, user: &U) {
        let user = Attributes::of(user);
        self.0.validators.iter().for_each(|rule| rule.password_changed(password, &user));
    }

    pub(crate) fn pool(&self) -> &HashPool {
        &self.0.pool
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Whether a hash may be written anew at login. A Django beside this site would sign out whom it finds with one, so
    /// there it needs a list of hashers that somebody has chosen.
    pub(crate) fn may_upgrade(&self) -> bool {
        let settings = self.settings();
        settings.session_store != SessionStoreKind::Django || !settings.password_hashers.is_empty()
    }
}

impl Default for Passwords {
    /// As a site has them that chooses nothing: for tests.
    fn default() -> Self {
        Self::from_settings(&Arc::default()).expect("the defaults are there")
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").field("rules", &self.help_texts()).finish_non_exhaustive()
    }
}

/// Writes the hash that a user has now; if one is given, only where that one still stands. Says whether it was written.
pub(crate) async fn write<U: AbstractUser>(db: &Database, user: &U, old: Option<&str>) -> Result<bool> {
    let row = U::objects(db).filter(U::has_key(user.key()));
    let row = match old {
        Some(old) => row.filter(U::password_column().eq(old)),
        None => row,
    };
    Ok(row.update([U::password_column().set(user.password_hash().expose())]).await? > 0)
}

/// What a site says in its code about passwords.
#[derive(Clone, Default)]
pub(crate) struct Choices {
    pub(crate) hashers: Option<PasswordHashers>,
    pub(crate) validators: Vec<Arc<dyn PasswordValidator>>,
}

impl Choices {
    /// These, and what the settings say; of hashers, the settings win.
    pub(crate) fn passwords(&self, settings: &Arc<Settings>) -> Result<Passwords> {
        let rules = validation::from_names(&settings.auth_password_validators, &settings.site_name)
            .map_err(|error| Error::NotReady(format!("AUTH_PASSWORD_VALIDATORS: {error}")))?;
        let validators = rules.iter().chain(&self.validators).cloned().collect();
        let pool = HashPool::of(self.hashers(settings)?);
        Ok(Passwords(Arc::new(Inner { pool, validators, settings: Arc::clone(settings) })))
    }

    fn hashers(&self, settings: &Settings) -> Result<PasswordHashers> {
        if settings.password_hashers.is_empty() {
            return Ok(self.hashers.clone().unwrap_or_default());
        }
        let hashers = PasswordHashers::from_names(&settings.password_hashers);
        hashers.map_err(|error| Error::NotReady(format!("PASSWORD_HASHERS: {error}")))
    }
}
