//! Reverse proxies in front of the server.

use std::net::IpAddr;

use ipnet::IpNet;

use super::setting::{Bounds, Shape};
use super::value::Value;

/// Networks in CIDR notation (RFC 4632); a single address is a network of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// The header in which a proxy names the client's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, which most proxies send.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl Networks {
    pub fn as_slice(&self) -> &[IpNet] {
        &self.0
    }
}

impl Value for Networks {
    const SHAPE: Shape = Shape::List;
    const PLACEHOLDER: &'static str = "CIDR";

    fn allowed(_: Bounds) -> String {
        "IP addresses and networks such as 10.0.0.0/8 or fd00::/8".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        if text.is_empty() {
            return Some(Networks::default());
        }
        text.split(',').map(|part| network(part.trim())).collect::<Option<_>>().map(Networks)
    }

    fn print(&self) -> String {
        self.0.iter().map(IpNet::to_string).collect::<Vec<_>>().join(",")
    }
}

/// Refuses a network with bits beyond its prefix, such as 10.0.0.7/8: one of the two numbers is a mistake.
fn network(text: &str) -> Option<IpNet> {
    let network = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text.parse().ok()?,
    };
    (network == network.trunc()).then_some(network)
}

impl Value for ForwardedHeader {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "NAME";

    fn allowed(_: Bounds) -> String {
        "x-forwarded-for or forwarded".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        match text {
            "x-forwarded-for" => Some(ForwardedHeader::XForwardedFor),
            "forwarded" => Some(ForwardedHeader::Forwarded),
            _ => None,
        }
    }

    fn print(&self) -> String {
        match self {
            ForwardedHeader::XForwardedFor => "x-forwarded-for",
            ForwardedHeader::Forwarded => "forwarded",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        Networks::parse(text, Bounds { min: "", max: "" }).map(|networks| networks.print())
    }

    #[test]
    fn addresses_and_networks_are_read() {
        let given = "127.0.0.1, 10.0.0.0/8,::1,fd00::/8,0.0.0.0/0";
        let printed = parsed(given).unwrap();
        assert_eq!(printed, "127.0.0.1/32,10.0.0.0/8,::1/128,fd00::/8,0.0.0.0/0");
        assert_eq!(parsed(&printed), Some(printed));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in
            ["proxy.example", "10.0.0.0/33", "10.0.0.7/8", "10.0.0.0/", "10.0.0", "::/129", "10.0.0.0/8,", "[::1]"]
        {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
