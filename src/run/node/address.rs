//! The address at which the other nodes reach this one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs, UdpSocket};

use crate::config::{NodeListen, NodeSettings, RedisLocation};
use crate::run::listen;

/// Opens the listener for the other nodes, and returns the address by which they reach it.
///
/// # Errors
/// The reason why it can't be opened, and what to do.
pub fn listen(settings: &NodeSettings, location: &RedisLocation) -> Result<(TcpListener, String), String> {
    let address = match settings.node_listen {
        NodeListen::Address(address) => address,
        NodeListen::OnTheWayToRedis { port } => SocketAddr::new(on_the_way_to(location)?, port),
    };
    let listener = listen::open(address)
        .map_err(|error| format!("other nodes can't be listened for at {address}: {error} (setting: node-listen)"))?;
    let bound = listener.local_addr().map_err(|error| format!("the port for other nodes can't be told: {error}"))?;
    Ok((listener, settings.node_address.0.clone().unwrap_or_else(|| bound.to_string())))
}

/// Returns the address from which this machine reaches Redis: the other nodes reach Redis too, so they mostly reach this as well.
fn on_the_way_to(location: &RedisLocation) -> Result<IpAddr, String> {
    let mut failed = format!("the journal {location} has no host");
    for (host, port) in location.hosts() {
        match towards(host, port) {
            Ok(ip) => return Ok(ip),
            Err(error) => failed = format!("the host {host} of the journal can't be found: {error}"),
        }
    }
    Err(failed)
}

/// Asks the system for the way to a host. Nothing is sent.
fn towards(host: &str, port: u16) -> std::io::Result<IpAddr> {
    let mut failed = std::io::Error::other("it has no address");
    for target in (host, port).to_socket_addrs()? {
        let any: IpAddr = if target.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let way = UdpSocket::bind((any, 0)).and_then(|socket| {
            socket.connect(target)?;
            socket.local_addr()
        });
        match way {
            Ok(address) => return Ok(address.ip()),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn settings(args: &str) -> (NodeSettings, RedisLocation) {
        let args = ["parlor"].into_iter().chain(args.split_whitespace()).map(Into::into);
        let config = Config::load(args, [], |_| Err(std::io::ErrorKind::NotFound.into())).unwrap().config;
        let crate::config::JournalLocation::Redis(location) = config.journal.journal else { panic!() };
        (config.nodes, location)
    }

    #[test]
    fn without_settings_a_node_listens_on_the_way_to_redis() {
        for (host, ip) in
            [("127.0.0.1", "127.0.0.1"), ("127.0.0.1:7000/2", "127.0.0.1"), ("user:word@127.0.0.7", "127.0.0.1")]
        {
            let (settings, location) = settings(&format!("--journal redis://{host}"));
            let (listener, address) = listen(&settings, &location).unwrap();
            let bound = listener.local_addr().unwrap();
            assert!(bound.port() > 0);
            assert_eq!(address, bound.to_string());
            // Linux answers from the loopback address that was asked.
            assert!(bound.ip().is_loopback(), "{bound}");
            assert!(bound.ip().to_string() == ip || host.contains("127.0.0.7"), "{bound}");
        }
        let (settings, location) = settings("--journal redis+sentinel://name.invalid,127.0.0.1/lounge");
        assert!(listen(&settings, &location).unwrap().1.starts_with("127.0.0.1:"), "the next host will do");
    }

    #[test]
    fn the_advertised_address_is_the_one_that_is_given() {
        let args = "--journal redis://127.0.0.1 --node-listen 0.0.0.0:0 --node-address node1.internal:8081";
        let (settings, location) = settings(args);
        assert_eq!(listen(&settings, &location).unwrap().1, "node1.internal:8081");
    }

    #[test]
    fn a_taken_port_is_told() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let (settings, location) = settings(&format!("--journal redis://127.0.0.1 --node-listen {address}"));
        let words = listen(&settings, &location).unwrap_err();
        assert!(words.contains(&format!("at {address}: ")) && words.contains("(setting: node-listen)"), "{words}");
    }
}
