//! The journal that the settings name, and what belongs to it.

use std::path::Path;
use std::time::Duration;

use log::{info, warn};

use super::node::{self, Node};
use crate::config::{Config, JournalLocation, JournalSettings, Synchronous};
use crate::journal_error::sentence;
use crate::secret;
use parlor_core::journal::{MemoryJournal, RunningClock};
use parlor_kit::{Storage, wall_clock};
use parlor_sqlite::{Durability, SqliteJournal, SqliteOptions};

/// A journal that is open.
pub struct Opened {
    pub storage: Storage,
    /// Signs identities.
    pub secret: Vec<u8>,
    /// This server as one of several.
    pub node: Option<Node>,
}

/// Opens the journal. The secret is the one that is given, or the one of the journal, or one for this process if nothing is kept.
///
/// # Errors
/// The reason why it can't be used, as a sentence for the operator.
pub fn open(config: &Config) -> Result<Opened, String> {
    let given = config.identity.secret.as_ref().map(|secret| secret.as_bytes().to_vec());
    match &config.journal.journal {
        JournalLocation::Memory => {
            warn!("the journal is in memory: everything said is forgotten when the server ends");
            let retain = usize::try_from(config.journal.retain).unwrap_or(usize::MAX);
            let journal = MemoryJournal::new(retain).retain_age(config.journal.retain_age);
            let secret = given.map_or_else(secret::passing, Ok)?;
            Ok(Opened { storage: Storage::Quick(Box::new(journal)), secret, node: None })
        }
        JournalLocation::File(path) => {
            let journal = SqliteJournal::open(&sqlite(config, path)).map_err(|error| sentence(&error))?;
            let shown = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            info!("journal: {}, synchronous {}", shown.display(), config.journal.synchronous);
            // While the journal is locked, no other process creates the secret.
            let secret = given.map_or_else(|| secret::beside(path), Ok)?;
            Ok(Opened { storage: Storage::Slow(Box::new(journal)), secret, node: None })
        }
        JournalLocation::Redis(location) => {
            let (journal, node) = node::join(config, location)?;
            let secret = node.secret.clone();
            Ok(Opened { storage: Storage::Slow(Box::new(journal)), secret, node: Some(node) })
        }
    }
}

/// The options of the journal at `path`.
pub(crate) fn sqlite(config: &Config, path: &Path) -> SqliteOptions {
    let journal = &config.journal;
    SqliteOptions {
        path: path.to_owned(),
        grace: grace(journal),
        durability: match journal.synchronous {
            Synchronous::Normal => Durability::Normal,
            Synchronous::Full => Durability::Full,
        },
        retain: journal.retain,
        retain_age: journal.retain_age,
        now: wall_clock(),
    }
}

/// The time after a start in which nothing expires.
pub(super) fn grace(journal: &JournalSettings) -> Duration {
    let shortest = journal.room_retention.min(journal.user_retention).min(journal.retain_age.unwrap_or(Duration::MAX));
    RunningClock::GRACE.min(shortest)
}
