//! The tables of second factors.

use super::TotpKey;
use nuages::Model;
use nuages::chrono::{DateTime, Utc};

/// The authenticator app of a user.
#[derive(Clone, Debug, Model)]
#[model(app = "auth", table = "auth_two_factor", default_permissions())]
pub struct TwoFactorRow {
    /// The user's key as text.
    #[model(max_length = 64, primary_key)]
    pub user_id: String,
    /// What the app and the site share.
    pub secret: TotpKey,
    /// When the user has shown that the app has it; before that it is asked for nowhere.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The step of the last code that was taken: none is taken twice (RFC 6238, 5.2).
    pub last_step: i64,
}

/// A recovery code that was not used yet.
#[derive(Clone, Debug, Model)]
#[model(app = "auth", table = "auth_recovery_code", default_permissions())]
pub struct RecoveryCodeRow {
    /// SHA-256 of the code and whose it is. It has 125 bits that nobody can guess, so no slow hash is needed (OWASP ASVS 5.0, 6.5.2).
    #[model(max_length = 64, primary_key)]
    pub digest: String,
    /// The user's key as text.
    #[model(max_length = 64, index)]
    pub user_id: String,
}
