//! Bounds the write-ahead log.
//!
//! SQLite copies it into the database after every 4 MB, and resets it when nobody reads from it. Readers of this crate hold
//! it for one page; while one reader follows another there may be no moment without any, and then the writer waits for one.
//! Other programs (a backup, a `sqlite3` left open in a transaction) are not waited for: the log grows until they are done,
//! and a warning is logged.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::connection::BUSY_TIMEOUT;
use super::path::beside;

/// The size from which the writer waits for a moment without readers.
const LIMIT: u64 = 64 << 20;
/// The time it waits: no batch is written meanwhile.
const WAIT: Duration = Duration::from_millis(50);

/// The write-ahead log of a journal.
#[derive(Debug)]
pub(super) struct Wal {
    path: PathBuf,
    /// The size at which to try again.
    next: u64,
}

impl Wal {
    pub fn of(journal: &Path) -> Wal {
        Wal { path: beside(journal, "-wal"), next: LIMIT }
    }

    pub fn bound(&mut self, db: &Connection) -> rusqlite::Result<()> {
        let size = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        if size < self.next {
            return Ok(());
        }
        db.busy_timeout(WAIT)?;
        let is_done = truncate(db);
        db.busy_timeout(BUSY_TIMEOUT)?;
        if is_done? {
            self.next = LIMIT;
        } else {
            log::warn!(
                "the file {} has grown to {} MB: a program holds a read transaction on the journal open",
                self.path.display(),
                size >> 20
            );
            self.next = size + size / 2; // not in every slice
        }
        Ok(())
    }
}

/// Copies the log into the database and empties it. `false`: a reader prevented it.
pub(super) fn truncate(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).map(|is_busy| is_busy == 0)
}
