//! The address of a listener that need not be there.

use std::net::SocketAddr;

use super::setting::{Bounds, Shape};
use super::value::Value;

/// An IP address and a port, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionalAddress(pub Option<SocketAddr>);

impl Value for OptionalAddress {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "ADDRESS";

    fn allowed(_: Bounds) -> String {
        "none, or an IP address and a port such as 127.0.0.1:9090 or [::1]:9090".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        if text == "none" { Some(OptionalAddress(None)) } else { text.parse().ok().map(Some).map(OptionalAddress) }
    }

    fn print(&self) -> String {
        self.0.map_or_else(|| "none".to_owned(), |address| address.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_has_an_address_with_a_port_or_none() {
        let parsed = |text| OptionalAddress::parse(text, Bounds { min: "", max: "" }).map(|address| address.print());
        for text in ["none", "127.0.0.1:9090", "[::1]:0"] {
            assert_eq!(parsed(text).as_deref(), Some(text));
        }
        for text in ["9090", ":9090", "localhost:9090", "127.0.0.1", ""] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
