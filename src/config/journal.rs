//! The journal: place, durability and retention.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::define::settings;
use super::setting::{Bounds, Shape};
use super::value::Value;

settings! {
    /// Place, durability and retention of events. Times of retention count only while the server runs.
    pub struct JournalSettings, "Journal" {
        /// File that keeps rooms, messages and users; memory keeps them until the process ends.
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
}

/// The durability of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    Normal,
    Full,
}

impl Value for JournalLocation {
    const SHAPE: Shape = Shape::Text;
    const PLACEHOLDER: &'static str = "memory|PATH";

    fn allowed(_: Bounds) -> String {
        "memory, or the path of a file".to_owned()
    }

    fn parse(text: &str, _: Bounds) -> Option<Self> {
        let location =
            if text == "memory" { JournalLocation::Memory } else { JournalLocation::File(PathBuf::from(text)) };
        // SQLite takes a C string, which ends at a zero byte. A path that ends with a slash is a directory.
        (!text.is_empty() && !text.contains('\0') && !text.ends_with('/')).then_some(location)
    }

    fn print(&self) -> String {
        match self {
            JournalLocation::Memory => "memory".to_owned(),
            JournalLocation::File(path) => path.display().to_string(),
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
