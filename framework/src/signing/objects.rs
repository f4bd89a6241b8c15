//! Values as signed JSON: Django's `signing.dumps` and `loads`.

use super::python_json::to_json;
use super::{BadSignature, Signer, ascii_json};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// zlib's default, which Django uses.
const ZLIB_LEVEL: u8 = 6;
/// The most that a compressed value may hold; a session that large would be a mistake.
const MOST_BYTES: usize = 4 * 1024 * 1024;

impl Signer {
    /// Writes anything as JSON, safe in a URL, with time and signature; Django's `signing.loads` reads it.
    pub fn dumps<T: Serialize + ?Sized>(&self, value: &T, now: DateTime<Utc>) -> serde_json::Result<String> {
        Ok(self.sign_with_time(&URL_SAFE_NO_PAD.encode(ascii_json(value)?), now))
    }

    /// The same, compressed if that is shorter: Django's `signing.dumps(…, compress=True)`.
    ///
    /// zlib's streams are read by everyone and differ from program to program, so the bytes are not those that Django would write.
    pub fn dumps_compressed<T: Serialize + ?Sized>(
        &self,
        value: &T,
        now: DateTime<Utc>,
    ) -> serde_json::Result<String> {
        let json = ascii_json(value)?;
        let text = match compressed(&json) {
            Some(short) => format!(".{}", URL_SAFE_NO_PAD.encode(short)),
            None => URL_SAFE_NO_PAD.encode(json),
        };
        Ok(self.sign_with_time(&text, now))
    }

    /// Reads what [`Signer::dumps`] or Django's `signing.dumps` has written.
    pub fn loads<T: DeserializeOwned>(
        &self,
        signed: &str,
        max_age: Option<Duration>,
        now: DateTime<Utc>,
    ) -> Result<T, BadSignature> {
        let payload = self.unsign_within(signed, max_age, now)?;
        let bytes = decode(payload).ok_or(BadSignature::Unreadable)?;
        // Django reads these bytes as latin-1, so a byte is a character.
        let json: String = bytes.into_iter().map(char::from).collect();
        let read = serde_json::from_str(&json).or_else(|_| serde_json::from_str(&to_json(&json)));
        read.map_err(|_| BadSignature::Unreadable)
    }
}

/// The bytes of a payload. A dot in front says that they are compressed; what would grow past [`MOST_BYTES`] is not read.
fn decode(payload: &str) -> Option<Vec<u8>> {
    match payload.strip_prefix('.') {
        None => URL_SAFE_NO_PAD.decode(payload).ok(),
        Some(payload) => {
            let bytes = URL_SAFE_NO_PAD.decode(payload).ok()?;
            decompress_to_vec_zlib_with_limit(&bytes, MOST_BYTES).ok()
        }
    }
}

/// Django's rule: only what gets shorter by more than the dot in front.
fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let short = compress_to_vec_zlib(bytes, ZLIB_LEVEL);
    (short.len() < bytes.len().saturating_sub(1)).then_some(short)
}
