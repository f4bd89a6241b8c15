//! Where a request comes from, behind the proxies that the site trusts.

use crate::settings::{IpNet, Settings};
use poem::Request;
use poem::http::{HeaderMap, HeaderValue};
use std::net::IpAddr;

const FORWARDED_FOR: &str = "X-Forwarded-For";

/// The visitor's address: the sender's, or, where that is a proxy of the setting `trusted_proxies`, the last one in `X-Forwarded-For` that is
/// none. What stands further left anybody could have written there.
pub(crate) fn client_ip(request: &Request) -> Option<IpAddr> {
    Some(behind(peer(request)?, request.headers(), &Settings::of(request).trusted_proxies))
}

/// Who sends the request, which may be a proxy.
pub(crate) fn peer(request: &Request) -> Option<IpAddr> {
    request.remote_addr().as_socket_addr().map(|address| address.ip().to_canonical())
}

fn is_among(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// Whether the sender is one of these proxies.
pub(crate) fn is_from(request: &Request, trusted: &[IpNet]) -> bool {
    !trusted.is_empty() && peer(request).is_some_and(|peer| is_among(trusted, peer))
}

/// Whether what the sender says of a visitor is believed: a trusted proxy's, or anybody's where the site names none, since then its proxy is
/// the only one that reaches it.
pub(crate) fn may_speak_for_visitors(request: &Request) -> bool {
    let trusted = &Settings::of(request).trusted_proxies;
    trusted.is_empty() || is_from(request, trusted)
}

fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut found = peer;
    for hop in hops(headers) {
        match hop {
            Some(hop) if is_among(trusted, found) => found = hop,
            _ => break,
        }
    }
    found
}

/// The addresses that proxies have noted, the nearest first; `None` for what is no address.
fn hops(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    let text = |line: &HeaderValue| line.to_str().unwrap_or_default().to_owned();
    let lines = lines.into_iter().rev().map(text);
    lines.flat_map(|line| line.rsplit(',').map(address).collect::<Vec<_>>())
}

/// An address, which may have a port behind it.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let plain = text.trim_start_matches('[').trim_end_matches(']').parse();
    let with_port = || text.parse::<std::net::SocketAddr>().map(|address| address.ip());
    plain.or_else(|_| with_port()).ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        behind(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_says_where_they_come_from_but_a_trusted_proxy() {
        assert_eq!(found("9.9.9.9", &["1.1.1.1"], &[]), "9.9.9.9");
        assert_eq!(found("9.9.9.9", &["1.1.1.1"], &["10.0.0.0/8"]), "9.9.9.9");
        assert_eq!(found("10.0.0.1", &["1.1.1.1"], &["10.0.0.0/8"]), "1.1.1.1");
    }

    #[test]
    fn what_a_visitor_wrote_in_front_is_passed_over() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(found("10.0.0.1", &["6.6.6.6, 1.1.1.1, fd00::7"], &proxies), "1.1.1.1");
        assert_eq!(found("10.0.0.1", &["6.6.6.6", "1.1.1.1"], &proxies), "1.1.1.1");
        assert_eq!(found("10.0.0.1", &["6.6.6.6, nonsense"], &proxies), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &["10.0.0.2"], &proxies), "10.0.0.2");
        assert_eq!(found("10.0.0.1", &["[2001:db8::1]:443, 10.0.0.2:80"], &proxies), "2001:db8::1");
        assert_eq!(found("10.0.0.1", &["::ffff:1.1.1.1"], &proxies), "1.1.1.1");
    }
}
