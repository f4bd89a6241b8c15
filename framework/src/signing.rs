//! Values that come back unchanged, or not at all: signed as Django signs them, byte for byte.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

mod encoding;
mod objects;
mod python_json;
mod random;

pub use encoding::{ascii_json, base62, from_base62, hex};
pub use random::{ALPHANUMERIC, LOWER_ALPHANUMERIC, random_string};

/// Why a signed value was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// Not signed with any of the keys, or changed since.
    #[error("the signature does not match; the value was changed, or signed with another key or salt")]
    Mismatch,
    /// Signed by us, but longer ago than allowed.
    #[error("the signature is too old; ask for a new one")]
    Expired,
    /// Signed by us, but the text inside is not what was expected.
    #[error("the signed value cannot be read; sign it with the same kind of call that reads it")]
    Unreadable,
}

/// Signs values, with a salt that keeps one use of a key apart from another.
///
/// ```
/// # use nuages::signing::Signer;
/// let signer = Signer::new(["a secret key"], "newsletter");
/// assert_eq!(signer.unsign(&signer.sign("ann")), Ok("ann"));
/// assert!(signer.unsign("ann:forged").is_err());
/// ```
#[derive(Clone)]
pub struct Signer {
    /// What the log calls it: the salt, or a cookie's name.
    purpose: String,
    /// Derived from salt and key. The first signs, all of them verify.
    derived: Vec<[u8; 32]>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// A signer whose first key signs and whose every key verifies.
    ///
    /// # Panics
    /// When there is no key.
    pub fn new<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>, salt: &str) -> Self {
        let derived: Vec<_> = keys.into_iter().map(|key| derive(&[salt, "signer"], key.as_ref())).collect();
        assert!(!derived.is_empty(), "a signer needs a key");
        Self { purpose: salt.to_owned(), derived }
    }

    /// A signer for what goes into a cookie: Django derives those keys apart from all others.
    ///
    /// # Panics
    /// When there is no key.
    pub fn for_cookies<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>, salt: &str) -> Self {
        Self::new(keys.into_iter().map(|key| [b"django.http.cookies", key.as_ref()].concat()), salt)
    }

    /// Writes `value:signature`.
    pub fn sign(&self, value: &str) -> String {
        format!("{value}:{}", signature(value, &self.derived[0]))
    }

    /// The value inside, if one of the keys has signed it. If none has, the log says so, since somebody may have tried to make one (OWASP
    /// ASVS 5.0, 16.3.3).
    pub fn unsign<'s>(&self, signed: &'s str) -> Result<&'s str, BadSignature> {
        let is_signed = |(value, found): &(&str, &str)| {
            let matches = |key| constant_time_eq(found.as_bytes(), signature(value, key).as_bytes());
            self.derived.iter().any(matches)
        };
        let Some((value, _)) = signed.rsplit_once(':').filter(is_signed) else {
            tracing::warn!(purpose = self.purpose, "a bad signature: {}", BadSignature::Mismatch);
            return Err(BadSignature::Mismatch);
        };
        Ok(value)
    }

    /// Writes `value:time:signature`.
    pub fn sign_with_time(&self, value: &str, now: DateTime<Utc>) -> String {
        self.sign(&format!("{value}:{}", base62(now.timestamp())))
    }

    /// The value inside, if it was signed no longer than `max_age` ago.
    pub fn unsign_within<'s>(
        &self,
        signed: &'s str,
        max_age: Option<Duration>,
        now: DateTime<Utc>,
    ) -> Result<&'s str, BadSignature> {
        let (value, time) = self.unsign(signed)?.rsplit_once(':').ok_or(BadSignature::Unreadable)?;
        let time = from_base62(time).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let age = now - time.ok_or(BadSignature::Unreadable)?;
        let too_old = max_age.is_some_and(|max| age > TimeDelta::from_std(max).unwrap_or(TimeDelta::MAX));
        if too_old { Err(BadSignature::Expired) } else { Ok(value) }
    }
}

