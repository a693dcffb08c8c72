//! The names by which a server answers.
//!
//! A page of a foreign name can make a browser connect to a server inside a private network, by letting its own name resolve
//! to that server's address (DNS rebinding). The browser then sends the foreign name as `Host`, and takes the server for the
//! page's own. So a server refuses names that are not its own. An IP address needs no name and always passes.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use actix_http::{ConnectionType, StatusCode, header};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Version;
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};

use crate::access::Gate;
use crate::access::rejection::Rejection;
use crate::base_path::BasePath;
use crate::transport::http_error::HttpError;

/// The `Host` names that a server answers to. IP addresses, `localhost` and names below it always pass.
///
/// A page of a foreign name can make a browser connect to a server inside a private network, by letting its own name resolve
/// to that server's address (DNS rebinding). The browser then sends the foreign name as `Host`, and the page's `Origin` fits
/// it. A server that answers to its own names only is safe from this; other names get 421.
///
/// ```
/// # use parlor_kit::{AllowedHosts, Server};
/// let hosts = AllowedHosts::names(["chat.example.org".to_owned()]).except(&["/healthz"]);
/// assert_eq!(format!("{:?}", AllowedHosts::any()), format!("{:?}", AllowedHosts::default()));
/// let server = Server::new().allowed_hosts(hosts);
/// # drop(server);
/// ```
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts {
    /// `None`: every name.
    names: Option<Vec<String>>,
    /// Paths that answer to every name, also below the base.
    exempt: Vec<String>,
    base: BasePath,
}

impl AllowedHosts {
    /// Allows every name.
    pub fn any() -> Self {
        Self::default()
    }

    /// Allows these names, compared without case, with any port.
    pub fn names(names: impl IntoIterator<Item = String>) -> Self {
        AllowedHosts { names: Some(names.into_iter().collect()), exempt: Vec::new(), base: BasePath::default() }
    }

    /// Lets requests for these paths pass, whatever their `Host`: health checks often send none of the server's names. They
    /// are the paths below the server's [base path](crate::Server::base_path), and the same at the root.
    #[must_use]
    pub fn except(mut self, paths: &[&str]) -> Self {
        self.exempt = paths.iter().map(|path| (*path).to_owned()).collect();
        self
    }

    /// The same for a server below a path.
    pub(crate) fn below(mut self, base: BasePath) -> Self {
        self.base = base;
        self
    }

    fn check(&self, version: Version, path: &str, hosts: &[&str], target: Option<&str>) -> Result<(), Rejection> {
        let Some(names) = &self.names else { return Ok(()) };
        if self.exempt.iter().any(|exempt| exempt == self.base.strip(path)) {
            return Ok(());
        }
        let host = match hosts {
            [] if version < Version::HTTP_11 => target,
            [host] => Some(*host),
            _ => return Err(Rejection::HostMissing),
        };
        // The authority of a request target in absolute form overrides the header (RFC 9112 §3.2.2).
        let is_allowed =
            |host: &str| name(host).is_some_and(|name| is_address_or_loopback(name) || is_one_of(name, names));
        if host.into_iter().chain(target).all(is_allowed) { Ok(()) } else { Err(Rejection::HostForeign) }
    }
}

/// The host without its port and a final dot.
fn name(host: &str) -> Option<&str> {
    if let Some(inside) = host.strip_prefix('[') {
        let (address, port) = inside.split_once(']')?;
        return is_port(port).then_some(address);
    }
    let end = host.find(':').unwrap_or(host.len());
    let (name, port) = host.split_at(end);
    let name = name.strip_suffix('.').unwrap_or(name);
    (!name.is_empty() && is_port(port)).then_some(name)
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').map_or(text.is_empty(), |digits| digits.chars().all(|c| c.is_ascii_digit()))
}

