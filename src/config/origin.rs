//! Origins as browsers send them (RFC 6454, section 6): a scheme, a host, and a port where it isn't the scheme's own.

use super::setting::{Bounds, Shape};
use super::value::Value;

/// The origins that may connect beside the server's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginList(Vec<Origin>);

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `*`: the pages of anybody.
    Any,
    /// An origin as a browser sends it: lower case, without the scheme's default port.
    Exact(String),
}

impl OriginList {
    pub fn as_slice(&self) -> &[Origin] {
        &self.0
    }
}

impl Value for OriginList {
    const SHAPE: Shape = Shape::List;
    const PLACEHOLDER: &'static str = "ORIGIN";

    fn allowed(_: Bounds) -> String {
        "*, or scheme://host[:port] without a path".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        if text.is_empty() {
            return Some(OriginList::default());
        }
        text.split(',').map(|part| Origin::parse(part.trim())).collect::<Option<_>>().map(OriginList)
    }

    fn print(&self) -> String {
        self.0.iter().map(Origin::as_str).collect::<Vec<_>>().join(",")
    }
}

impl Origin {
    pub fn as_str(&self) -> &str {
        match self {
            Origin::Any => "*",
            Origin::Exact(exact) => exact,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Origin::Any);
        }
        let (scheme, authority) = text.split_once("://")?;
        let scheme_fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        let (host, port) = split_port(authority)?;
        let host_fits = !host.is_empty()
            && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']'));
        if !scheme_fits || !host_fits {
            return None;
        }
        let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
        Some(Origin::Exact(match port {
            Some(port) if own_port(&scheme) != Some(port) => format!("{scheme}://{host}:{port}"),
            Some(_) | None => format!("{scheme}://{host}"),
        }))
    }
}

/// The host, with its brackets if it is an IPv6 address, and the port.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let host_end = match authority.strip_prefix('[') {
        Some(inside) => inside.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at(host_end);
    match rest.strip_prefix(':') {
        Some(port) => Some((host, Some(port.parse().ok()?))),
        None if rest.is_empty() => Some((host, None)),
        None => None,
    }
}

fn own_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        OriginList::parse(text, Bounds { min: "", max: "" }).map(|origins| origins.print())
    }

    #[test]
    fn origins_take_the_form_browsers_send() {
        for (given, sent) in [
            ("*", "*"),
            ("https://Chat.Example.org", "https://chat.example.org"),
            ("https://chat.example.org:443", "https://chat.example.org"),
            ("http://localhost:80", "http://localhost"),
            ("https://localhost:80", "https://localhost:80"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("chrome-extension://abcdef", "chrome-extension://abcdef"),
            ("http://a, http://b:81", "http://a,http://b:81"),
        ] {
            assert_eq!(parsed(given).as_deref(), Some(sent), "{given}");
        }
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        for text in [
            "chat.example.org",
            "https://",
            "://a",
            "https://a/",
            "https://a/b",
            "https://a b",
            "https://a:b",
            "https://a:70000",
            "https://u@a",
            "http://a,,http://b",
            "http://[::1",
            "http://[::1]x",
            "1x://a",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn the_printed_form_is_read_back_as_the_same_list() {
        for given in ["", "*", "https://A.example:443, http://b:81", "HTTPS://a.example,*"] {
            let printed = parsed(given).unwrap();
            assert_eq!(parsed(&printed), Some(printed));
        }
    }
}
