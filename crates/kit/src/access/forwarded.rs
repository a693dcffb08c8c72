//! The address of a client behind proxies.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The header in which trusted proxies name the client's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: client, proxy1, proxy2`.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy1` (RFC 7239).
    Forwarded,
}

impl ForwardedHeader {
    /// Returns the header's name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            ForwardedHeader::XForwardedFor => "x-forwarded-for",
            ForwardedHeader::Forwarded => "forwarded",
        }
    }

    /// Returns the addresses that a header value names, the nearest proxy's word last; `None` for one that is no address.
    fn addresses(self, value: &str) -> Vec<Option<IpAddr>> {
        match self {
            ForwardedHeader::XForwardedFor => value.split(',').map(address).collect(),
            ForwardedHeader::Forwarded => split(value, ',').into_iter().map(forwarded_for).collect(),
        }
    }
}

/// Returns the address of a request's client: the peer's, or, if that is a trusted proxy, the last address that the proxies
/// before it name and that is no trusted proxy's. Headers are read from the right: what stands left of the first untrusted
/// address anybody may have written. `values`: the header's values, in order.
pub fn client_address<'a>(
    header: ForwardedHeader,
    is_trusted: impl Fn(IpAddr) -> bool,
    peer: IpAddr,
    values: impl Iterator<Item = &'a str>,
) -> IpAddr {
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let named: Vec<Option<IpAddr>> = values.flat_map(|value| header.addresses(value)).collect();
    for address in named.into_iter().rev() {
        let Some(address) = address else { break };
        client = address;
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// The `for` of a forwarded element (RFC 7239 §5.2, §6).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = split(element, ';');
    let node = pairs.iter().find_map(|pair| {
        let (name, node) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| node.trim())
    })?;
    address(node.strip_prefix('"').and_then(|node| node.strip_suffix('"')).unwrap_or(node))
}

/// An address with or without a port, IPv6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let ip = text.parse::<IpAddr>().ok();
    let ip = ip.or_else(|| bracketed?.parse::<Ipv6Addr>().ok().map(IpAddr::V6));
    ip.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip())).map(|ip| ip.to_canonical())
}

/// Splits at `separator`, but not inside quotes (RFC 7239 §4).
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut is_quoted = false;
    text.split(|c: char| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(header: ForwardedHeader, peer: &str, values: &[&str]) -> String {
        let proxies: [ipnet::IpNet; 2] = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let is_trusted = |address: IpAddr| proxies.iter().any(|proxy| proxy.contains(&address));
        client_address(header, is_trusted, peer.parse().unwrap(), values.iter().copied()).to_string()
    }

    #[test]
    fn only_trusted_peers_are_believed() {
        let x = ForwardedHeader::XForwardedFor;
        assert_eq!(client(x, "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client(x, "10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(x, "::ffff:10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(x, "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_list_is_read_from_the_right_up_to_the_first_stranger() {
        let x = ForwardedHeader::XForwardedFor;
        assert_eq!(client(x, "10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(client(x, "10.0.0.1", &["1.1.1.1, 198.51.100.7", "10.0.0.3,10.0.0.2"]), "198.51.100.7");
        assert_eq!(client(x, "10.0.0.1", &["10.0.0.9, 10.0.0.2"]), "10.0.0.9", "a client inside the network");
        assert_eq!(client(x, "10.0.0.1", &["198.51.100.7, unknown, 10.0.0.2"]), "10.0.0.2", "nothing left of nonsense");
        assert_eq!(client(x, "10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(client(x, "fd00::1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(client(x, "fd00::1", &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn forwarded_as_rfc_7239_writes_it() {
        let f = ForwardedHeader::Forwarded;
        for (value, expected) in [
            ("for=198.51.100.7;proto=https;by=10.0.0.1", "198.51.100.7"),
            ("proto=https; For=\"198.51.100.7:4711\"", "198.51.100.7"),
            ("for=1.1.1.1, for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=198.51.100.7;ext=\"a, for=1.1.1.1;\"", "198.51.100.7"),
            ("for=198.51.100.7, for=10.0.0.2", "198.51.100.7"),
            ("for=198.51.100.7, for=_hidden", "10.0.0.1"),
            ("for=unknown", "10.0.0.1"),
            ("by=198.51.100.7", "10.0.0.1"),
        ] {
            assert_eq!(client(f, "10.0.0.1", &[value]), expected, "{value}");
        }
    }
}
