//! Settings of several nodes that contradict others.

use std::net::SocketAddr;

use crate::config::layers::Layers;
use crate::config::node::NodeListen;
use crate::config::{Command, Config, JournalLocation, Synchronous};

impl Config {
    /// Sentences about settings for nodes. A subcommand may be given a journal of another kind than the server's.
    pub(super) fn nodes(&self, command: &Command, layers: &Layers) -> Vec<String> {
        let is_servers = match command {
            Command::Run | Command::Config => true,
            Command::Export { .. }
            | Command::Import
            | Command::Backup { .. }
            | Command::Copy { .. }
            | Command::DevCert { .. } => false,
        };
        match &self.journal.journal {
            JournalLocation::Redis(_) => [
                self.two_passwords(layers),
                self.root_without_tls(layers),
                self.durability_elsewhere(layers),
                self.address_of_nobody(layers),
            ]
            .into_iter()
            .flatten()
            .collect(),
            JournalLocation::Memory | JournalLocation::File(_) if is_servers => alone(layers),
            JournalLocation::Memory | JournalLocation::File(_) => Vec::new(),
        }
    }

    fn two_passwords(&self, layers: &Layers) -> Option<String> {
        let is_twice = self.nodes.redis_password_file.path().is_some() && self.journal.journal.has_password();
        is_twice.then(|| {
            format!(
                "{} names a password, and {} has one too, which is not shown: give one of them",
                layers.describe("redis_password_file"),
                layers.describe("journal"),
            )
        })
    }

    fn root_without_tls(&self, layers: &Layers) -> Option<String> {
        let is_useless = self.nodes.redis_ca.path().is_some() && !self.journal.journal.is_encrypted();
        is_useless.then(|| {
            format!(
                "{} needs a URL that begins with rediss: as the journal, not {}: without TLS there is no certificate",
                layers.describe("redis_ca"),
                layers.describe("journal"),
            )
        })
    }

    fn durability_elsewhere(&self, layers: &Layers) -> Option<String> {
        (self.journal.synchronous == Synchronous::Full).then(|| {
            format!(
                "{} is for a file and can't be kept by {}: Redis itself says what a loss of power may cost, by `appendfsync always`",
                layers.describe("synchronous"),
                layers.describe("journal"),
            )
        })
    }

    /// Another node can't connect to "every address" or to a port that it can't know.
    fn address_of_nobody(&self, layers: &Layers) -> Option<String> {
        let ends = match self.nodes.node_listen {
            NodeListen::Address(SocketAddr::V4(address)) => address.ip().is_unspecified(),
            NodeListen::Address(SocketAddr::V6(address)) => address.ip().is_unspecified(),
            NodeListen::OnTheWayToRedis { .. } => false,
        };
        (ends && self.nodes.node_address.0.is_none()).then(|| {
            format!(
                "{} is every address of this machine: name the one by which other nodes reach it with --node-address",
                layers.describe("node_listen"),
            )
        })
    }
}

/// Settings of the subject that have no effect without other nodes.
fn alone(layers: &Layers) -> Vec<String> {
    let given = |key: &&str| {
        layers.in_force.iter().any(|entry| entry.setting.key == *key && entry.text != entry.setting.default)
    };
    let sentence = |key: &str| {
        format!(
            "{} needs a Redis as the journal, such as --journal redis://localhost, not {}",
            layers.describe(key),
            layers.describe("journal"),
        )
    };
    let keys = crate::config::NodeSettings::SUBJECT.settings.iter().map(|setting| setting.key);
    keys.filter(given).map(sentence).collect()
}
