//! Where events are kept, how safely and for how long.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::setting::{Bounds, Shape, settings};
use super::value::Value;

settings! {
    /// Where events are kept, how safely, and for how long.
    pub struct JournalSettings, "Journal" {
        /// File that keeps what happened; memory keeps nothing beyond the process.
        ///
        /// A relative path starts from the directory the server is started in. A file that is really called `memory` is
        /// `./memory`.
        journal: JournalLocation = "./parlor.db";

        /// What an acknowledged event survives: normal, the process being killed; full, the power going too.
        ///
        /// full waits for the disk once per batch, which costs latency.
        synchronous: Synchronous = "normal";

        /// Newest events kept per room.
        ///
        /// There is no value for "all": nothing here grows without end.
        retain: u64 = "1000", unit "events", from "1" to "1000000000";

        /// Age at which events are dropped even if they are among the newest; none keeps them.
        retain_age: Option<Duration> = "none", from "1s" to "36500d";

        /// How long a room is kept that nobody has been in and nothing has happened in.
        room_retention: Duration = "30d", from "1s" to "36500d";

        /// How long a user is kept who has not been here.
        user_retention: Duration = "90d", from "1s" to "36500d";
    }
}

/// The place of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalLocation {
    Memory,
    File(PathBuf),
}

/// How often SQLite waits for the disk.
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
        // SQLite takes a name in C's way: it would end at the zero byte. A path with a slash at its end is a directory.
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
