//! What scenarios are played on: a server, ways to it, and people.

mod client;
mod http;
mod script;
mod server;
pub mod transport;

use std::net::IpAddr;
use std::ops::{Deref, DerefMut};
use std::thread;
use std::time::{Duration, Instant};

pub use client::{Client, list, number, text};
pub use http::{Response, get};
pub use script::Script;
pub use server::Server;
use transport::{Opening, Refused, Transport};

/// How long anything may take before it counts as not coming. No scenario waits so long when all is well.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The transport that a scenario runs on.
pub type On = &'static dyn Transport;

/// A server, and a way to it.
pub struct House {
    server: Server,
    on: On,
}

impl House {
    pub fn open(on: On, flags: &[&str]) -> Self {
        House { server: Server::start(flags), on }
    }

    /// Somebody new.
    pub fn guest(&self) -> Client {
        self.try_guest(&Opening::default()).unwrap()
    }

    pub fn guest_from(&self, from: IpAddr) -> Client {
        self.try_guest(&Opening { from: Some(from), ..Opening::default() }).unwrap()
    }

    pub fn try_guest(&self, how: &Opening) -> Result<Client, Refused> {
        self.on.connect(self.server.address, how).map(Client::new)
    }

    /// Somebody with a name.
    pub fn person(&self, name: &str) -> Client {
        let mut client = self.guest();
        client.rename(name);
        client.forget_heard();
        client
    }

    /// Another connection of somebody.
    pub fn again(&self, token: &str) -> Client {
        let mut client = self.guest();
        client.resume(token);
        client
    }
}

impl Deref for House {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl DerefMut for House {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.server
    }
}

/// Asks until there is an answer: for what happens soon, but nobody is told of.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
