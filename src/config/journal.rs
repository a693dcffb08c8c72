//! The journal: place, durability and retention.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::define::settings;
use super::redis_location::RedisLocation;
use super::setting::{Bounds, Shape};
use super::value::Value;

settings! {
    /// Place, durability and retention of events. Times of retention count only while the server runs.
    pub struct JournalSettings, "Journal" {
        /// File that keeps rooms, messages and users; memory, until the process ends; the URL of a Redis, for several nodes.
        ///
        /// Several servers with one Redis serve one lounge: redis://HOST:PORT/DATABASE, rediss: for TLS, or
        /// redis+sentinel://HOST:PORT,HOST:PORT/MASTER, each with USER:PASSWORD@ before the first host if Redis asks for them
        /// (docs/nodes.md). A password is never printed or logged.
        ///
        /// A relative path starts from the working directory. A file with the name `memory` is `./memory`.
        journal: JournalLocation = "./parlor.db";

        /// Loss that an acknowledged event survives: normal, a killed process; full, also a loss of power.
        ///
        /// full waits for the disk once per batch, which costs latency.
        synchronous: Synchronous = "normal";

        /// Newest events kept per room.
        ///
        /// There is no value for "all": nothing grows without end. In memory a room keeps 4 MiB of events at most.
        retain: u64 = "1000", unit "events", from "1" to "1000000000";

        /// Age at which events are deleted even if they are among the newest; none keeps them.
        retain_age: Option<Duration> = "none", from "1s" to "36500d";

        /// Time for which a room is kept after its last event, while nobody is in it.
        room_retention: Duration = "30d", from "1s" to "36500d";

        /// Time for which a user is kept after their last visit.
        user_retention: Duration = "90d", from "1s" to "36500d";
    }
}

/// The place of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalLocation {
    Memory,
    File(PathBuf),
    Redis(RedisLocation),
}

impl JournalLocation {
    pub(super) fn has_password(&self) -> bool {
        match self {
            JournalLocation::Redis(location) => location.has_password(),
            JournalLocation::Memory | JournalLocation::File(_) => false,
        }
    }

    pub(super) fn is_encrypted(&self) -> bool {
        match self {
            JournalLocation::Redis(location) => location.is_encrypted(),
            JournalLocation::Memory | JournalLocation::File(_) => false,
        }
    }
}

/// The durability of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    Normal,
    Full,
}

impl Value for JournalLocation {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "memory|PATH|URL";

    fn allowed(_: Bounds) -> String {
        "memory, the path of a file, or the URL of a Redis such as redis://localhost:6379".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        if RedisLocation::is_meant(text) {
            return RedisLocation::parse(text).map(JournalLocation::Redis);
        }
        let location =
            if text == "memory" { JournalLocation::Memory } else { JournalLocation::File(PathBuf::from(text)) };
        // SQLite takes a C string, which ends at a zero byte. A path that ends with a slash is a directory.
        (!text.is_empty() && !text.contains('\0') && !text.ends_with('/')).then_some(location)
    }

    fn print(&self) -> String {
        match self {
            JournalLocation::Memory => "memory".to_owned(),
            JournalLocation::File(path) => path.display().to_string(),
            JournalLocation::Redis(location) => location.to_string(),
        }
    }
}

impl Value for Synchronous {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "normal|full";

    fn allowed(_: Bounds) -> String {
        "normal or full".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        match text {
            "normal" => Some(Synchronous::Normal),
            "full" => Some(Synchronous::Full),
            _ => None,
        }
    }

    fn print(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Synchronous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Synchronous::Normal => "normal",
            Synchronous::Full => "full",
        })
    }
}