fn is_address_or_loopback(name: &str) -> bool {
    let is_address = name.parse::<Ipv4Addr>().is_ok() || name.parse::<Ipv6Addr>().is_ok();
    let is_below_localhost = name.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("localhost"));
    is_address || is_below_localhost // RFC 6761 §6.3
}

fn is_one_of(name: &str, names: &[String]) -> bool {
    names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Answers requests for foreign names: 421 Misdirected Request (RFC 9110 §15.5.20), or 400 without a single `Host`.
pub async fn guard<B: MessageBody + 'static>(
    hosts: Arc<AllowedHosts>,
    gate: Arc<Gate>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let sent: Vec<&str> =
        request.headers().get_all(header::HOST).map(|host| host.to_str().unwrap_or_default()).collect();
    let target = request.uri().authority().map(|authority| authority.as_str());
    let rejection = match hosts.check(request.version(), request.path(), &sent, target) {
        Ok(()) => {
            let mut response = next.call(request).await?;
            if gate.is_stopping() {
                let head = response.response_mut().head_mut();
                if head.status != StatusCode::SWITCHING_PROTOCOLS {
                    head.set_connection_type(ConnectionType::Close);
                }
            }
            return Ok(response.map_into_left_body());
        }
        Err(rejection) => rejection,
    };
    let answer = HttpResponse::from(HttpError::new(rejection.status(), gate.refuse(rejection)));
    Ok(request.into_response(answer).map_into_right_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str) -> Result<(), Rejection> {
        let hosts = AllowedHosts::names(["chat.example.org".to_owned()]).except(&["/healthz"]);
        hosts.check(Version::HTTP_11, "/", &[host], None)
    }

    #[test]
    fn own_names_addresses_and_loopback_names_pass() {
        for host in [
            "chat.example.org",
            "Chat.Example.ORG:8080",
            "chat.example.org.",
            "chat.example.org.:443",
            "127.0.0.1",
            "192.168.1.7:8080",
            "[::1]:8080",
            "[fe80::1]",
            "localhost",
            "LOCALHOST:8080",
            "parlor.localhost.:1",
        ] {
            assert_eq!(check(host), Ok(()), "{host}");
        }
    }

    #[test]
    fn foreign_names_do_not() {
        for host in [
            "evil.example",
            "evil.example:8080",
            "chat.example.org.evil.example",
            "xchat.example.org",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.1.nip.io",
            "notlocalhost",
            "[::1].evil.example",
            "[evil.example]",
            "127.0.0.1:80@evil.example",
            "chat.example.org:80:80",
            "chat.example.org, evil.example",
            ".",
            "",
            ":80",
        ] {
            assert_eq!(check(host), Err(Rejection::HostForeign), "{host}");
        }
    }

    #[test]
    fn a_request_has_one_host() {
        let hosts = AllowedHosts::names([]).except(&["/healthz"]);
        let of = |version, path, sent: &[&str], target| hosts.check(version, path, sent, target);
        assert_eq!(of(Version::HTTP_11, "/", &[], None), Err(Rejection::HostMissing));
        assert_eq!(of(Version::HTTP_11, "/", &["localhost", "localhost"], None), Err(Rejection::HostMissing));
        assert_eq!(of(Version::HTTP_10, "/", &[], None), Ok(()));
        assert_eq!(of(Version::HTTP_10, "/", &["evil.example"], None), Err(Rejection::HostForeign));
        assert_eq!(of(Version::HTTP_11, "/", &["localhost"], Some("evil.example")), Err(Rejection::HostForeign));
        assert_eq!(of(Version::HTTP_10, "/", &[], Some("evil.example")), Err(Rejection::HostForeign));
        assert_eq!(of(Version::HTTP_11, "/healthz", &["evil.example"], None), Ok(()));
        assert_eq!(of(Version::HTTP_11, "/healthz/x", &["evil.example"], None), Err(Rejection::HostForeign));
        assert_eq!(AllowedHosts::any().check(Version::HTTP_11, "/", &["evil.example"], None), Ok(()));
    }
}
