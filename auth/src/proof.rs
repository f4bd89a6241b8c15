//! A session's proof of the password that it began with: it fails once the password is changed.

use crate::AbstractUser;
use nuages::Settings;
use nuages::signing::{constant_time_eq, hex, salted_hmac};

/// The name under which the session keeps it; Django's.
pub(crate) const NAME: &str = "_auth_user_hash";
const SALT: &str = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";

/// Django's `get_session_auth_hash`.
pub(crate) fn of<U: AbstractUser>(user: &U, secret_key: &str) -> String {
    hex(&salted_hmac(SALT, user.password_hash().expose(), secret_key))
}

/// Which of the site's keys a proof was made with, if it is one of the user's password of today: 0 is the key that signs.
pub(crate) fn key_of<U: AbstractUser>(user: &U, settings: &Settings, found: &str) -> Option<usize> {
    settings.keys().position(|key| constant_time_eq(of(user, key).as_bytes(), found.as_bytes()))
}
