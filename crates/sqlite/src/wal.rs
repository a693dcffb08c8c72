//! The write-ahead log: that it doesn't grow without end.
//!
//! SQLite copies it into the database after every 4 MB, and begins it anew when nobody reads from it. Readers of ours hold
//! on to it for one page, so there is such a moment soon; but while they come one after the other there may never be one by
//! itself, and then we wait for one. Others (a backup, a `sqlite3` left open in a transaction) are waited for in vain: then
//! it grows until they are done, with a word to the operator.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::open::PATIENCE;

/// From here on we wait for readers to step aside.
const LIMIT: u64 = 64 << 20;
/// How long we do: the writer stands still meanwhile.
const WAIT: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Wal {
    path: PathBuf,
    /// The size at which to try.
    next: u64,
}

impl Wal {
    pub fn of(journal: &Path) -> Wal {
        let mut path = journal.as_os_str().to_owned();
        path.push("-wal");
        Wal { path: path.into(), next: LIMIT }
    }

    pub fn bound(&mut self, db: &Connection) -> rusqlite::Result<()> {
        let size = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        if size < self.next {
            return Ok(());
        }
        db.busy_timeout(WAIT)?;
        let is_done = truncate(db);
        db.busy_timeout(PATIENCE)?;
        if is_done? {
            self.next = LIMIT;
        } else {
            log::warn!(
                "the file {} has grown to {} MB, because some program reads the journal without a pause",
                self.path.display(),
                size >> 20
            );
            self.next = size + size / 2; // not at every turn
        }
        Ok(())
    }
}

/// Copies all of it into the database and empties it. `false`: readers are in the way.
pub(super) fn truncate(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).map(|is_busy| is_busy == 0)
}
