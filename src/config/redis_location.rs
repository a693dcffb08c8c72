//! The address of a Redis, as a URL.

use std::fmt;
use std::net::Ipv6Addr;

use super::host_names::is_name;

/// The schemes, and whether each finds the master by Sentinel.
const SCHEMES: [(&str, bool); 4] =
    [("redis", false), ("rediss", false), ("redis+sentinel", true), ("rediss+sentinel", true)];

/// The URL of a Redis, or of the Sentinels that know it. `Display` and `Debug` leave out the password.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisLocation {
    whole: String,
    /// The bytes of `whole` that hold the password, with the colon before it.
    password: Option<(usize, usize)>,
}

impl RedisLocation {
    /// Tells whether a text is meant as such a URL, well formed or not: it never names a file.
    pub(super) fn is_meant(text: &str) -> bool {
        let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
        SCHEMES.iter().any(|(known, _)| scheme.eq_ignore_ascii_case(known))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (_, has_sentinels) = SCHEMES.iter().find(|(known, _)| *known == scheme)?;
        // Reserved characters in a name or password are percent-encoded (RFC 3986 §3.2.1), so the first @ ends both.
        let (user, place) = rest.split_once('@').map_or(("", rest), |(user, place)| (user, place));
        let is_of_user = |c: char| c.is_ascii_graphic() && !"/?#[]@".contains(c);
        let (hosts, path) = place.split_once('/').map_or((place, ""), |(hosts, path)| (hosts, path));
        let is_well_formed = user.chars().all(is_of_user)
            && if *has_sentinels {
                hosts.split(',').all(is_host) && is_master(path)
            } else {
                is_host(hosts) && is_database(path)
            };
        let from = scheme.len() + "://".len();
        let password = user.find(':').map(|at| (from + at, from + user.len()));
        is_well_formed.then(|| RedisLocation { whole: text.to_owned(), password })
    }

    /// Returns the URL with its password: for the connection, never for people.
    pub fn with_password(&self) -> &str {
        &self.whole
    }

    /// Returns the hosts with their ports: of Redis, or of its Sentinels.
    pub fn hosts(&self) -> impl Iterator<Item = (&str, u16)> {
        let rest = self.whole.split_once("://").map_or("", |(_, rest)| rest);
        let place = rest.split_once('@').map_or(rest, |(_, place)| place);
        let hosts = place.split('/').next().unwrap_or_default();
        let port = if self.whole.contains("+sentinel:") { 26379 } else { 6379 };
        hosts.split(',').map(move |host| match host.rsplit_once(':').filter(|_| !host.ends_with(']')) {
            Some((host, given)) => (bare(host), given.parse().unwrap_or(port)),
            None => (bare(host), port),
        })
    }

    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    pub fn is_encrypted(&self) -> bool {
        self.whole.starts_with("rediss")
    }
}

/// A host without the brackets of IPv6.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// `host`, `host:port` or `[address]:port`.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => {
                ("v6", port.strip_prefix(':').or((port.is_empty()).then_some("6379")))
            }
            Some(_) | None => return false,
        },
        None => text.split_once(':').map_or((text, Some("6379")), |(host, port)| (host, Some(port))),
    };
    is_name(host) && port.is_some_and(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// The number of a database; none is 0.
fn is_database(path: &str) -> bool {
    path.is_empty() || (path.bytes().all(|byte| byte.is_ascii_digit()) && path.parse::<u16>().is_ok())
}

/// The name of the master that the Sentinels watch, perhaps with the number of a database.
fn is_master(path: &str) -> bool {
    let (master, database) = path.split_once('/').unwrap_or((path, ""));
    is_name(master) && is_database(database)
}

impl fmt::Display for RedisLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((from, until)) = self.password else { return f.write_str(&self.whole) };
        let (before, rest) = (&self.whole[..from], &self.whole[until..]);
        // Without a name nothing is left of the user.
        let rest = if before.ends_with("//") { rest.strip_prefix('@').unwrap_or(rest) } else { rest };
        write!(f, "{before}{rest}")
    }
}

