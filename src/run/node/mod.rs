//! This server as one of several nodes on a Redis.

mod address;
mod figures;
mod key;
mod options;
mod peers;
mod shelf;

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use log::info;

use crate::config::{Config, RedisLocation};
use crate::secret;
use crate::web::OtherVersions;
use parlor_kit::{NodeName, Peers, Sample};
use parlor_redis::{Nodes, RedisJournal, RedisOptions, RedisStore};

pub use options::of as options;

/// Between two looks whether nodes with another secret are still there.
const PAUSE: Duration = Duration::from_millis(500);

/// The name under which the nodes agree on the secret that they sign with.
const SECRET_MARK: &str = "secret:mark";

/// The parts of a node beside its journal.
pub struct Node {
    /// The listener for the other nodes.
    pub listener: TcpListener,
    me: NodeName,
    /// The secret that signs identities on all nodes.
    pub secret: Vec<u8>,
    /// The files of nodes of other versions.
    pub other_versions: Arc<OtherVersions>,
    nodes: Nodes,
}

/// Opens the journal in Redis, and joins its nodes.
///
/// # Errors
/// The reason why it can't be used, as a sentence for the operator.
pub fn join(config: &Config, location: &RedisLocation) -> Result<(RedisJournal, Node), String> {
    let (listener, address) = address::listen(&config.nodes, location)?;
    let options = RedisOptions { address: Some(address.clone()), ..options(config, location)? };
    let me = options.node.parse().map_err(|error| format!("{error} (setting: node-name)"))?;
    let mut store = RedisStore::connect(&options).map_err(|error| trouble(location, &error))?;
    // Before this node has a lease: with it, no other secret is let in.
    let secret = agreed_secret(config, &mut store, location, options.lease)?;
    let journal = RedisJournal::open(&options).map_err(|error| trouble(location, &error))?;
    if store.kept(SECRET_MARK).map_err(|error| trouble(location, &error))?.as_deref()
        != Some(key::mark(&secret).as_bytes())
    {
        return Err(format!("A node with another secret has joined {location} at this moment: start this one again."));
    }
    let other_versions = Arc::new(OtherVersions::new(shelf::share(store, &options)?));
    let nodes = journal.nodes();
    info!("journal: {location}, as the node {}, which others reach at {address}", options.node);
    Ok((journal, Node { listener, me, secret, other_versions, nodes }))
}

/// The sentence for a Redis that can't be used.
pub fn trouble(location: &RedisLocation, error: &impl std::fmt::Display) -> String {
    format!("The journal {location} can't be used: {error}.")
}

impl Node {
    /// Returns the other nodes, for requests of their sessions.
    pub fn peers(&self) -> impl Peers {
        peers::OtherNodes { me: self.me.clone(), nodes: self.nodes.clone(), key: key::of_nodes(&self.secret) }
    }

    /// Returns a function that gives the figures of this node.
    pub fn figures(&self) -> impl Fn() -> Vec<Sample> + Send + Sync + 'static {
        let nodes = self.nodes.clone();
        move || figures::of(&nodes)
    }
}

/// The secret that is given, or the one that all nodes share. They refuse to sign with different ones: a client that comes back to
/// another node would be a stranger there.
#[expect(clippy::disallowed_methods, reason = "a start may wait, by the clock")]
fn agreed_secret(
    config: &Config,
    store: &mut RedisStore,
    location: &RedisLocation,
    lease: Duration,
) -> Result<Vec<u8>, String> {
    let failed = |error| trouble(location, &error);
    let (secret, is_given) = match &config.identity.secret {
        Some(secret) => (secret.as_bytes().to_vec(), true),
        None => (store.secret(&secret::passing()?).map_err(failed)?, false),
    };
    let mark = key::mark(&secret);
    let until = Instant::now() + lease + PAUSE;
    loop {
        if store.agree(SECRET_MARK, mark.as_bytes()).map_err(failed)? == mark.as_bytes() {
            return Ok(secret);
        }
        if Instant::now() > until {
            break;
        }
        sleep(PAUSE); // nodes that were killed may have it, which nobody can see until their lease is over
    }
    Err(if is_given {
        format!(
            "The other nodes on {location} sign identities with another secret than --secret: give all the same. To change it, which makes everybody a new guest, stop all nodes, and start them with the new one."
        )
    } else {
        format!(
            "The other nodes on {location} sign identities with a secret that they are given: start this one with the same --secret. To have one made, which makes everybody a new guest, stop all nodes, and start them without."
        )
    })
}
