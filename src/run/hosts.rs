//! The `Host` names that the server answers to.

use std::net::IpAddr;

use crate::config::{Config, HostName, Origin};
use parlor_kit::AllowedHosts;

/// Paths for health checks, which ask by whatever name or address they know.
const EXEMPT: [&str; 2] = ["/healthz", "/readyz"];

/// Takes the names that the settings give: `allowed_host`, the hosts of `origin`, and `host` if it is a name.
pub fn allowed(config: &Config) -> AllowedHosts {
    let (listen, mut names) = (&config.listen, Vec::new());
    for name in listen.allowed_host.as_slice() {
        match name {
            HostName::Any => return AllowedHosts::any(),
            HostName::Exact(name) => names.push(name.clone()),
        }
    }
    for origin in listen.origin.as_slice() {
        match origin {
            // Every page may connect, so there is nothing left to keep out.
            Origin::Any => return AllowedHosts::any(),
            Origin::Exact(origin) => names.extend(host_of(origin).map(str::to_owned)),
        }
    }
    let host = listen.host.as_str();
    if host.parse::<IpAddr>().is_err() {
        names.push(host.trim_end_matches('.').to_owned());
    }
    AllowedHosts::names(names).except(&EXEMPT)
}

/// The host of an origin without its port; `None` for an IPv6 address, which needs no name.
fn host_of(origin: &str) -> Option<&str> {
    let (_, authority) = origin.split_once("://")?;
    authority.split(':').next().filter(|host| !host.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_gives_its_host() {
        assert_eq!(host_of("https://chat.example.org"), Some("chat.example.org"));
        assert_eq!(host_of("http://chat.example.org:8000"), Some("chat.example.org"));
        assert_eq!(host_of("http://[::1]:3000"), None);
    }
}