/// The signer of Django's `set_signed_cookie`; it also reads the salts of Django before 5.2.15.
///
/// # Panics
/// When there is no key.
pub fn cookie_signer<K: AsRef<[u8]>>(
    name: &str,
    salt: &str,
    keys: impl IntoIterator<Item = K> + Clone,
) -> Signer {
    let length = salt.chars().count();
    let mut signer =
        Signer::for_cookies(keys.clone(), &format!("django.http.cookies.v2:{length}:{salt}{name}"));
    signer.derived.extend(Signer::for_cookies(keys, &format!("{name}{salt}")).derived);
    signer.purpose = format!("cookie {name}");
    signer
}

/// HMAC-SHA256 of a value, with a key made of salt and secret.
pub fn salted_hmac(salt: &str, value: &str, secret: impl AsRef<[u8]>) -> [u8; 32] {
    hmac(&derive(&[salt], secret.as_ref()), value.as_bytes())
}

/// Compares without telling by its time where the two differ.
pub fn constant_time_eq(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

fn signature(value: &str, key: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(hmac(key, value.as_bytes()))
}

fn derive(salt: &[&str], secret: &[u8]) -> [u8; 32] {
    let salted = salt.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part));
    salted.chain_update(secret).finalize().into()
}

fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../testdata/django_vectors.json")).unwrap()
    }

    fn text<'v>(value: &'v Value, key: &str) -> &'v str {
        value[key].as_str().unwrap()
    }

    fn time(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn secret() -> String {
        text(&vectors(), "secret_key").to_owned()
    }

    const NOW: i64 = 1_700_000_000;

    #[test]
    fn salted_hmac_is_djangos() {
        let all = vectors();
        for case in all["salted_hmac"].as_array().unwrap().iter().filter(|case| case["algorithm"] == "sha256")
        {
            let found = salted_hmac(text(case, "key_salt"), text(case, "value"), secret());
            assert_eq!(hex(&found), text(case, "hex"));
        }
    }

    #[test]
    fn the_session_auth_hash_is_djangos() {
        let all = vectors();
        let salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";
        let fallback = all["secret_key_fallbacks"][0].as_str().unwrap();
        for case in all["session_auth_hash"].as_array().unwrap() {
            let password = text(case, "password_field");
            assert_eq!(hex(&salted_hmac(salt, password, secret())), text(case, "session_auth_hash"));
            assert_eq!(hex(&salted_hmac(salt, password, fallback)), case["fallback_hashes"][0]);
        }
    }

    #[test]
    fn signatures_are_djangos_and_read_back() {
        for case in vectors()["signer"].as_array().unwrap() {
            let signer = Signer::new([secret()], text(case, "salt"));
            assert_eq!(signer.sign(text(case, "value")), text(case, "signed"));
            assert_eq!(signer.unsign(text(case, "signed")), Ok(text(case, "value")));
        }
    }

    #[test]
    fn timed_signatures_are_djangos_and_read_back() {
        for case in vectors()["timestamp_signer"].as_array().unwrap() {
            let signer = Signer::new([secret()], text(case, "salt"));
            assert_eq!(signer.sign_with_time(text(case, "value"), time(NOW)), text(case, "signed"));
            let found = signer.unsign_within(text(case, "signed"), Some(Duration::ZERO), time(NOW));
            assert_eq!(found, Ok(text(case, "value")));
        }
    }

    #[test]
    fn a_signature_dies_one_moment_after_its_age() {
        let signer = Signer::new(["key"], "salt");
        let signed = signer.sign_with_time("hello", time(NOW));
        let read = |now| signer.unsign_within(&signed, Some(Duration::from_secs(10)), now);
        assert_eq!(read(time(NOW + 10)), Ok("hello"));
        assert_eq!(read(time(NOW + 10) + TimeDelta::milliseconds(1)), Err(BadSignature::Expired));
        assert_eq!(signer.unsign_within(&signed, None, time(NOW + 99_999_999)), Ok("hello"));
        assert_eq!(signer.unsign_within(&signed, Some(Duration::MAX), time(NOW + 99)), Ok("hello"));
    }

    #[test]
    fn a_changed_value_is_refused() {
        let signer = Signer::new(["key"], "salt");
        let signed = signer.sign("hello");
        for end in (0..signed.len()).filter(|end| signed.is_char_boundary(*end)) {
            assert_eq!(signer.unsign(&signed[..end]), Err(BadSignature::Mismatch));
        }
        for changed in [signed.to_uppercase(), format!("x{signed}"), format!("{signed}="), ":".into()] {
            assert_eq!(signer.unsign(&changed), Err(BadSignature::Mismatch));
        }
    }

    #[test]
    fn another_salt_or_key_is_refused() {
        let signed = Signer::new(["key"], "salt").sign("hello");
        assert!(Signer::new(["key"], "other").unsign(&signed).is_err());
        assert!(Signer::new(["other"], "salt").unsign(&signed).is_err());
    }

    #[test]
    fn an_old_key_verifies_but_does_not_sign() {
        let (old, new) = (Signer::new(["old"], "salt"), Signer::new(["new"], "salt"));
        let both = Signer::new(["new", "old"], "salt");
        assert_eq!(both.unsign(&old.sign("hello")), Ok("hello"));
        assert_eq!(both.sign("hello"), new.sign("hello"));
    }

    #[test]
    fn keys_may_be_any_bytes() {
        let signer = Signer::new([[0xff, 0xfe]], "salt");
        assert_eq!(signer.unsign(&signer.sign("hello")), Ok("hello"));
    }

    #[test]
    fn a_time_that_is_none_is_unreadable() {
        let signer = Signer::new(["key"], "salt");
        for value in ["hello", "hello:?", "hello:zzzzzzzzzz"] {
            let found = signer.unsign_within(&signer.sign(value), None, time(NOW)).map(str::to_owned);
            assert_eq!(found, Err(BadSignature::Unreadable), "{value}");
        }
    }

    #[test]
    fn json_is_written_as_django_writes_it() {
        let all = vectors();
        for case in all["dumps"].as_array().unwrap().iter().filter(|case| case["compress"] == false) {
            let signer = Signer::new([secret()], text(case, "salt"));
            assert_eq!(signer.dumps(&case["obj"], time(NOW)).unwrap(), text(case, "signed"));
            assert_eq!(signer.loads(text(case, "signed"), None, time(NOW)), Ok(case["obj"].clone()));
        }
    }

    #[test]
    fn what_django_compresses_reads_and_ours_comes_back_as_short() {
        let all = vectors();
        let dumps = all["dumps"].as_array().unwrap().iter().filter(|case| case["compress"] == true);
        for case in dumps {
            let signer = Signer::new([secret()], text(case, "salt"));
            assert_eq!(signer.loads(text(case, "signed"), None, time(NOW)), Ok(case["obj"].clone()));
            let ours = signer.dumps_compressed(&case["obj"], time(NOW)).unwrap();
            assert!(ours.starts_with('.') && ours.len() <= text(case, "signed").len() + 8, "{ours}");
            assert_eq!(signer.loads(&ours, None, time(NOW)), Ok(case["obj"].clone()));
        }
    }

    #[test]
    fn session_data_are_djangos_both_ways() {
        for case in vectors()["session_data"].as_array().unwrap() {
            let signer = Signer::new([secret()], text(case, "salt"));
            let data: Value = signer.loads(text(case, "session_data"), None, time(NOW)).unwrap();
            match text(case, "name") {
                "python_only_floats" => assert_eq!(data, json!({"nan": null, "inf": null})),
                "lone_surrogate" => assert_eq!(data, json!({"s": "\u{fffd}"})),
                _ => assert_eq!(data, serde_json::from_str::<Value>(text(case, "json")).unwrap()),
            }
            let ours = signer.dumps_compressed(&data, time(NOW)).unwrap();
            assert_eq!(signer.loads(&ours, None, time(NOW)), Ok(data));
            let is_json = serde_json::from_str::<Value>(text(case, "json")).is_ok();
            if case["compressed"] == false && is_json {
                assert_eq!(ours, text(case, "session_data"));
            }
        }
    }

    #[test]
    fn a_payload_that_would_fill_the_memory_is_not_read() {
        let signer = Signer::new([secret()], "bomb");
        let bomb = signer.dumps_compressed(&"a".repeat(10_000_000), time(NOW)).unwrap();
        assert!(bomb.len() < 100_000);
        assert_eq!(signer.loads::<Value>(&bomb, None, time(NOW)), Err(BadSignature::Unreadable));
        let deep = signer.sign_with_time(&URL_SAFE_NO_PAD.encode("[".repeat(10_000)), time(NOW));
        assert_eq!(signer.loads::<Value>(&deep, None, time(NOW)), Err(BadSignature::Unreadable));
    }

    #[test]
    fn session_data_of_django_reads_with_a_fallback_key_and_raw_utf8_as_django_reads_it() {
        let all = vectors();
        let keys = [text(&all, "secret_key"), all["secret_key_fallbacks"][0].as_str().unwrap()];
        let signer = Signer::new(keys, "django.contrib.sessions.SessionStore");
        let old = text(&all["session_data_fallback_key"], "session_data");
        assert_eq!(signer.loads(old, None, time(NOW)), Ok(json!({"n": 7})));
        let raw = &all["session_data_raw_utf8_pitfall"];
        assert_eq!(signer.loads(text(raw, "session_data"), None, time(NOW)), Ok(raw["django_reads"].clone()));
        for case in all["session_data_tampered"].as_array().unwrap() {
            assert!(signer.loads::<Value>(text(case, "session_data"), None, time(NOW)).is_err());
        }
    }

    #[test]
    fn signed_cookies_are_djangos_and_the_old_salts_still_read() {
        for case in vectors()["signed_cookie"].as_array().unwrap() {
            let signer = cookie_signer(text(case, "name"), text(case, "salt_arg"), [secret()]);
            assert_eq!(signer.sign_with_time(text(case, "value"), time(NOW)), text(case, "cookie_value"));
            for cookie in ["cookie_value", "legacy_cookie_value"] {
                assert_eq!(
                    signer.unsign_within(text(case, cookie), None, time(NOW)),
                    Ok(text(case, "value"))
                );
            }
        }
    }

    #[test]
    fn an_old_signed_cookie_is_expired_not_tried_again() {
        let signer = cookie_signer("prefs", "", ["key"]);
        let signed = signer.sign_with_time("dark", time(NOW));
        let found = signer.unsign_within(&signed, Some(Duration::from_secs(1)), time(NOW + 5));
        assert_eq!(found, Err(BadSignature::Expired));
    }

    #[test]
    fn name_and_salt_of_a_signed_cookie_cannot_be_shifted() {
        let signed = cookie_signer("ab", "c", ["key"]).sign("x");
        assert!(cookie_signer("a", "bc", ["key"]).unsign(&signed).is_err());
        assert!(cookie_signer("b", "ca", ["key"]).unsign(&signed).is_err());
    }

    #[test]
    fn cookies_of_messages_and_of_signed_sessions_are_djangos() {
        let all = vectors();
        let message = &all["messages_cookie"][0];
        let signer = Signer::for_cookies([secret()], text(message, "salt"));
        let json: Value = serde_json::from_str(text(message, "json")).unwrap();
        assert_eq!(signer.dumps(&json, time(NOW)).unwrap(), text(message, "cookie_value"));
        let session = &all["signed_cookies_session"];
        let signer = Signer::new([secret()], text(session, "salt"));
        assert_eq!(signer.dumps(&json!({"n": 1}), time(NOW)).unwrap(), text(session, "cookie_value"));
    }

    #[test]
    fn a_signer_does_not_print_its_keys() {
        assert_eq!(format!("{:?}", Signer::new(["key"], "salt")), "Signer");
    }
}
