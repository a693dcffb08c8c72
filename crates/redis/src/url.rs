//! The address of a Redis.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use crate::secret::Secret;

/// The address of a Redis, or of the sentinels that know it.
///
/// | form | |
/// |---|---|
/// | `redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]` | one Redis, or one that something else makes highly available |
/// | `rediss://…` | the same over TLS |
/// | `redis+sentinel://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]…]/NAME[/DB]` | sentinels, asked for the primary of this name |
/// | `rediss+sentinel://…` | the same, sentinels and Redis over TLS |
///
/// The port is 6379 if none is given, and 26379 for sentinels; the database is 0. What has a special meaning in a URL is
/// percent-encoded in user, password and name. `Display` and `Debug` never show the password.
///
/// ```
/// use parlor_redis::RedisUrl;
///
/// let url: RedisUrl = "redis+sentinel://parlor:s3cret@one,two:26380/main".parse()?;
/// assert_eq!(url.to_string(), "redis+sentinel://parlor:***@one:26379,two:26380/main");
/// assert!("http://one".parse::<RedisUrl>().is_err());
/// # Ok::<(), parlor_redis::UrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl {
    pub(crate) tls: bool,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
    /// At least one. Of a Redis without sentinels: that one.
    pub(crate) hosts: Vec<Host>,
    /// The name of the primary; the hosts are sentinels.
    pub(crate) primary: Option<String>,
    pub(crate) db: i64,
}

/// A host with its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    pub name: String,
    pub port: u16,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            return write!(f, "[{}]:{}", self.name, self.port);
        }
        write!(f, "{}:{}", self.name, self.port)
    }
}

/// The reason why a text is no address of a Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlError {
    /// It does not begin with one of the four schemes.
    Scheme,
    /// It names no host.
    NoHost,
    /// It names several hosts, and they are no sentinels.
    SeveralHosts,
    /// A port is no number from 1 to 65535.
    Port,
    /// The database is no number from 0 on.
    Database,
    /// It names sentinels, and not the primary that they are to be asked for.
    NoPrimary,
    /// There is something behind the database.
    Path,
    /// The percent-encoding of the user, the password or the name is no UTF-8.
    Encoding,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UrlError::Scheme => "must begin with redis://, rediss://, redis+sentinel:// or rediss+sentinel://",
            UrlError::NoHost => "must name a host, such as redis://localhost:6379",
            UrlError::SeveralHosts => "names several hosts: sentinels are named by redis+sentinel://HOST,HOST/NAME",
            UrlError::Port => "has a port that is no number from 1 to 65535",
            UrlError::Database => "has a database that is no number: redis://HOST:PORT/DB, from 0",
            UrlError::NoPrimary => "must name the primary that the sentinels know: redis+sentinel://HOST:PORT/NAME",
            UrlError::Path => "has more parts than it may: redis://HOST:PORT/DB, redis+sentinel://HOST:PORT/NAME/DB",
            UrlError::Encoding => "has a user, a password or a name that is no UTF-8 when it is percent-decoded",
        })
    }
}

impl std::error::Error for UrlError {}

impl FromStr for RedisUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        let (tls, has_sentinels) = match scheme {
            "redis" => (false, false),
            "rediss" => (true, false),
            "redis+sentinel" => (false, true),
            "rediss+sentinel" => (true, true),
            _ => return Err(UrlError::Scheme),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, hosts) = match authority.rsplit_once('@') {
            Some((credentials, hosts)) => (credentials, hosts),
            None => ("", authority),
        };
        let (user, password) = match credentials.split_once(':') {
            Some((user, password)) => (user, Some(Secret::new(decoded(password)?))),
            None => (credentials, None),
        };
        let user = Some(decoded(user)?).filter(|user| !user.is_empty());
        let port = if has_sentinels { 26379 } else { 6379 };
        let hosts = hosts.split(',').map(|text| host(text, port)).collect::<Result<Vec<_>, _>>()?;
        if hosts.len() > 1 && !has_sentinels {
            return Err(UrlError::SeveralHosts);
        }
        let mut parts = path.strip_suffix('/').unwrap_or(path).split('/').filter(|_| !path.is_empty());
        let primary = match parts.next_if(has_sentinels) {
            Some(name) if !name.is_empty() => Some(decoded(name)?),
            Some(_) => return Err(UrlError::NoPrimary),
            None if has_sentinels => return Err(UrlError::NoPrimary),
            None => None,
        };
        let db = match parts.next() {
            Some(db) => db.parse::<u32>().map_err(|_| UrlError::Database)?.into(),
            None => 0,
        };
        if parts.next().is_some() {
            return Err(UrlError::Path);
        }
        Ok(RedisUrl { tls, user, password, hosts, primary, db })
    }
}

