//! So many attempts, and no more: per account and per network, counted before a password is looked at (OWASP ASVS 5.0, 6.3.1).

mod attempts;
mod database;
mod device;
#[cfg(feature = "redis")]
mod redis;

pub use attempts::{Attempts, Tally};
pub use database::{AttemptRow, DatabaseAttempts};
pub use device::KnownDevice;
#[cfg(feature = "redis")]
pub use redis::RedisAttempts;

use nuages::{Database, Error, RequestExt, Result, Settings};
use poem::Request;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The limits of a site, and where attempts are counted. A clone is the same one.
#[derive(Clone)]
pub struct Throttle {
    attempts: Arc<dyn Attempts>,
    settings: Arc<Settings>,
}

/// Who attempts something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempter {
    network: Option<IpAddr>,
    device: Option<KnownDevice>,
}

/// An attempt that was counted and let through.
#[must_use = "an attempt that was right is to be forgiven"]
pub(crate) struct Counted {
    throttle: Throttle,
    account: String,
    network: Option<String>,
}

impl Throttle {
    /// The throttle of a site: `throttle_store` says where it counts.
    ///
    /// # Errors
    /// [`Error::NotReady`] if a setting that it needs is wrong or missing, or `nuages-auth` is built without what it needs.
    pub fn from_settings(settings: &Arc<Settings>, db: &Database) -> Result<Self> {
        let attempts: Arc<dyn Attempts> = match settings.throttle_in_redis() {
            #[cfg(feature = "redis")]
            true => Arc::new(RedisAttempts::new(settings)?),
            #[cfg(not(feature = "redis"))]
            true => {
                let text = "THROTTLE_STORE needs Redis, and this site is built without it; add the feature `redis` to `nuages-auth` in Cargo.toml";
                return Err(Error::NotReady(text.into()));
            }
            false => Arc::new(DatabaseAttempts::new(db.clone())),
        };
        Ok(Self { attempts, settings: Arc::clone(settings) })
    }

    /// Counts an attempt at an account, which need not exist: the answer is the same.
    ///
    /// Whoever comes with a device that the account's owner has used before has a count of their own, so that nobody can lock them
    /// out.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] past the limit.
    pub(crate) async fn count(&self, action: &str, account: &str, who: &Attempter) -> Result<Counted> {
        let account = account.to_lowercase();
        let known = who.device.as_ref().filter(|device| device.knows(&account));
        let (subject, network) = match known {
            Some(device) => (key(&[action, "device", &account, device.id()]), None),
            None => (key(&[action, "account", &account]), who.network.map(|ip| self.network(action, ip))),
        };
        if let Some(network) = &network {
            self.add(network, self.settings.throttle_per_network).await?;
        }
        self.add(&subject, self.settings.throttle_per_account).await?;
        Ok(Counted { throttle: self.clone(), account: subject, network })
    }

    /// Counts an attempt that is at no account.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] past the network's limit.
    pub(crate) async fn count_from_network(&self, action: &str, who: &Attempter) -> Result<()> {
        match who.network {
            Some(address) => {
                self.add(&self.network(action, address), self.settings.throttle_per_network).await
            }
            None => Ok(()),
        }
    }

    async fn add(&self, key: &str, limit: u32) -> Result<()> {
        if limit == 0 {
            return Ok(());
        }
        let window = Duration::from_secs(self.settings.throttle_window);
        let tally = self.attempts.add(key, window).await?;
        match tally.count > u64::from(limit) {
            true => Err(Error::TooManyRequests(tally.seconds_left.max(1))),
            false => Ok(()),
        }
    }

    fn network(&self, action: &str, address: IpAddr) -> String {
        key(&[action, "network", &network_of(address)])
    }

    /// Forgets what was attempted at an account: `unlock`.
    pub(crate) async fn unlock(&self, action: &str, account: &str) -> Result<()> {
        self.attempts.forget(&key(&[action, "account", &account.to_lowercase()])).await
    }

    pub(crate) fn attempts(&self) -> &Arc<dyn Attempts> {
        &self.attempts
    }
}

impl Attempter {
    pub(crate) fn of(request: &Request) -> Self {
        Self { network: request.client_ip(), device: KnownDevice::of(request) }
    }
}

impl Counted {
    /// The attempt was right: the account's are forgotten, and the network's is one less.
    pub(crate) async fn forgive(self) -> Result<()> {
        let (attempts, settings) = (&self.throttle.attempts, &self.throttle.settings);
        if settings.throttle_per_account > 0 {
            attempts.forget(&self.account).await?;
        }
        match self.network {
            Some(network) if settings.throttle_per_network > 0 => attempts.take_back(&network).await,
            _ => Ok(()),
        }
    }
}

/// What is counted under: nobody can tell names and addresses by it.
fn key(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    nuages::signing::hex(&Sha256::digest(parts.join("\0")))
}

/// The network of an address: of IPv6 the first 64 bits, of which a household has at least so many (RFC 6177).
fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x}/64", u128::from(address) >> 64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_a_household() {
        let of = |address: &str| network_of(address.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!((of("::ffff:1.2.3.4"), of("1.2.3.4")), ("1.2.3.4".into(), "1.2.3.4".into()));
    }
}
