//! A node: its name and its addresses.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::host_names::is_name;
use super::setting::{Bounds, Shape};
use super::value::Value;

/// The longest name of a node.
const NAME_MAX: usize = 32;
/// The longest prefix of keys.
const PREFIX_MAX: usize = 64;

/// The name of a node; `None`: a random one at each start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeName(pub Option<String>);

impl Value for NodeName {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "NAME";

    fn allowed(_: Bounds) -> String {
        format!("random, or 1 to {NAME_MAX} of a-z and 0-9")
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        if text == "random" {
            return Some(NodeName(None));
        }
        let is_name = (1..=NAME_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        is_name.then(|| NodeName(Some(text.to_owned())))
    }

    fn print(&self) -> String {
        self.0.clone().unwrap_or_else(|| "random".to_owned())
    }
}

/// The place where a node listens to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeListen {
    /// The address by which this machine reaches Redis, and this port; 0 for any.
    OnTheWayToRedis {
        port: u16,
    },
    Address(SocketAddr),
}

impl Value for NodeListen {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "ADDRESS";

    fn allowed(_: Bounds) -> String {
        "auto, auto:PORT, or an IP address and a port such as 10.0.0.7:8081".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        match text.strip_prefix("auto") {
            Some("") => Some(NodeListen::OnTheWayToRedis { port: 0 }),
            Some(rest) => {
                let port = rest.strip_prefix(':')?.parse().ok().filter(|port| *port > 0)?;
                Some(NodeListen::OnTheWayToRedis { port })
            }
            None => text.parse().ok().map(NodeListen::Address),
        }
    }

    fn print(&self) -> String {
        match self {
            NodeListen::OnTheWayToRedis { port: 0 } => "auto".to_owned(),
            NodeListen::OnTheWayToRedis { port } => format!("auto:{port}"),
            NodeListen::Address(address) => address.to_string(),
        }
    }
}

/// The address by which the other nodes reach this one; `None`: the one that it listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeAddress(pub Option<String>);

impl Value for NodeAddress {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "HOST:PORT";

    fn allowed(_: Bounds) -> String {
        "auto, or a host and a port such as node1.internal:8081 or [fd00::7]:8081".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        if text == "auto" {
            return Some(NodeAddress(None));
        }
        let (host, port) = text.rsplit_once(':')?;
        let is_port = port.parse::<u16>().is_ok_and(|port| port > 0);
        let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(inside) => inside.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()),
            None => is_name(host),
        };
        (is_host && is_port).then(|| NodeAddress(Some(text.to_owned())))
    }

    fn print(&self) -> String {
        self.0.clone().unwrap_or_else(|| "auto".to_owned())
    }
}

/// The beginning of all keys: with one hash tag, so that a cluster keeps them together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPrefix(String);

impl fmt::Display for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for KeyPrefix {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "TEXT";

    fn allowed(_: Bounds) -> String {
        format!("up to {PREFIX_MAX} letters, digits and : - _ . with one name in braces, such as {{chat}}:")
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        // No wildcard of SCAN is among these.
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || ":-_.".contains(c));
        let (before, rest) = text.split_once('{')?;
        let (tag, after) = rest.split_once('}')?;
        let is_prefix = text.len() <= PREFIX_MAX && !tag.is_empty() && [before, tag, after].into_iter().all(is_plain);
        is_prefix.then(|| KeyPrefix(text.to_owned()))
    }

    fn print(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed<V: Value>(text: &str) -> Option<String> {
        V::parse(text, Bounds { min: "", max: "" }).map(|value| value.print())
    }

    fn try_all<V: Value>(allowed: &[&str], refused: &[&str]) {
        for text in allowed {
            assert_eq!(printed::<V>(text).as_deref(), Some(*text));
        }
        for text in refused {
            assert_eq!(printed::<V>(text), None, "{text}");
        }
    }

    #[test]
    fn a_node_has_a_short_name() {
        try_all::<NodeName>(&["random", "a", "node7"], &["", "Node", "node-7", "a.b", &"a".repeat(33)]);
    }

    #[test]
    fn nodes_listen_where_they_are_told() {
        let allowed = ["auto", "auto:8081", "10.0.0.7:8081", "[fd00::7]:0", "0.0.0.0:8081"];
        try_all::<NodeListen>(&allowed, &["", "auto:", "auto:0", "auto:x", "autos", "8081", "node1:8081", "10.0.0.7"]);
    }

    #[test]
    fn a_node_is_reached_by_name_or_address() {
        let allowed = ["auto", "node1.internal:8081", "10.0.0.7:1", "[fd00::7]:8081"];
        try_all::<NodeAddress>(&allowed, &["", "node1", "node1:0", ":8081", "fd00::7:8081", "[a]:1", "http://a:1"]);
    }

    #[test]
    fn a_prefix_has_one_hash_tag() {
        let refused =
            ["", "parlor:", "{}:", "{a}{b}", "{a", "a}", "{a*}:", "{a b}", &format!("{{{}}}", "a".repeat(63))];
        try_all::<KeyPrefix>(&["{parlor}:", "{a}", "chat:{a.b-c_1}:x"], &refused);
    }
}
