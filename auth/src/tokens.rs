//! Tokens in the links that a user gets by mail: they prove who reads the mail, and work once.
//!
//! ```
//! use nuages::{Model, Settings, chrono::Utc};
//! use nuages_auth::{AbstractUser, UserFields, tokens};
//! # #[derive(Clone, Debug, Model, AbstractUser)]
//! # #[model(app = "accounts")]
//! # pub struct User { #[model(flatten)] pub fields: UserFields }
//!
//! let (user, settings) = (User::blank(), Settings::default());
//! let token = tokens::PASSWORD_RESET.make(&user, &settings, Utc::now());
//! assert!(tokens::PASSWORD_RESET.check(&user, &token, &settings, Utc::now()));
//! assert!(!tokens::CONFIRM_EMAIL.check(&user, &token, &settings, Utc::now()));
//! ```

use crate::AbstractUser;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nuages::Settings;
use nuages::chrono::{DateTime, TimeDelta, Utc};
use nuages::db::Key;
use nuages::signing::{constant_time_eq, hex, salted_hmac};
use std::time::Duration;

/// 2001-01-01, from which Django counts. Django counts in its local time; a Django that is to read these tokens, or whose
/// tokens are to be read here, must have `TIME_ZONE = "UTC"`.
const EPOCH: i64 = 978_307_200;
/// Clocks of two servers may differ by so much.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// Digits that a time has in base 36; an `i64` holds one of twelve.
const LONGEST_TIME: usize = 12;
/// Bytes that the part of a link may have which says whose it is.
const LONGEST_UID: usize = 2048;

/// What the log says of a token that was not made for this user as the user is now.
const NOT_OURS: &str = "the token of a link is not of this user's: it was used before, or the user has changed, or it is made up";

/// Sets a new password.
pub const PASSWORD_RESET: Tokens<'static> =
    Tokens::new("django.contrib.auth.tokens.PasswordResetTokenGenerator");
/// Says that the address at sign-up is the user's own.
pub const CONFIRM_EMAIL: Tokens<'static> = Tokens::new("nuages_auth.tokens.confirm_email");
/// Says that a new address is the user's own; name it by [`about`](Tokens::about).
pub const CHANGE_EMAIL: Tokens<'static> = Tokens::new("nuages_auth.tokens.change_email");

/// Makes and checks the tokens of one purpose, as Django's `PasswordResetTokenGenerator` does, byte for byte.
///
/// A token dies by its age, and when the user's password, last login or e-mail address changes. So it works once, if what it
/// is for changes one of them; two requests that use it at the same moment are kept apart by the database: change the
/// password only where it is still the old one.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    salt: &'a str,
    about: Option<&'a str>,
    lives: Option<Duration>,
}

impl<'a> Tokens<'a> {
    /// Tokens for a purpose that this text tells from all others.
    pub const fn new(salt: &'a str) -> Self {
        Self { salt, about: None, lives: None }
    }

    /// Tokens that also hold for this text alone, such as the new address.
    pub const fn about<'b>(self, text: &'b str) -> Tokens<'b>
    where
        'a: 'b,
    {
        Tokens { about: Some(text), ..self }
    }

    /// Tokens that live so long; left out, the setting `password_reset_timeout` says it.
    pub const fn valid_for(self, lives: Duration) -> Self {
        Self { lives: Some(lives), ..self }
    }

    /// A token for this user, signed with the first of the secret keys.
    pub fn make<U: AbstractUser>(&self, user: &U, settings: &Settings, now: DateTime<Utc>) -> String {
        self.at(user, now.timestamp() - EPOCH, settings.secret_key.expose())
    }

    /// Whether the token was made for this user as the user is now, with any of the secret keys, and is neither too old nor
    /// from a time to come. One that was not is a line of the log, since somebody may have made it up (OWASP ASVS 5.0, 16.3.3).
    pub fn check<U: AbstractUser>(
        &self,
        user: &U,
        token: &str,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> bool {
        let time = token.split_once('-').and_then(|(time, _)| from_base36(time));
        let is_made = |time: &i64| {
            let is_of = |key| constant_time_eq(self.at(user, *time, key).as_bytes(), token.as_bytes());
            settings.keys().any(is_of)
        };
        let Some(time) = time.filter(is_made) else {
            tracing::warn!(purpose = self.salt, user = %user.key(), "{NOT_OURS}");
            return false;
        };
        self.is_alive(time, settings, now)
    }

    fn is_alive(&self, time: i64, settings: &Settings, now: DateTime<Utc>) -> bool {
        let lives = self.lives.unwrap_or(Duration::from_secs(settings.password_reset_timeout));
        let Some(made) = time.checked_add(EPOCH).and_then(|time| DateTime::from_timestamp(time, 0)) else {
            return false;
        };
        let age = now.signed_duration_since(made).num_seconds();
        age >= -SKEW.num_seconds() && u64::try_from(age).unwrap_or(0) <= lives.as_secs()
    }

    fn at<U: AbstractUser>(&self, user: &U, time: i64, key: &str) -> String {
        let proof = hex(&salted_hmac(self.salt, &self.state(user, time), key));
        let every_second: String = proof.chars().step_by(2).collect();
        format!("{}-{every_second}", base36(time))
    }

    /// What the token stands and falls with.
    fn state<U: AbstractUser>(&self, user: &U, time: i64) -> String {
        // Who has to log in to follow a link to a new address may do so: the address itself makes that token work once.
        let last_login = user.last_login().filter(|_| self.about.is_none());
        let last_login = last_login.map(|moment| moment.format("%Y-%m-%d %H:%M:%S").to_string());
        let last_login = last_login.unwrap_or_default();
        let (key, password, email) = (user.key(), user.password_hash().expose(), user.get_email());
        // No address has the character, so that the text cannot be taken for a part of one.
        let about = self.about.map(|text| format!("\0{text}")).unwrap_or_default();
        format!("{key}{password}{last_login}{time}{email}{about}")
    }
}

/// Says in a link whose it is: Django's `uidb64`.
pub fn uid<U: AbstractUser>(user: &U) -> String {
    in_link(&user.key().to_string())
}

/// The key of the user of a link; none if the text was not made by [`uid`].
pub fn key_of_uid<U: AbstractUser>(text: &str) -> Option<U::Key> {
    let written = from_link(text)?;
    U::Key::parse(&written).filter(|key| key.to_string() == written)
}

/// A text as it stands in a link.
pub(crate) fn in_link(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// The text that [`in_link`] wrote; none if it did not.
pub(crate) fn from_link(text: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(Some(text).filter(|text| text.len() <= LONGEST_UID)?).ok()?;
    String::from_utf8(bytes).ok()
}

fn base36(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((rest % 36) as u32, 36).unwrap_or_default());
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    let sign = if number < 0 { "-" } else { "" };
    sign.chars().chain(digits.into_iter().rev()).collect()
}

/// Reads what [`base36`] wrote of a time since the epoch; what it would not write so is none.
fn from_base36(text: &str) -> Option<i64> {
    let is_short = !text.is_empty() && text.len() <= LONGEST_TIME;
    let number = i64::from_str_radix(Some(text).filter(|_| is_short)?, 36).ok()?;
    Some(number).filter(|number| base36(*number) == text)
}
