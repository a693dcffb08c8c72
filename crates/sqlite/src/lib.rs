//! The journal in a SQLite file: the default, with nothing to install.
//!
//! One connection writes, on the thread of whoever owns the [`SqliteJournal`]; [readers](Journal::reader) have their own and
//! are not waited for (write-ahead log). One process at a time has the file open for writing.

mod backup;
mod check;
mod error;
mod life;
mod lock;
mod open;
mod port;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod tidy;
mod wal;
mod write;

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

pub use backup::backup;
pub use error::{FileError, OpenError};
pub use port::{Export, Exported, Imported, export};

use parlor_core::Time;
use parlor_core::journal::{Commit, Load, Loaded, Outcome, Restored};
use parlor_core::journal::{Journal, Reader};

/// What committed means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// It survives the process, however that ends. If the machine loses power, the newest commits may be lost; the file
    /// stays whole, and epochs change.
    #[default]
    Normal,
    /// It survives the power too: each batch waits for the disk.
    Full,
}

impl Durability {
    /// SQLite's word for it.
    fn as_str(self) -> &'static str {
        match self {
            Durability::Normal => "normal",
            Durability::Full => "full",
        }
    }
}

#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The file; made with mode 0600 if it isn't there. Beside it come `-wal` and `-shm` (SQLite's) and `.lock`.
    pub path: PathBuf,
    pub durability: Durability,
    /// Records that each log keeps, at least 1.
    pub retain: u64,
    /// Records older than this go; `None`: age does not matter. Looked for once a minute.
    pub retain_age: Option<Duration>,
    /// The time of the start: what has expired is gone before anybody asks.
    pub now: Time,
}

/// Logs and values in a file.
pub struct SqliteJournal {
    db: Connection, // before `life`, whose lock goes last
    life: life::Life,
    path: PathBuf,
    retain: u64,
    retain_age: Option<Duration>,
    chores: tidy::Chores,
    wal: wal::Wal,
}

/// Written and taken back to see whether there is room: more than one batch needs, mostly.
const PROBE_BYTES: u32 = 64 << 10;

impl SqliteJournal {
    /// # Errors
    /// If the file can't be used: what is wrong and what to do, in a sentence.
    pub fn open(options: &SqliteOptions) -> Result<SqliteJournal, FileError> {
        open::open(options, life::boot_id().as_deref()).map_err(FileError::at(&options.path))
    }

    fn write(&mut self, batch: Vec<Commit>) -> rusqlite::Result<Vec<Outcome>> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut writing = write::Batch::new(&tx, self.retain);
        let outcomes = batch.into_iter().map(|commit| writing.apply(commit)).collect::<Result<_, _>>()?;
        let overfull = writing.finish()?;
        tx.commit()?;
        self.chores.overfull.extend(overfull);
        self.chores.has_written = true;
        Ok(outcomes)
    }

    /// After a transaction that failed: nothing of it may come back. If it was its very end that failed, it may stand whole
    /// in the write-ahead log, where the next start would take it for committed. The next commit overwrites it; should none
    /// come, emptying the log is as good.
    fn forget_failed(&mut self) {
        let _ = self.db.busy_timeout(Duration::ZERO);
        if let Err(error) = wal::truncate(&self.db) {
            log::debug!("the write-ahead log stays as it is: {error}");
        }
        let _ = self.db.busy_timeout(open::PATIENCE);
    }

    fn try_probe(&mut self) -> rusqlite::Result<()> {
        self.db.execute("UPDATE journal SET probe = zeroblob(?1)", [PROBE_BYTES])?;
        self.db.execute("UPDATE journal SET probe = NULL", [])?;
        Ok(())
    }

    fn close(&mut self) -> rusqlite::Result<()> {
        self.db.pragma_update(None, "synchronous", Durability::Full.as_str())?;
        self.life.end(&self.db)?;
        wal::truncate(&self.db)?;
        Ok(())
    }
}

impl Journal for SqliteJournal {
    fn restore(&mut self) -> Result<Restored, String> {
        let logs = read::states(&self.db, self.retain).map_err(|error| error::words(&error))?;
        Ok(Restored { generation: self.life.mark.generation.clone(), logs })
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        let size = batch.len();
        self.write(batch).unwrap_or_else(|error| {
            let words = error::words(&error);
            self.forget_failed();
            vec![Outcome::Unavailable(words); size]
        })
    }

    fn load(&mut self, load: Load) -> Loaded {
        read::load(&mut self.db, self.retain, &load).unwrap_or_else(|error| Loaded::Unavailable(error::words(&error)))
    }

    fn probe(&mut self) -> Result<(), String> {
        self.try_probe().map_err(|error| error::words(&error))
    }

    fn reader(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(read::SqliteReader::new(self.path.clone(), self.retain)))
    }

    fn tidy(&mut self, now: Time) -> bool {
        self.tidy_slice(now)
    }
}

/// Closing in order: then even a loss of power afterwards costs nothing, and no epoch changes.
impl Drop for SqliteJournal {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            log::warn!("the journal could not be closed in order: {}", error::words(&error));
        }
    }
}
