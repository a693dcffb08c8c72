//! A client of the world: what it keeps over connections, as a page would, and its connection.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use parlor_core::ClientId;
use serde_json::Value;

use crate::contract::requests::Form;

#[derive(Debug)]
pub struct Client {
    pub name: String,
    pub address: IpAddr,
    pub node: usize,
    pub link: Option<Link>,
    pub is_deaf: bool,
    /// It has just begun to read again: what it hears happened before.
    pub is_late: bool,
    /// The newest token.
    pub token: Option<String>,
    pub transfer: Option<String>,
    /// Up to where it knows rooms.
    pub known: BTreeMap<String, (String, u64)>,
    /// Rooms that it goes into again when it comes back.
    pub wants: BTreeSet<String>,
    /// Requests with a key that were not answered, to be sent again.
    pub unanswered: Vec<Value>,
    pub seats: BTreeMap<String, String>,
    pub keys: BTreeMap<String, String>,
    /// The newest answer.
    pub answer: Option<Value>,
}

/// A connection, from its welcome to its end.
#[derive(Debug)]
pub struct Link {
    pub id: ClientId,
    /// The number of the connection in the world.
    pub number: u64,
    pub user: Option<String>,
    pub name: String,
    pub asked: Vec<Asked>,
    /// Frames without a valid `id`: each may bring one error without a `re`.
    pub loose: usize,
    pub views: BTreeMap<String, View>,
    /// The newest private message of this user that the connection has seen.
    pub private: Option<u64>,
    pub watch: Option<Watch>,
}

/// A request that has no answer yet.
#[derive(Clone, Debug)]
pub struct Asked {
    pub request: Value,
    pub form: Form,
    /// Running time.
    pub at: u64,
    /// The journal failed while it was under way.
    pub may_fail: bool,
    /// The journal was slow, or much was asked at once: what holds at the time of the answer is not what held when it was
    /// asked.
    pub is_slow: bool,
    /// Requests of the same connection that waited when it was sent.
    pub ahead: usize,
}

/// A room as a connection sees it.
#[derive(Clone, Debug)]
pub struct View {
    pub epoch: String,
    pub last: u64,
    pub members: BTreeSet<String>,
    pub online: u64,
    pub seat: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Watch {
    pub every_ms: u64,
    pub is_random: bool,
    /// Ticks heard since time last passed.
    pub ticks: u64,
    pub last_n: u64,
}

impl Asked {
    pub fn kind(&self) -> &str {
        self.request["type"].as_str().unwrap_or_default()
    }

    pub fn text(&self, field: &str) -> Option<&str> {
        self.request.get(field)?.as_str()
    }
}

impl Link {
    pub fn new(id: ClientId, number: u64) -> Self {
        Link {
            id,
            number,
            user: None,
            name: String::new(),
            asked: Vec::new(),
            loose: 0,
            views: BTreeMap::new(),
            private: None,
            watch: None,
        }
    }

    /// Returns whether a request of that type waits for its answer.
    pub fn awaits(&self, kind: &str) -> bool {
        self.asked.iter().any(|asked| asked.kind() == kind)
    }

    /// Returns the user, unless that is about to change.
    pub fn sure_user(&self) -> Option<&String> {
        self.user.as_ref().filter(|_| !self.awaits("resume"))
    }
}

impl Client {
    pub fn new(name: &str, address: IpAddr) -> Self {
        Client {
            name: name.to_owned(),
            address,
            node: 0,
            link: None,
            is_deaf: false,
            is_late: false,
            token: None,
            transfer: None,
            known: BTreeMap::new(),
            wants: BTreeSet::new(),
            unanswered: Vec::new(),
            seats: BTreeMap::new(),
            keys: BTreeMap::new(),
            answer: None,
        }
    }

    /// Forgets all, as another browser.
    pub fn forget(&mut self) {
        *self = Client { link: self.link.take(), node: self.node, ..Client::new(&self.name, self.address) };
    }
}