impl fmt::Debug for RedisLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisLocation({self})")
    }
}

/// A text that was refused, for the person who gave it: without what could be a password in it, however it is written.
pub(super) fn hidden(text: &str) -> String {
    let Some(end) = text.rfind('@').filter(|_| RedisLocation::is_meant(text)) else { return text.to_owned() };
    let begin = text.find(':').map_or(0, |at| at + 1);
    let begin = begin + text[begin..end].bytes().take_while(|byte| *byte == b'/').count();
    format!("{}(not shown){}", &text[..begin], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (text, shown) in [
            ("redis://localhost", "redis://localhost"),
            ("redis://10.0.0.1:6380/3", "redis://10.0.0.1:6380/3"),
            ("rediss://[fd00::1]:6379", "rediss://[fd00::1]:6379"),
            ("redis://[fd00::1]", "redis://[fd00::1]"),
            ("redis://:hunter2@redis/0", "redis://redis/0"),
            ("redis://ann:hunter2@redis:1", "redis://ann@redis:1"),
            ("redis://ann@redis", "redis://ann@redis"),
            ("redis+sentinel://:hunter%402@a:26379,b,[::1]:1/lounge", "redis+sentinel://a:26379,b,[::1]:1/lounge"),
            ("rediss+sentinel://a/lounge/2", "rediss+sentinel://a/lounge/2"),
        ] {
            let location = RedisLocation::parse(text).expect(text);
            assert_eq!(location.to_string(), shown);
            assert_eq!(location.with_password(), text);
            assert_eq!(location.has_password(), text.contains("hunter"));
            assert!(!format!("{location:?}").contains("hunter"));
            assert_eq!(location.is_encrypted(), text.starts_with("rediss"));
        }
    }

    #[test]
    fn hosts_are_told_with_their_ports() {
        let hosts = |text| {
            RedisLocation::parse(text).unwrap().hosts().map(|(host, port)| format!("{host} {port}")).collect::<Vec<_>>()
        };
        assert_eq!(hosts("redis://ann:p@a:1/2"), ["a 1"]);
        assert_eq!(hosts("rediss://[::1]"), ["::1 6379"]);
        assert_eq!(hosts("redis+sentinel://a,b:1,[::1]:2/lounge"), ["a 26379", "b 1", "::1 2"]);
    }

    #[test]
    fn what_is_no_such_url_is_refused_and_never_a_file() {
        for text in [
            "redis://",
            "redis:localhost",
            "redis:///0",
            "REDIS://localhost",
            "redis://a:0",
            "redis://a:+1",
            "redis://a:70000",
            "redis://a:",
            "redis://a/x",
            "redis://a/1/2",
            "redis://a,b",
            "redis://a?x=1",
            "redis://a b",
            "redis://[::1",
            "redis://[a]",
            "redis://ann:hunter/2@a",
            "redis://ann:hunter@2@a",
            "redis+sentinel://a:26379",
            "redis+sentinel://a:26379/",
            "redis+sentinel:///lounge",
            "redis+sentinel://a,/lounge",
        ] {
            assert!(RedisLocation::is_meant(text), "{text}");
            assert!(RedisLocation::parse(text).is_none(), "{text}");
        }
        for text in ["redis", "./redis:a", "redisx://a", "a/redis://b"] {
            assert!(!RedisLocation::is_meant(text), "{text}");
        }
    }

    #[test]
    fn a_refused_url_hides_what_may_be_a_password() {
        for text in
            ["redis://ann:hunter2@a:x", "redis://hunt/er2@er@a", "redis:hunter2@a", "rediss:/:hunter2@", "redis://@a:0"]
        {
            assert!(!hidden(text).contains("hunt"), "{}", hidden(text));
        }
        assert_eq!(hidden("redis://ann:hunter2@a:x"), "redis://(not shown)@a:x");
        assert_eq!(hidden("redis://a:x"), "redis://a:x");
        assert_eq!(hidden("me@here/"), "me@here/");
    }
}
