//! A server's view of its peers.

use std::time::Duration;

use actix_rt::time::sleep;

use crate::peers::{NodeName, Peers};
use crate::server_handle::ServerHandle;
use crate::transport::peers::token;

/// The servers around this one, for any thread.
pub struct PeerLink {
    peers: Box<dyn Peers>,
    server: ServerHandle,
}

/// A server that stops passes requests on for up to this. What it ends is spread over it, and who comes back to it meanwhile
/// is not sent away at once.
const LEAVE_WITHIN_MS: u64 = 1000;

impl PeerLink {
    pub fn new(peers: impl Peers, server: ServerHandle) -> Self {
        PeerLink { peers: Box::new(peers), server }
    }

    /// Returns the name of this server.
    pub fn me(&self) -> NodeName {
        self.peers.me()
    }

    /// Returns where a server listens for its peers, if it is there.
    pub fn address_of(&self, node: &NodeName) -> Option<String> {
        self.peers.address_of(node)
    }

    /// Returns the proof for requests to a server.
    pub fn token(&self, to: &NodeName) -> String {
        token::token(&self.peers.key(), to)
    }

    /// Returns whether this is the proof for requests to this server.
    pub fn admits(&self, told: &[u8]) -> bool {
        token::is_token(told, &self.peers.key(), &self.me())
    }

    /// Ready some time after the server was told to stop: clients that receive through this server go to another one.
    pub async fn leaving(&self) {
        self.server.stopped().await;
        #[expect(clippy::disallowed_methods, reason = "no app sees it")]
        let pause = Duration::from_millis(rand::random_range(0..LEAVE_WITHIN_MS));
        sleep(pause).await;
    }
}
