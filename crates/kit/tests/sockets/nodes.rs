//! Several servers of one app behind a load balancer.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use parlor_kit::{Access, Limits, NodeName, Peers};
use parlor_testkit::Balancer;

use super::server::Hosted;

/// The number of servers of a scenario.
#[derive(Clone, Copy)]
pub enum Nodes {
    One,
    /// The first one has all clients, and each request of a session reaches the next of three.
    Three,
}

impl Nodes {
    pub fn host(self, limits: Limits) -> Hosted {
        self.host_with(limits, Access::default())
    }

    pub fn host_with(self, limits: Limits, access: Access) -> Hosted {
        let Nodes::Three = self else { return Hosted::with(limits, access) };
        let [mut first, second, third] = cluster(["n1", "n2", "n3"], &Addresses::default(), &limits, &access);
        let servers = vec![first.address, second.address, third.address];
        let is_for_the_first = |line: &str| !line.contains(" /api/sessions/");
        let balancer = Balancer::with(servers, is_for_the_first);
        first.address = balancer.address;
        first.beside = vec![Box::new(second), Box::new(third), Box::new(balancer)];
        first
    }
}

/// The servers that are known, by name: where they listen for peers.
#[derive(Clone, Default)]
pub struct Addresses(Arc<Mutex<BTreeMap<NodeName, SocketAddr>>>);

pub const KEY: [u8; 32] = [7; 32];

/// The peers, as one of them knows them.
pub struct Known {
    pub me: NodeName,
    pub addresses: Addresses,
    pub key: [u8; 32],
}

impl Peers for Known {
    fn me(&self) -> NodeName {
        self.me.clone()
    }

    fn address_of(&self, node: &NodeName) -> Option<String> {
        self.addresses.get(node.as_str()).map(|address| address.to_string())
    }

    fn key(&self) -> [u8; 32] {
        self.key
    }
}

impl Addresses {
    pub fn get(&self, node: &str) -> Option<SocketAddr> {
        self.0.lock().unwrap().get(&node.parse().unwrap()).copied()
    }

    pub fn set(&self, node: &str, address: SocketAddr) {
        self.0.lock().unwrap().insert(node.parse().unwrap(), address);
    }

    pub fn forget(&self, node: &str) {
        self.0.lock().unwrap().remove(&node.parse().unwrap());
    }

    /// A listener for the peers of a server.
    pub fn listen(&self, node: &str) -> (TcpListener, Known) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        self.set(node, listener.local_addr().unwrap());
        (listener, Known { me: node.parse().unwrap(), addresses: self.clone(), key: KEY })
    }
}

/// Servers that know each other.
pub fn cluster<const N: usize>(names: [&str; N], known: &Addresses, limits: &Limits, access: &Access) -> [Hosted; N] {
    names.map(|name| {
        let (listener, peers) = known.listen(name);
        Hosted::configured(limits.clone(), access.clone(), |server| server.peers(listener, peers))
    })
}
