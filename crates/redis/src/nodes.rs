//! The nodes that share a journal.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parlor_core::Time;

use crate::feed::Feed;
use crate::figures::{Counters, Figures};
use crate::health::Health;

/// A node that shares the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    /// Its name.
    pub name: String,
    /// Where others reach its HTTP: `HOST:PORT`.
    pub address: Option<String>,
    /// The time at which it began, by the clock of Redis.
    pub since: Time,
    /// The time until which it counts as alive, by the clock of Redis.
    pub expires: Time,
}

/// The picture of the nodes and the figures of the journal. It is refreshed by the journal's threads, with each renewal of the
/// lease; asking it never waits for Redis.
#[derive(Clone)]
pub struct Nodes(Arc<Inner>);

struct Inner {
    me: String,
    list: Mutex<Vec<NodeInfo>>,
    feed: Arc<Feed>,
    health: Arc<Health>,
    counters: Arc<Counters>,
}

impl Nodes {
    pub(crate) fn new(me: String, feed: Arc<Feed>, health: Arc<Health>, counters: Arc<Counters>) -> Self {
        Nodes(Arc::new(Inner { me, list: Mutex::default(), feed, health, counters }))
    }

    fn inner(&self) -> MutexGuard<'_, Vec<NodeInfo>> {
        self.0.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn update(&self, mut list: Vec<NodeInfo>) {
        list.sort_by(|one, other| (&one.name, one.since).cmp(&(&other.name, other.since)));
        *self.inner() = list;
    }

    /// Returns the name of this node.
    pub fn me(&self) -> &str {
        &self.0.me
    }

    /// Returns the address of a node, of its newest start; `None` if there is no such node, or it has none.
    pub fn address_of(&self, node: &str) -> Option<String> {
        self.inner().iter().rev().find(|info| info.name == node)?.address.clone()
    }

    /// Returns all nodes by name, this one included: as many as have a lease.
    pub fn list(&self) -> Vec<NodeInfo> {
        self.inner().clone()
    }

    /// Returns counts and what is the case now, for metrics.
    pub fn figures(&self) -> Figures {
        let (feed_waiting, feed_followed) = self.0.feed.waiting();
        let is_connected = self.0.health.fault().is_none();
        Figures { feed_waiting, feed_followed, is_connected, ..self.0.counters.figures() }
    }
}
