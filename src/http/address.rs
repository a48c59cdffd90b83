//! Where a request comes from.
//!
//! Owns which address counts for rate limits, and which country a proxy's word is taken for. Headers are believed only from configured proxies, and only as far
//! as these vouch for them. Must not be used to identify a person, and addresses are never logged.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

use super::AppState;
use crate::domain::Country;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client itself, as far as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Reads it from the peer's address and, behind trusted proxies, the headers.
    #[must_use]
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        Self(client(peer, headers, trusted))
    }

    /// The key under which it is limited: an IPv6 client has a whole /64 to itself.
    #[must_use]
    pub fn key(self) -> u128 {
        match self.0.to_canonical() {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits() & !u128::from(u64::MAX),
        }
    }
}

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let trusted = &app.config.http.trusted_proxies;
        Ok(Self::of(peer(parts), &parts.headers, trusted))
    }
}

/// The country that the client is in, if a trusted proxy says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClientCountry(pub Option<Country>);

impl ClientCountry {
    /// Reads the configured header. When it stands there twice, one of them may be the client's own.
    fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet], name: Option<&str>) -> Self {
        let peer = peer.to_canonical();
        let name = name.filter(|_| trusted.iter().any(|network| network.contains(&peer)));
        let mut values = name.into_iter().flat_map(|name| headers.get_all(name));
        let country = match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok().and_then(|text| text.parse().ok()),
            _ => None,
        };
        Self(country)
    }
}

impl FromRequestParts<AppState> for ClientCountry {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let trusted = &app.config.http.trusted_proxies;
        let name = app.config.widget.country_header.as_deref();
        Ok(Self::of(peer(parts), &parts.headers, trusted, name))
    }
}

/// Who is at the other end of the connection.
fn peer(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    // Only a router that is called without a listener has no peer.
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip())
}

/// The rightmost address that is no trusted proxy. A proxy usually sets one of the two headers and lets the other pass
/// as the client made it up; so when both are there and disagree, neither counts.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    if !is_trusted(peer) {
        return peer;
    }
    let first_untrusted = |hops: Vec<Option<IpAddr>>| {
        let mut client = peer;
        for hop in hops.into_iter().rev() {
            // A hop that hides its name ends the chain: what is left of it is hearsay.
            let Some(address) = hop else { break };
            client = address;
            if !is_trusted(address) {
                break;
            }
        }
        client
    };
    let standard = hops(headers, &header::FORWARDED, forwarded_hop).map(first_untrusted);
    let common = hops(headers, &X_FORWARDED_FOR, address).map(first_untrusted);
    match (standard, common) {
        (Some(standard), Some(common)) if standard != common => peer,
        (Some(client), _) | (None, Some(client)) => client,
        (None, None) => peer,
    }
}

/// The hops of a header, which may be repeated; `None` stands for one that does not give its address.
fn hops(
    headers: &HeaderMap,
    name: &HeaderName,
    read: impl Fn(&str) -> Option<IpAddr>,
) -> Option<Vec<Option<IpAddr>>> {
    headers.contains_key(name).then(|| {
        let values = headers.get_all(name).iter();
        values
            .flat_map(|value| value.to_str().unwrap_or("unreadable").split(','))
            .map(|hop| read(hop.trim()))
            .collect()
    })
}

/// The address of one element of `Forwarded` (RFC 7239): `for=192.0.2.60;proto=http` or
/// `for="[2001:db8::1]:4711"`.
fn forwarded_hop(element: &str) -> Option<IpAddr> {
    let node = element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    })?;
    address(node.trim().trim_matches('"'))
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().map(|socket| socket.ip());
    bare.parse::<IpAddr>()
        .or_else(|_| with_port())
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, headers: &[(&str, &str)]) -> String {
        let trusted = [
            "10.0.0.0/8".parse().unwrap(),
            "2001:db8:ffff::/48".parse().unwrap(),
        ];
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        client(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn headers_are_believed_from_trusted_proxies_only() {
        let forwarded = [("x-forwarded-for", "203.0.113.9")];

        assert_eq!(seen("198.51.100.1", &forwarded), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &forwarded), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(seen("::ffff:10.0.0.1", &forwarded), "203.0.113.9");
    }

    #[test]
    fn the_rightmost_hop_that_is_no_proxy_is_the_client() {
        let cases = [
            ("1.2.3.4, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
            ("203.0.113.9, unknown, 10.0.0.7", "10.0.0.7"),
            ("10.0.0.8, 10.0.0.7", "10.0.0.8"),
            ("2001:db8::1", "2001:db8::1"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("", "10.0.0.1"),
        ];
        for (header, client) in cases {
            assert_eq!(
                seen("10.0.0.1", &[("x-forwarded-for", header)]),
                client,
                "{header}"
            );
        }
        let twice = [
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-for", "10.0.0.2"),
        ];
        assert_eq!(seen("10.0.0.1", &twice), "203.0.113.9");
    }

    #[test]
    fn the_standard_header_is_read_in_all_its_forms() {
        let cases = [
            ("for=203.0.113.9;proto=https;by=10.0.0.1", "203.0.113.9"),
            ("For=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            (
                "for=1.2.3.4, for=\"203.0.113.9:80\", for=\"[2001:db8:ffff::2]\"",
                "203.0.113.9",
            ),
            ("for=_hidden", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
        ];
        for (header, client) in cases {
            assert_eq!(
                seen("10.0.0.1", &[("forwarded", header)]),
                client,
                "{header}"
            );
        }
    }

    #[test]
    fn headers_that_disagree_do_not_count() {
        let both = |standard| [("forwarded", standard), ("x-forwarded-for", "203.0.113.9")];

        assert_eq!(seen("10.0.0.1", &both("for=1.2.3.4")), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &both("for=203.0.113.9")), "203.0.113.9");
    }

    #[test]
    fn a_country_is_a_trusted_proxys_word() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let country = |peer: &str, name: Option<&str>, values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-country", value.parse().unwrap());
            }
            let country = ClientCountry::of(peer.parse().unwrap(), &headers, &trusted, name);
            country.0.map(|country| country.as_str().to_owned())
        };
        let name = Some("x-country");

        assert_eq!(country("10.0.0.1", name, &["de"]).as_deref(), Some("DE"));
        assert_eq!(
            country("::ffff:10.0.0.1", name, &["DE"]).as_deref(),
            Some("DE")
        );
        assert_eq!(country("198.51.100.1", name, &["DE"]), None);
        assert_eq!(country("10.0.0.1", None, &["DE"]), None);
        for bad in [&["T1"][..], &[""], &["AT", "DE"], &[]] {
            assert_eq!(country("10.0.0.1", name, bad), None, "{bad:?}");
        }
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        let key = |text: &str| ClientAddress(text.parse().unwrap()).key();

        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}
