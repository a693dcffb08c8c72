//! A server for one scenario, or several that share a lounge, and their clients.

mod nodes;
mod script;

use std::net::{IpAddr, SocketAddr};
use std::ops::{Deref, DerefMut};
use std::process::ExitStatus;
use std::time::Duration;

use parlor_testkit::http::Response;
use parlor_testkit::process::Signal;
use parlor_testkit::wire::{Opening, Refused, Transport};
use parlor_testkit::{Client, Launch, Server};

use nodes::Nodes;
pub use script::Script;

/// The transport that a scenario runs on.
pub type On = &'static dyn Transport;

/// A server, the others beside it, and a transport to them.
pub struct House {
    server: Server,
    /// `None`: the server is alone.
    nodes: Option<Nodes>,
    on: On,
}

impl House {
    pub fn open(on: On, flags: &[&str]) -> Self {
        let is_about_silence = flags.iter().any(|flag| flag.starts_with("--heartbeat"));
        let settings = if is_about_silence { &[] } else { on.settings() };
        let launch = || Self::launch().variables(settings);
        if on.servers() == 1 {
            return House { server: launch().flags(flags).start(), nodes: None, on };
        }
        let (server, nodes) = Nodes::open(on.servers(), flags, launch);
        House { server, nodes: Some(nodes), on }
    }

    /// With the server's defaults, also those that would make a test take long.
    pub fn open_with_defaults(on: On) -> Self {
        if on.servers() == 1 {
            return House { server: Self::launch().start(), nodes: None, on };
        }
        let (server, nodes) = Nodes::open(on.servers(), &[], Self::launch);
        House { server, nodes: Some(nodes), on }
    }

    fn launch() -> Launch {
        Launch::new(&crate::program().display().to_string())
    }

    /// The address for clients.
    fn entrance(&self) -> SocketAddr {
        self.nodes.as_ref().map_or(self.server.address, Nodes::address)
    }

    fn others(&self) -> &[Server] {
        self.nodes.as_ref().map_or(&[], |nodes| &nodes.others)
    }

    fn others_mut(&mut self) -> &mut [Server] {
        self.nodes.as_mut().map_or(&mut [], |nodes| &mut nodes.others)
    }

    /// Kills all servers with SIGKILL.
    pub fn kill(&mut self) {
        self.server.kill();
        self.others_mut().iter_mut().for_each(Server::kill);
    }

    /// Starts all servers again.
    pub fn restart(&mut self) {
        self.server.restart();
        self.others_mut().iter_mut().for_each(Server::restart);
        self.lead_to_all();
    }

    /// The same with other flags.
    pub fn restart_with(&mut self, flags: &[&str]) {
        let flags = self.nodes.as_ref().map_or(nodes::owned(flags), |nodes| nodes.flags(flags));
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        self.server.restart_with(&flags);
        self.others_mut().iter_mut().for_each(|server| server.restart_with(&flags));
        self.lead_to_all();
    }

    fn lead_to_all(&self) {
        if let Some(nodes) = &self.nodes {
            nodes.lead_to_all(&self.server);
        }
    }

    /// Signals all servers.
    pub fn signal(&self, signal: Signal) {
        self.server.signal(signal);
        self.others().iter().for_each(|server| server.signal(signal));
    }

    /// Waits for the end of all servers. Of their exit statuses, one that is no success comes first.
    pub fn ended_within(&mut self, time: Duration) -> Option<ExitStatus> {
        let mut statuses = vec![self.server.ended_within(time)?];
        for server in self.others_mut() {
            statuses.push(server.ended_within(time)?);
        }
        statuses.iter().find(|status| !status.success()).or(statuses.first()).copied()
    }

    /// Standard error of all runs of all servers.
    pub fn log(&self) -> String {
        let others = self.others().iter().map(Server::log);
        std::iter::once(self.server.log()).chain(others).collect()
    }

    /// The same page of each server.
    pub fn get_of_all(&self, path: &str) -> Vec<Response> {
        let others = self.others().iter().map(|server| server.get(path));
        std::iter::once(self.server.get(path)).chain(others).collect()
    }

    /// A new guest.
    pub fn guest(&self) -> Client {
        self.try_guest(&Opening::default()).unwrap()
    }

    pub fn guest_from(&self, from: IpAddr) -> Client {
        self.try_guest(&Opening { from: Some(from), ..Opening::default() }).unwrap()
    }

    pub fn try_guest(&self, how: &Opening) -> Result<Client, Refused> {
        self.on.connect(self.entrance(), how).map(Client::new)
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
