//! Servers on one Redis. Each reaches it through a network of its own, which a test can break.

use std::net::SocketAddr;
use std::time::Duration;

use parlor_testkit::fleet::Doors;
use parlor_testkit::proxy::Proxy;
use parlor_testkit::redis::Redis;
use parlor_testkit::wait::within;
use parlor_testkit::{Client, Launch, PATIENCE, Server};
use serde_json::json;

/// No client of a fleet is limited.
const FLAGS: [&str; 6] = [
    "--retain=1000000",
    "--forfeit-after=30d",
    "--workers=1",
    "--log=info",
    "--shutdown-timeout=5s",
    "--redis-patience=3s",
];

pub struct Cluster {
    pub redis: Redis,
    pub nodes: Vec<Node>,
}

pub struct Node {
    pub server: Server,
    /// The way to Redis.
    pub network: Proxy,
}

impl Cluster {
    /// So many servers, on a Redis that waits for the disk.
    pub fn start(nodes: usize) -> Self {
        Self::on(Redis::start_with(&["--appendonly", "yes", "--appendfsync", "always"]), nodes, &[])
    }

    pub fn on(redis: Redis, nodes: usize, flags: &[&str]) -> Self {
        let nodes = (0..nodes).map(|_| Node::start(redis.address(), flags)).collect();
        Cluster { redis, nodes }
    }

    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(|node| node.server.address).collect()
    }

    /// The doors of all servers.
    pub fn doors(&self) -> Doors {
        Doors::new(self.addresses())
    }

    /// Kills a server and starts it again. Its door is closed meanwhile.
    pub fn kill(&mut self, node: usize, doors: &Doors) {
        let server = &mut self.nodes[node].server;
        let address = server.address;
        doors.lock().unwrap().retain(|door| *door != address);
        server.kill();
        server.restart();
        doors.lock().unwrap().push(server.address);
    }

    /// Waits until every server can work.
    pub fn wait_until_ready(&self) {
        for node in &self.nodes {
            node.server.wait_for("/readyz", 200);
        }
    }

    /// Waits until all servers tell that just these users are on, beside who asks.
    pub fn wait_until_on(&self, users: &[String]) {
        self.wait_until_on_at(&(0..self.nodes.len()).collect::<Vec<_>>(), users);
    }

    /// The same for some of the servers.
    pub fn wait_until_on_at(&self, nodes: &[usize], users: &[String]) {
        let mut wanted = users.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        for node in nodes {
            let mut told = None;
            let agrees = within(PATIENCE, || {
                let mut reader = Client::try_connect(self.nodes[*node].server.address)?;
                let listed = reader.try_ok(json!({"type": "users"}))?;
                let users = listed["users"].as_array()?.iter();
                let mut on: Vec<String> = users.map(|user| user["id"].as_str().unwrap().to_owned()).collect();
                on.retain(|user| *user != reader.id());
                on.sort_unstable();
                let is_so = on == wanted;
                told = Some(on);
                is_so.then_some(())
            });
            assert!(agrees.is_some(), "server {node} tells {told:#?}, and there are {wanted:#?}");
        }
    }
}

impl Node {
    pub fn start(redis: SocketAddr, flags: &[&str]) -> Self {
        let network = Proxy::to(redis);
        let journal = format!("--journal=redis://{}", network.address);
        let flags: Vec<&str> = [&[journal.as_str()], &FLAGS[..], flags].concat();
        Node { server: Launch::new(env!("CARGO_BIN_EXE_parlor")).flags(&flags).start(), network }
    }

    pub fn connect(&self) -> Client {
        Client::connect(self.server.address)
    }
}

/// The time in which `left` comes for the clients of a server that died: its lease, a look at the leases, and the grace.
pub const LEFT_WITHIN: Duration = Duration::from_secs(35);
