//! The addresses at which the server is reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

/// Says where browsers reach the server, and whether other machines do.
///
/// # Errors
/// If the socket has no address.
pub fn sentence(listener: &TcpListener, scheme: &str, base_path: &str) -> Result<String, String> {
    let bound = listener.local_addr().map_err(|error| format!("the port can't be told: {error}"))?;
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    Ok(describe((scheme, base_path), bound, &interfaces.iter().map(if_addrs::Interface::ip).collect::<Vec<_>>()))
}

fn describe((scheme, base_path): (&str, &str), bound: SocketAddr, interfaces: &[IpAddr]) -> String {
    let below = if base_path == "/" { "" } else { base_path };
    let url = |ip: IpAddr| format!("{scheme}://{}{below}", SocketAddr::new(ip, bound.port()));
    let here = match bound.ip() {
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) if ip.is_loopback() => {
            return format!("at {}, for this machine alone", url(ip));
        }
        IpAddr::V4(ip) if ip.is_unspecified() => url(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => url(Ipv6Addr::LOCALHOST.into()),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => return format!("at {}, to the network", url(ip)),
    };
    let urls: Vec<String> = interfaces
        .iter()
        .filter(|ip| is_reachable(**ip) && (bound.is_ipv6() || ip.is_ipv4()))
        .map(|ip| url(*ip))
        .collect();
    if urls.is_empty() {
        return format!("at {here} for this machine, and to the network");
    }
    format!("at {here} for this machine, and to the network at {}", urls.join(" and "))
}

/// Leaves out addresses that a browser on another machine can't use as they are.
fn is_reachable(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_link_local(),
        IpAddr::V6(ip) => !ip.is_loopback() && !ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(bound: &str) -> String {
        let interfaces =
            ["127.0.0.1", "192.168.1.7", "169.254.3.3", "::1", "fe80::7", "2001:db8::7"].map(|ip| ip.parse().unwrap());
        describe(("http", "/"), bound.parse().unwrap(), &interfaces)
    }

    #[test]
    fn the_sentence_tells_who_reaches_the_server_and_where() {
        assert_eq!(described("127.0.0.1:80"), "at http://127.0.0.1:80, for this machine alone");
        assert_eq!(described("[::1]:8080"), "at http://[::1]:8080, for this machine alone");
        assert_eq!(described("192.168.1.7:1"), "at http://192.168.1.7:1, to the network");
        assert_eq!(
            described("0.0.0.0:8080"),
            "at http://127.0.0.1:8080 for this machine, and to the network at http://192.168.1.7:8080"
        );
        assert_eq!(
            described("[::]:8080"),
            "at http://[::1]:8080 for this machine, and to the network at http://192.168.1.7:8080 and http://[2001:db8::7]:8080"
        );
        assert_eq!(
            describe(("https", "/chat/"), "0.0.0.0:1".parse().unwrap(), &[]),
            "at https://127.0.0.1:1/chat/ for this machine, and to the network"
        );
    }
}
