//! Codes by time, as authenticator apps make them: TOTP (RFC 6238) with SHA-1, six digits and 30 seconds, which all apps know.

use crate::hidden::hidden_text;
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use nuages::chrono::{DateTime, Utc};
use nuages::signing::{constant_time_eq, random_string};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;

/// Seconds that a code lives.
const STEP: i64 = 30;
/// Steps by which a phone's clock may be off, and a slow typist late (RFC 6238, 5.2).
const DRIFT: i64 = 1;
/// Digits of a code.
const DIGITS: usize = 6;
/// The letters of base 32 (RFC 4648, 6).
const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Bytes below which a key is none (RFC 4226, R6).
const SHORTEST: usize = 16;
/// Letters of a key: 160 bits, as long as what SHA-1 gives (RFC 4226, 4).
const LENGTH: usize = 32;

/// The key that a site shares with a user's authenticator app. It neither prints nor serialises.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpKey(String);

impl TotpKey {
    pub(super) fn random() -> Self {
        Self(random_string(LENGTH, ALPHABET))
    }

    /// The key that a site shows: for a test or a program that takes the app's place. None if it is no base 32, or too short.
    pub fn from_base32(text: &str) -> Option<Self> {
        let key = Self(text.chars().filter(|letter| *letter != ' ').collect());
        key.bytes().map(|_| key)
    }

    /// The key in base 32, as an app takes it when it is typed.
    pub fn base32(&self) -> &str {
        &self.0
    }

    /// The code of a moment.
    pub fn code(&self, at: DateTime<Utc>) -> String {
        self.code_of(step(at)).unwrap_or_default()
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        BASE32_NOPAD.decode(self.0.as_bytes()).ok().filter(|key| key.len() >= SHORTEST)
    }

    /// The link by which a phone's app takes the key, and what the QR code says.
    pub fn uri(&self, site: &str, account: &str) -> String {
        let [site, account] = [site, account].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
        format!("otpauth://totp/{site}:{account}?secret={}&issuer={site}", self.0)
    }

    /// The step that a code belongs to, of those that may be typed now; none if it is no code of this key.
    pub(super) fn step_of(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let around = (step(now) - DRIFT)..=(step(now) + DRIFT);
        let is_code = |right: String| constant_time_eq(right.as_bytes(), code.as_bytes());
        let fits = |step: &i64| self.code_of(*step).is_some_and(is_code);
        // All are compared, whichever fits.
        let fitting: Vec<_> = around.filter(fits).collect();
        fitting.last().copied()
    }

    /// RFC 4226, 5.3: the dynamic truncation. A key that cannot be read has no codes, so that nobody guesses them.
    fn code_of(&self, step: i64) -> Option<String> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.bytes()?).ok()?;
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest[digest.len() - 1] & 15);
        let number = digest[offset..offset + 4].iter().fold(0u32, |all, byte| all << 8 | u32::from(*byte));
        Some(format!("{:0DIGITS$}", (number & 0x7fff_ffff) % 10u32.pow(DIGITS as u32)))
    }
}

fn step(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(STEP)
}

/// Whether a text may be a code, rather than something longer.
pub(super) fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

hidden_text!(TotpKey, LENGTH as u32);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// RFC 6238, appendix B, whose codes have eight digits: the last six are the same.
    #[test]
    fn codes_are_those_of_the_standard() {
        let key = TotpKey(BASE32_NOPAD.encode(b"12345678901234567890"));
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(key.code(at(seconds)), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_may_be_a_step_early_or_late_and_no_more() {
        let (key, now) = (TotpKey::random(), at(1_000_000_020));
        let typed = |seconds: i64| key.step_of(&key.code(at(now.timestamp() + seconds)), now);
        assert_eq!(typed(0), Some(step(now)));
        assert_eq!((typed(-30), typed(30)), (Some(step(now) - 1), Some(step(now) + 1)));
        assert_eq!((typed(-60), typed(60)), (None, None));
        assert_eq!(key.step_of("", now), None);
        for broken in ["", "!", "JBSWY3DPEHPK3PXP"] {
            assert_eq!(
                TotpKey(broken.into()).step_of(&TotpKey(broken.into()).code(now), now),
                None,
                "{broken}"
            );
            assert_eq!(TotpKey::from_base32(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_key_is_told_to_an_app_and_to_nobody_else() {
        let key = TotpKey("JBSWY3DPEHPK3PXP".into());
        let uri =
            "otpauth://totp/Minor%20Swing:ann%40x%2Eexample?secret=JBSWY3DPEHPK3PXP&issuer=Minor%20Swing";
        assert_eq!(key.uri("Minor Swing", "ann@x.example"), uri);
        assert_eq!(format!("{key:?}"), "[redacted]");
        assert_eq!(TotpKey::random().base32().len(), LENGTH);
    }
}