/// Takes the next part, if there may be one.
trait NextIf<'a> {
    fn next_if(&mut self, may: bool) -> Option<&'a str>;
}

impl<'a, I: Iterator<Item = &'a str>> NextIf<'a> for I {
    fn next_if(&mut self, may: bool) -> Option<&'a str> {
        if may { self.next() } else { None }
    }
}

fn decoded(text: &str) -> Result<String, UrlError> {
    Ok(percent_decode_str(text).decode_utf8().map_err(|_| UrlError::Encoding)?.into_owned())
}

fn host(text: &str, port: u16) -> Result<Host, UrlError> {
    let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, "")) => (name, Ok(port)),
        Some((name, rest)) => (name, rest.strip_prefix(':').unwrap_or_default().parse()),
        None => match text.rsplit_once(':') {
            Some((name, port)) => (name, port.parse()),
            None => (text, Ok(port)),
        },
    };
    let port = port.ok().filter(|port| *port > 0).ok_or(UrlError::Port)?;
    if name.is_empty() {
        return Err(UrlError::NoHost);
    }
    Ok(Host { name: name.to_owned(), port })
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.tls, &self.primary) {
            (false, None) => "redis://",
            (true, None) => "rediss://",
            (false, Some(_)) => "redis+sentinel://",
            (true, Some(_)) => "rediss+sentinel://",
        })?;
        match (&self.user, &self.password) {
            (None, None) => {}
            (user, None) => write!(f, "{}@", user.as_deref().unwrap_or_default())?,
            (user, Some(_)) => write!(f, "{}:***@", user.as_deref().unwrap_or_default())?,
        }
        for (at, host) in self.hosts.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            host.fmt(f)?;
        }
        if let Some(primary) = &self.primary {
            write!(f, "/{primary}")?;
        }
        if self.db > 0 {
            write!(f, "/{}", self.db)?;
        }
        Ok(())
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<RedisUrl>().unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
    }

    #[test]
    fn every_form_is_read() {
        for (text, whole) in [
            ("redis://localhost", "redis://localhost:6379"),
            ("redis://localhost/", "redis://localhost:6379"),
            ("rediss://10.0.0.7:7000/3", "rediss://10.0.0.7:7000/3"),
            ("redis://:s3cret@host", "redis://:***@host:6379"),
            ("redis://ann:p%40ss@host", "redis://ann:***@host:6379"),
            ("redis://ann@host", "redis://ann@host:6379"),
            ("redis://[::1]", "redis://[::1]:6379"),
            ("redis://[::1]:7/2", "redis://[::1]:7/2"),
            ("redis+sentinel://a,b:1,c/main", "redis+sentinel://a:26379,b:1,c:26379/main"),
            ("rediss+sentinel://u:p@a/main/4", "rediss+sentinel://u:***@a:26379/main/4"),
        ] {
            assert_eq!(shown(text), whole);
        }
    }

    #[test]
    fn the_password_is_decoded_and_never_shown() {
        let url: RedisUrl = "redis://ann:p%40s:s@host".parse().unwrap();
        assert_eq!(url.password.as_ref().map(Secret::as_str), Some("p@s:s"));
        assert!(!format!("{url} {url:?} {url:#?}").contains("p@s"), "{url:?}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, error) in [
            ("localhost:6379", UrlError::Scheme),
            ("http://localhost", UrlError::Scheme),
            ("redis://", UrlError::NoHost),
            ("redis://:6379", UrlError::NoHost),
            ("redis://a,b", UrlError::SeveralHosts),
            ("redis://a:0", UrlError::Port),
            ("redis://a:65536", UrlError::Port),
            ("redis://[::1]x", UrlError::Port),
            ("redis://a/main", UrlError::Database),
            ("redis://a/-1", UrlError::Database),
            ("redis://a/1/2", UrlError::Path),
            ("redis+sentinel://a", UrlError::NoPrimary),
            ("redis+sentinel://a//1", UrlError::NoPrimary),
            ("redis+sentinel://a/main/x", UrlError::Database),
            ("redis+sentinel://a/main/1/2", UrlError::Path),
            ("redis://u:%ff@a", UrlError::Encoding),
        ] {
            assert_eq!(text.parse::<RedisUrl>(), Err(error), "{text}");
        }
    }
}
