//! Who sends a request, kept as it came until a session is made for it.

use super::store::Origin;
use crate::proxies;
use poem::Request;
use poem::http::{HeaderValue, header};
use std::net::IpAddr;

/// Longer names of browsers are cut to so many characters.
const USER_AGENT: usize = 200;

pub(super) struct Sender {
    user_agent: Option<HeaderValue>,
    address: Option<IpAddr>,
}

impl Sender {
    pub(super) fn of(request: &Request) -> Self {
        let user_agent = request.headers().get(header::USER_AGENT).cloned();
        Self { user_agent, address: proxies::client_ip(request) }
    }

    /// As it stands in the session's row.
    pub(super) fn origin(&self) -> Origin {
        let user_agent = self.user_agent.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
        let address = self.address.map(|address| address.to_string());
        Origin {
            user_agent: user_agent.chars().take(USER_AGENT).collect(),
            address: address.unwrap_or_default(),
        }
    }
}
