//! A device that was logged in from before, by a signed cookie: whose owner an attacker elsewhere must not lock out.

use nuages::RequestExt;
use nuages::cookies::SetCookie;
use nuages::signing::{ALPHANUMERIC, random_string};
use poem::Request;
use sha2::{Digest, Sha256};
use std::time::Duration;

const COOKIE: &str = "known_device";
const SALT: &str = "nuages_auth.throttle";
/// How long a device is known after its last login.
const AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Names of accounts that one device is known to.
const ACCOUNTS: usize = 8;

/// The device that a request comes from, and the accounts that have logged in from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDevice {
    id: String,
    accounts: Vec<String>,
}

impl KnownDevice {
    /// The device, if somebody has logged in from it.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        Self::read(&request.signed_cookie(COOKIE, SALT, Some(AGE))?)
    }

    /// The same device, or a new one, as this account's too, under each name that its owner may log in by; with the cookie to send.
    pub(crate) fn cookie<'n>(request: &Request, names: impl IntoIterator<Item = &'n str>) -> SetCookie {
        let device = Self::of(request).unwrap_or_else(Self::new);
        let device = names.into_iter().fold(device, Self::with);
        request.new_signed_cookie(COOKIE, &device.text(), SALT).max_age(AGE)
    }

    fn new() -> Self {
        Self { id: random_string(22, ALPHANUMERIC), accounts: Vec::new() }
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.split('.').map(str::to_owned);
        Some(Self { id: words.next()?, accounts: words.collect() })
    }

    fn text(&self) -> String {
        std::iter::once(&self.id).chain(&self.accounts).cloned().collect::<Vec<_>>().join(".")
    }

    fn with(mut self, account: &str) -> Self {
        let account = fingerprint(&account.to_lowercase());
        self.accounts.retain(|known| *known != account);
        self.accounts.insert(0, account);
        self.accounts.truncate(ACCOUNTS);
        self
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether this account, in small letters, has logged in from it.
    pub(crate) fn knows(&self, account: &str) -> bool {
        self.accounts.contains(&fingerprint(account))
    }
}

/// 64 bits are enough to tell accounts of one device apart.
fn fingerprint(account: &str) -> String {
    nuages::signing::hex(&Sha256::digest(account)[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_knows_the_accounts_that_logged_in_last() {
        let device = ["Ann", "bob", "c", "d", "e", "f", "g", "h", "i"]
            .iter()
            .fold(KnownDevice::new(), |device, name| device.with(name));
        let again = KnownDevice::read(&device.text()).unwrap();
        assert_eq!(again, device);
        assert!(again.knows("f") && again.knows("bob") && !again.knows("ann"));
        assert!(again.with("ANN").knows("ann"));
    }
}
