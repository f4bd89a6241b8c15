//! Two-factor authentication: a code from an app on the user's phone, beside the password.
//!
//! A user turns it on at the page `two_factor`; from then on [`login`](crate::login) sends whom a password has recognised to
//! the page `login_code`, and nobody is signed in before the code was right. A site's own login view need not know of it.
//! [`two_factor_required`](crate::two_factor_required) asks for it at single pages,
//! [`AuthApp::two_factor_required`](crate::AuthApp::two_factor_required) of some users everywhere.

mod rows;
mod totp;

pub use rows::{RecoveryCodeRow, TwoFactorRow};
pub use totp::TotpKey;

use crate::AbstractUser;
use nuages::chrono::{DateTime, SubsecRound, Utc};
use nuages::db::QuerySet;
use nuages::signing::{hex, random_string};
use nuages::{Database, Model, Result};
use sha2::{Digest, Sha256};

/// Recovery codes that a user gets.
const CODES: usize = 10;
/// Letters of one, without the hyphens: 125 bits.
const CODE: usize = 25;
/// Letters that are not taken for one another.
const ALPHABET: &str = "abcdefghijkmnpqrstuvwxyz23456789";
/// Letters between two hyphens.
const GROUP: usize = 5;

/// The second factor of one user.
///
/// ```no_run
/// # use nuages::{Database, Result};
/// # use nuages_auth::AbstractUser;
/// use nuages_auth::two_factor::TwoFactor;
///
/// /// For a list of the staff.
/// async fn is_protected<U: AbstractUser>(db: &Database, user: &U) -> Result<bool> {
///     TwoFactor::of(db, user).is_on().await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct TwoFactor {
    db: Database,
    user_id: String,
}

/// By what a user has shown the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// By a code from the app.
    App,
    /// By a recovery code, which is used up.
    RecoveryCode,
}

impl TwoFactor {
    /// That of this user, who need not have one.
    pub fn of<U: AbstractUser>(db: &Database, user: &U) -> Self {
        Self { db: db.clone(), user_id: user.key().to_string() }
    }

    /// Whether the user is asked for it.
    pub async fn is_on(&self) -> Result<bool> {
        Ok(self.since().await?.is_some())
    }

    /// Since when the user is asked for it; none if it is off.
    pub async fn since(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(self.rows().first().await?.and_then(|row| row.confirmed_at))
    }

    /// The key of an app that is being set up.
    pub async fn key_to_confirm(&self) -> Result<Option<TotpKey>> {
        let row = self.rows().filter(TwoFactorRow::CONFIRMED_AT.is_null()).first().await?;
        Ok(row.map(|row| row.secret))
    }

    /// Begins to set it up, with a new key, unless it is on: then this answers `false`.
    pub async fn begin(&self) -> Result<bool> {
        self.rows().filter(TwoFactorRow::CONFIRMED_AT.is_null()).delete().await?;
        let (user_id, secret) = (self.user_id.clone(), TotpKey::random());
        let row = TwoFactorRow { user_id, secret, confirmed_at: None, last_step: 0 };
        match row.create(&self.db).await {
            Err(error) if error.is_unique_violation() => Ok(self.key_to_confirm().await?.is_some()),
            created => created.map(|_| true),
        }
    }

    /// Turns it on, if this is a code of the key that is [to be confirmed](TwoFactor::key_to_confirm), and answers the user's recovery
    /// codes, which nobody can read again.
    pub async fn confirm(&self, code: &str) -> Result<Option<Vec<String>>> {
        let now = Utc::now().trunc_subsecs(6);
        let Some(key) = self.key_to_confirm().await? else { return Ok(None) };
        let Some(step) = key.step_of(&plain(code), now) else { return Ok(None) };
        let row =
            self.rows().filter(TwoFactorRow::CONFIRMED_AT.is_null() & TwoFactorRow::SECRET.eq(key.base32()));
        let confirmed = [TwoFactorRow::CONFIRMED_AT.set(now), TwoFactorRow::LAST_STEP.set(step)];
        match row.update(confirmed).await? {
            0 => Ok(None),
            _ => self.new_recovery_codes().await.map(Some),
        }
    }

    /// Takes a code of the app, or a recovery code; none is taken twice, of two requests at the same moment one is the second.
    pub async fn take(&self, code: &str) -> Result<Option<Shown>> {
        let code = plain(code);
        let (taken, by) = match totp::is_code(&code) {
            true => (self.take_app_code(&code).await?, Shown::App),
            false => (self.take_recovery_code(&code).await?, Shown::RecoveryCode),
        };
        Ok(taken.then_some(by))
    }

    async fn take_app_code(&self, code: &str) -> Result<bool> {
        let confirmed = self.rows().filter(TwoFactorRow::CONFIRMED_AT.is_not_null());
        let Some(row) = confirmed.clone().first().await? else { return Ok(false) };
        let Some(step) = row.secret.step_of(code, Utc::now()) else { return Ok(false) };
        let unused =
            confirmed.filter(TwoFactorRow::LAST_STEP.lt(step) & TwoFactorRow::SECRET.eq(row.secret.base32()));
        Ok(unused.update([TwoFactorRow::LAST_STEP.set(step)]).await? == 1)
    }

    async fn take_recovery_code(&self, code: &str) -> Result<bool> {
        let digest = self.digest(code);
        Ok(self.codes().filter(RecoveryCodeRow::DIGEST.eq(digest)).delete().await? == 1)
    }

    /// New recovery codes, which nobody can read again; the former ones are none any more.
    pub async fn new_recovery_codes(&self) -> Result<Vec<String>> {
        let codes: Vec<_> = (0..CODES).map(|_| random_string(CODE, ALPHABET)).collect();
        let row =
            |code: &String| RecoveryCodeRow { digest: self.digest(code), user_id: self.user_id.clone() };
        let rows: Vec<_> = codes.iter().map(row).collect();
        let replace = async move |db: Database| {
            RecoveryCodeRow::objects(&db).filter(RecoveryCodeRow::USER_ID.eq(&self.user_id)).delete().await?;
            RecoveryCodeRow::objects(&db).bulk_create(rows).await
        };
        self.db.transaction(replace).await?;
        Ok(codes.iter().map(|code| grouped(code)).collect())
    }

    /// How many recovery codes are left.
    pub async fn recovery_codes_left(&self) -> Result<u64> {
        self.codes().count().await
    }

    /// Turns it off, and forgets all about it.
    pub async fn remove(&self) -> Result<bool> {
        self.codes().delete().await?;
        Ok(self.rows().delete().await? > 0)
    }

    fn rows(&self) -> QuerySet<TwoFactorRow> {
        TwoFactorRow::objects(&self.db).filter(TwoFactorRow::USER_ID.eq(&self.user_id))
    }

    fn codes(&self) -> QuerySet<RecoveryCodeRow> {
        RecoveryCodeRow::objects(&self.db).filter(RecoveryCodeRow::USER_ID.eq(&self.user_id))
    }

    fn digest(&self, code: &str) -> String {
        hex(&Sha256::digest(format!("{}\0{code}", self.user_id)))
    }
}

/// A code without what people type between its letters.
fn plain(code: &str) -> String {
    code.chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// A code as people read it: `abcde-fghij-…`.
fn grouped(code: &str) -> String {
    let groups: Vec<_> = code.as_bytes().chunks(GROUP).map(String::from_utf8_lossy).collect();
    groups.join("-")
}
