//! Servers that share a lounge: a Redis of their own, and a load balancer in front.

use std::net::SocketAddr;

use parlor_testkit::redis::Redis;
use parlor_testkit::{Balancer, Launch, Server};

/// The servers beside the first of a scenario, and their Redis.
pub struct Nodes {
    // Dropped before what they need.
    pub others: Vec<Server>,
    balancer: Balancer,
    redis: Redis,
}

impl Nodes {
    /// Starts so many servers, and returns the first one apart.
    pub fn open(count: usize, flags: &[&str], launch: impl Fn() -> Launch) -> (Server, Self) {
        let redis = Redis::start();
        let flags = on_redis(&redis, flags);
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let start = || launch().flags(&flags).start();
        let (server, others) = (start(), (1..count).map(|_| start()).collect());
        let nodes = Nodes { others, balancer: Balancer::over(Vec::new()), redis };
        nodes.lead_to_all(&server);
        (server, nodes)
    }

    pub fn address(&self) -> SocketAddr {
        self.balancer.address
    }

    /// The flags of a scenario for these servers.
    pub fn flags(&self, flags: &[&str]) -> Vec<String> {
        on_redis(&self.redis, flags)
    }

    pub fn lead_to_all(&self, first: &Server) {
        let others = self.others.iter().map(|server| server.address);
        self.balancer.lead_to(std::iter::once(first.address).chain(others).collect());
    }
}

/// A scenario's own journal is one that servers can't share.
fn on_redis(redis: &Redis, flags: &[&str]) -> Vec<String> {
    let journal = flags.iter().position(|flag| *flag == "--journal");
    let is_kept = |at: usize| journal.is_none_or(|journal| at != journal && at != journal + 1);
    let kept = flags.iter().enumerate().filter(|(at, _)| is_kept(*at)).map(|(_, flag)| *flag);
    let mut flags = owned(&kept.collect::<Vec<_>>());
    flags.extend(["--journal".to_owned(), redis.url()]);
    flags
}

pub fn owned(flags: &[&str]) -> Vec<String> {
    flags.iter().map(|flag| (*flag).to_owned()).collect()
}
