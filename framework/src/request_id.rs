//! The id of a request: in its answer, and in every line of the log that is written while it is served (OWASP ASVS 5.0, 16.2.1).

use crate::layer::Next;
use crate::log::{self, RequestId};
use crate::proxies;
use crate::settings::{IpNet, Settings};
use poem::Request;
use poem::http::{HeaderName, HeaderValue};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of an id that a proxy gives.
const LONGEST: usize = 64;

/// Gives each request an id, which all lines of the log have that are written for it: our own log asks for it, another one is told by a span.
/// It is around all layers, so that a panic in one of them is told with it too.
pub(crate) fn around(settings: &Settings, next: Next) -> Next {
    let trusted = settings.trusted_proxies.clone();
    Next::new(move |mut request| {
        let id = RequestId::given(&request, &trusted).unwrap_or_else(RequestId::new);
        request.extensions_mut().insert(id.clone());
        // The way inwards runs here, the way outwards when it is waited for.
        let answer = log::serving(id.clone(), || next.run(request));
        async move {
            let mut response = answer.await;
            if let Ok(value) = HeaderValue::from_str(&id.0) {
                response.headers_mut().entry(HEADER).or_insert(value);
            }
            response
        }
    })
}

impl RequestId {
    /// The id of this request.
    ///
    /// # Panics
    /// If the request did not come through the framework's handler.
    pub(crate) fn of(request: &Request) -> &str {
        let id: &Self = request.extensions().get().expect("the handler gives each request its id");
        &id.0
    }

    /// A new one. It need not be a secret, only no other's, so the system is asked for randomness once and not for each request.
    fn new() -> Self {
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = KEY.hash_one(COUNT.fetch_add(1, Ordering::Relaxed));
        Self(format!("{number:016x}").into())
    }

    /// The one that the request came with, if a trusted proxy has sent it and it can do no harm in a log.
    fn given(request: &Request, trusted: &[IpNet]) -> Option<Self> {
        let mut sent = request.headers().get_all(HEADER).iter();
        let (Some(id), None) = (sent.next(), sent.next()) else { return None };
        let id = id.to_str().ok().filter(|id| is_plain(id))?;
        proxies::is_from(request, trusted).then(|| Self(id.into()))
    }
}

fn is_plain(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=LONGEST).contains(&id.len()) && id.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn an_id_is_short_and_no_other_request_has_it() {
        let ids: HashSet<_> = (0..10_000).map(|_| RequestId::new().0).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 16 && is_plain(id)));
    }

    #[test]
    fn an_id_from_outside_is_short_and_plain() {
        for good in ["a", "4f0c-11_A.b", &"a".repeat(64)] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "a b", "a\n", "é", "a;b", "\u{1b}[0m", &"a".repeat(65)] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
