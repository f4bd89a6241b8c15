//! A session's proof of the password that it began with: it fails once the password is changed.

use crate::AbstractUser;
use nuages::signing::{hex, salted_hmac};

/// The name under which the session keeps it; Django's.
pub(crate) const NAME: &str = "_auth_user_hash";
const SALT: &str = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";

/// Django's `get_session_auth_hash`.
pub(crate) fn of<U: AbstractUser>(user: &U, secret_key: &str) -> String {
    hex(&salted_hmac(SALT, user.password_hash().expose(), secret_key))
}
