//! The lock file beside the journal (`NAME.lock`), which keeps a second process out.
//!
//! The system releases the lock when the process ends, also by `kill -9`. It is none of SQLite's own locks, so readers such
//! as a backup work beside the server; SQLite's `locking_mode=EXCLUSIVE` would shut them out. It can't be a lock on the
//! database file itself: closing any other handle of that file would release SQLite's locks (POSIX).

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::error::OpenError;
use super::path::beside;

pub(super) struct Lock {
    file: File,
}

/// The version of a journal's file; see `lifecycle.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub generation: String,
    pub count: u64,
}

impl Mark {
    pub fn is_not_behind(&self, other: &Mark) -> bool {
        self.generation == other.generation && self.count >= other.count
    }
}

impl Lock {
    /// Locks the journal at `path` for as long as the value lives.
    pub fn take(path: &Path) -> Result<Lock, OpenError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(beside(path, ".lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Reads the mark; `None` if there is none or it is malformed.
    pub fn read(&self) -> Option<Mark> {
        let mut text = String::new();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0)).ok()?;
        file.take(256).read_to_string(&mut text).ok()?;
        let (generation, count) = text.trim().split_once(' ')?;
        Some(Mark { generation: generation.into(), count: count.parse().ok()? })
    }

    /// Writes the mark. A line has always the same length, so one write replaces the old one. If it fails, the lock file
    /// stays behind, and an older copy of the journal may pass for the newest: that is logged and no reason to stop.
    pub fn write(&mut self, mark: &Mark) {
        let line = format!("{} {:020}\n", mark.generation, mark.count);
        let written = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.write_all(line.as_bytes()));
        if let Err(error) = written {
            log::warn!("the journal's lock file could not be written: {error}");
        }
    }
}
