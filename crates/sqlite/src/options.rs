//! Options of a journal's file.

use std::path::PathBuf;
use std::time::Duration;

use parlor_core::Time;
use parlor_core::journal::RunningClock;

/// The loss that a committed batch survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A committed batch survives the process, however it ends. If the machine loses power, the newest commits may be lost;
    /// the file stays intact, and the generation of epochs changes.
    #[default]
    Normal,
    /// A committed batch survives a loss of power too: each batch waits for the disk.
    Full,
}

impl Durability {
    /// The value of SQLite's `synchronous`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Durability::Normal => "normal",
            Durability::Full => "full",
        }
    }
}

/// Options of [`SqliteJournal::open`](crate::SqliteJournal::open).
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The file. It is created with mode 0600 if it is missing. SQLite's `-wal` and `-shm` and a `.lock` file stand beside it.
    pub path: PathBuf,
    /// The loss that a committed batch survives.
    pub durability: Durability,
    /// Records that each log keeps, at least 1.
    pub retain: u64,
    /// Records older than this are deleted; `None`: age does not matter. Checked once a minute, or more often for a short age.
    pub retain_age: Option<Duration>,
    /// The time after the start in which nothing expires, so that clients can come back first. It should be no longer than
    /// the shortest time for which something is kept.
    pub grace: Duration,
    /// The wall time of the start.
    pub now: Time,
}

impl SqliteOptions {
    /// The file at `path`, opened at `now`: `Normal` durability, 1000 records for each log, of any age, and a grace of
    /// [`RunningClock::GRACE`].
    pub fn new(path: impl Into<PathBuf>, now: Time) -> Self {
        SqliteOptions {
            path: path.into(),
            durability: Durability::Normal,
            retain: 1000,
            retain_age: None,
            grace: RunningClock::GRACE,
            now,
        }
    }
}
