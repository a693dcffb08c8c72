//! The check of `Origin`: a browser lets any page connect, and names the page's origin (RFC 6455 §10.2).

use crate::access::rejection::Rejection;
use parlor_core::Origins;

/// `origins`: the request's Origin headers; `host`: its Host header.
///
/// # Errors
/// The reason why the page may not connect.
pub fn check(allowed: &Origins, origins: &[&str], host: Option<&str>) -> Result<(), Rejection> {
    let Origins::Same { also, required } = allowed else { return Ok(()) };
    let origin = match origins {
        [] if *required => return Err(Rejection::OriginMissing),
        [] => return Ok(()),
        [origin] => *origin,
        _ => return Err(Rejection::OriginRepeated),
    };
    let own = host.map(|host| with_port(host, scheme_port(origin)));
    let is_same = authority(origin).is_some_and(|(_, authority)| Some(authority) == own);
    if is_same || also.iter().any(|other| is_equal(other, origin)) {
        return Ok(());
    }
    Err(Rejection::OriginForeign)
}

fn is_equal(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || authority(a).is_some_and(|a| Some(a) == authority(b))
}

/// The scheme of an origin, and its host and port; `None` for `null` and other oddities.
fn authority(origin: &str) -> Option<(String, (String, Option<u16>))> {
    let (scheme, host) = origin.split_once("://")?;
    let host = host.strip_suffix('/').unwrap_or(host);
    Some((scheme.to_ascii_lowercase(), with_port(host, scheme_port(origin))))
}

/// The port that is meant when none is written.
fn scheme_port(origin: &str) -> Option<u16> {
    let (scheme, _) = origin.split_once("://")?;
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

fn with_port(host: &str, default: Option<u16>) -> (String, Option<u16>) {
    // The colons inside an IPv6 address's brackets are not a port's.
    let colon = host.rfind(':').filter(|at| !host[*at..].contains(']'));
    let (host, port) = colon.map_or((host, ""), |at| (&host[..at], &host[at + 1..]));
    (host.to_ascii_lowercase(), port.parse().ok().or(default))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(also: &[&str]) -> Origins {
        Origins::Same { also: also.iter().map(|origin| (*origin).to_owned()).collect(), required: false }
    }

    #[test]
    fn pages_of_the_server_itself_may_connect() {
        for (origin, host) in [
            ("http://chat.example", "chat.example"),
            ("http://chat.example:80", "chat.example"),
            ("http://chat.example", "chat.example:80"),
            ("https://chat.example", "chat.example"),
            ("https://chat.example", "chat.example:443"),
            ("HTTP://Chat.Example", "chat.example"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080", "[::1]:8080"),
            ("http://[::1]", "[::1]"),
        ] {
            assert_eq!(check(&same(&[]), &[origin], Some(host)), Ok(()), "{origin} {host}");
        }
    }

    #[test]
    fn others_may_not() {
        for (origin, host) in [
            ("http://evil.example", "chat.example"),
            ("http://chat.example:81", "chat.example"),
            ("https://chat.example", "chat.example:80"),
            ("http://chat.example.evil.example", "chat.example"),
            ("http://chat.example@evil.example", "chat.example"),
            ("http://evil.example/chat.example", "chat.example"),
            ("null", "chat.example"),
            ("null", "null"),
            ("", "chat.example"),
            ("http://[::1]", "[::2]"),
            ("file://", "chat.example"),
        ] {
            assert!(check(&same(&[]), &[origin], Some(host)).is_err(), "{origin} {host}");
        }
        assert!(check(&same(&[]), &["http://chat.example"], None).is_err());
        assert!(check(&same(&[]), &["http://chat.example", "http://chat.example"], Some("chat.example")).is_err());
    }

    #[test]
    fn those_on_the_list_may_connect() {
        let list = same(&["https://Page.example", "http://other.example:8000/", "null"]);
        for origin in ["https://page.example", "https://page.example:443", "http://other.example:8000", "null"] {
            assert_eq!(check(&list, &[origin], Some("chat.example")), Ok(()), "{origin}");
        }
        for origin in ["http://page.example", "http://other.example", "https://sub.page.example"] {
            assert!(check(&list, &[origin], Some("chat.example")).is_err(), "{origin}");
        }
    }

    #[test]
    fn who_is_no_browser_has_no_origin() {
        assert_eq!(check(&same(&[]), &[], Some("chat.example")), Ok(()));
        let required = Origins::Same { also: Vec::new(), required: true };
        assert!(check(&required, &[], Some("chat.example")).is_err());
        assert_eq!(check(&Origins::Any, &["http://evil.example"], None), Ok(()));
    }
}
