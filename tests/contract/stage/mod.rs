//! A server for one scenario, and its clients.

mod script;

use std::net::IpAddr;
use std::ops::{Deref, DerefMut};

use parlor_testkit::wire::{Opening, Refused, Transport};
use parlor_testkit::{Client, Launch, Server};

pub use script::Script;

/// The transport that a scenario runs on.
pub type On = &'static dyn Transport;

/// A server and a transport to it.
pub struct House {
    server: Server,
    on: On,
}

impl House {
    pub fn open(on: On, flags: &[&str]) -> Self {
        let is_about_silence = flags.iter().any(|flag| flag.starts_with("--heartbeat"));
        let settings = if is_about_silence { &[] } else { on.settings() };
        House { server: Self::launch().variables(settings).flags(flags).start(), on }
    }

    /// With the server's defaults, also those that would make a test take long.
    pub fn open_with_defaults(on: On) -> Self {
        House { server: Self::launch().start(), on }
    }

    fn launch() -> Launch {
        Launch::new(&crate::program().display().to_string())
    }

    /// A new guest.
    pub fn guest(&self) -> Client {
        self.try_guest(&Opening::default()).unwrap()
    }

    pub fn guest_from(&self, from: IpAddr) -> Client {
        self.try_guest(&Opening { from: Some(from), ..Opening::default() }).unwrap()
    }

    pub fn try_guest(&self, how: &Opening) -> Result<Client, Refused> {
        self.on.connect(self.server.address, how).map(Client::new)
    }

    /// A user with a name.
    pub fn person(&self, name: &str) -> Client {
        let mut client = self.guest();
        client.rename(name);
        client.forget_heard();
        client
    }

    /// Another connection of a user.
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
