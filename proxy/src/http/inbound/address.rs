//! Whose request it is: the address a client counts under.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

/// Header in which a reverse proxy names the client.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address a client counts under. One customer is given a whole /64 of IPv6 (RFC 6177), so that
/// is one address here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Client(IpAddr);

impl Client {
    pub(super) fn new(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            IpAddr::V4(v4) => v4.into(),
        })
    }

    /// The address, or the first of its network.
    pub(crate) fn address(self) -> IpAddr {
        self.0
    }

    /// Of a request: the peer, or who a trusted reverse proxy says it was.
    pub(super) fn of(request: &Request, trusted: &[IpNet]) -> Self {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(Ipv6Addr::UNSPECIFIED.into(), |ConnectInfo(peer)| peer.ip());
        let peer = peer.to_canonical();
        if !is_trusted(peer, trusted) {
            return Self::new(peer);
        }
        Self::new(forwarded(request.headers(), trusted).unwrap_or(peer))
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let known = parts.extensions.get::<Self>().copied();
        Ok(known.unwrap_or(Self::new(Ipv6Addr::UNSPECIFIED.into())))
    }
}

/// Whether the reverse proxies that the configuration names include this one.
pub(super) fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|net| net.contains(&address))
}

/// Whether a request says that somebody stands between the client and us.
pub(super) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(FORWARDED_FOR) || headers.contains_key("forwarded")
}

/// The last address that no trusted proxy has: a trusted one saw it. `None` as soon as something on
/// the way there cannot be read, for whatever stands before it is only claimed.
fn forwarded(headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut nearest = None;
    let values: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    for value in values.into_iter().rev() {
        let text = value.to_str().ok()?;
        // An empty element is none (RFC 9110 section 5.6.1).
        let elements = text.rsplit(',').map(str::trim);
        for element in elements.filter(|element| !element.is_empty()) {
            let address = node(element)?;
            nearest = Some(address);
            if !is_trusted(address, trusted) {
                return nearest;
            }
        }
    }
    nearest
}

/// A node as RFC 7239 section 6 writes it, with or without port, brackets and quotation marks, and
/// a bare IPv6 address, as most proxies write it in this older header. `unknown` and hidden names
/// are no addresses.
fn node(text: &str) -> Option<IpAddr> {
    let text = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => text,
    };
    let is_port = |port: &str| {
        // An obfuscated port is allowed and says nothing.
        let hidden = port.strip_prefix('_');
        (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit())
            || hidden.is_some_and(|name| {
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            })
    };
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let good = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return good
            .then(|| address.parse::<Ipv6Addr>().ok())?
            .map(canonical);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let (address, port) = text.split_once(':')?;
    let address = address.parse::<std::net::Ipv4Addr>().ok()?;
    is_port(port).then_some(address.into())
}

fn canonical(address: Ipv6Addr) -> IpAddr {
    IpAddr::from(address).to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_read_as_they_are_written() {
        for (text, address) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:50123", "203.0.113.7"),
            ("\"203.0.113.7:50123\"", "203.0.113.7"),
            ("203.0.113.7:_gazonk", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("\"[2001:db8::7]:4711\"", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::ffff:203.0.113.7]:1", "203.0.113.7"),
        ] {
            assert_eq!(node(text), address.parse().ok(), "{text}");
        }
        for text in [
            "unknown",
            "_hidden",
            "\"203.0.113.7",
            "203.0.113.7\"",
            "203.0.113.7:",
            "203.0.113.7:port",
            "203.0.113.7:123456",
            "203.0.113.300",
            "[203.0.113.7]",
            "[2001:db8::7",
            "[2001:db8::7]4711",
            "fe80::1%eth0",
            "for=203.0.113.7",
            "203.0.113.7 198.51.100.1",
            "0xcb.0.0x71.7",
            "",
        ] {
            assert_eq!(node(text), None, "{text}");
        }
    }

    #[test]
    fn one_customer_s_network_is_one_client() {
        let client = |text: &str| Client::new(text.parse().unwrap());
        assert_eq!(client("2001:db8::1"), client("2001:db8::ffff:1"));
        assert_ne!(client("2001:db8::1"), client("2001:db8:0:1::1"));
        assert_eq!(client("::ffff:203.0.113.7"), client("203.0.113.7"));
        assert_ne!(client("203.0.113.7"), client("203.0.113.8"));
    }
}
