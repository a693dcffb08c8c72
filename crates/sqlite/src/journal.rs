//! The journal: one connection that writes.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::connection::BUSY_TIMEOUT;
use super::error::{FileError, failure};
use super::housekeeping::Housekeeping;
use super::import::{Imported, import};
use super::lifecycle::{self, Lifecycle};
use super::open::{Opened, open};
use super::options::{Durability, SqliteOptions};
use super::read::{self, SqliteReader};
use super::wal::{self, Wal};
use super::write::BatchWriter;
use parlor_core::Time;
use parlor_core::journal::{Commit, Journal, Load, Loaded, Outcome, Reader, Restored, RunningClock};

/// A [`Journal`] in a SQLite file.
///
/// The process that opened it is the only one that writes. Dropping it closes the file in order, so that even a loss of
/// power afterwards costs nothing.
pub struct SqliteJournal {
    pub(super) db: Connection, // before `lifecycle`, whose lock is released last
    lifecycle: Lifecycle,
    pub(super) path: PathBuf,
    retain: u64,
    housekeeping: Housekeeping,
    /// Logs a fault of housekeeping that lasts only once.
    is_housekeeping_failing: bool,
}

/// Bytes that a probe writes and takes back: mostly more than one batch needs.
const PROBE_BYTES: u32 = 64 << 10;

impl SqliteJournal {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// If the file can't be used: [`OpenError`](crate::OpenError) says why.
    pub fn open(options: &SqliteOptions) -> Result<SqliteJournal, FileError> {
        Self::open_on(options, lifecycle::boot_id().as_deref()).map_err(FileError::at(&options.path))
    }

    /// Opens the file on the machine's run `boot`.
    pub(super) fn open_on(
        options: &SqliteOptions,
        boot: Option<&str>,
    ) -> Result<SqliteJournal, super::error::OpenError> {
        let Opened { db, lifecycle, path, clock } = open(options, boot)?;
        let retain = options.retain.max(1);
        let housekeeping = Housekeeping::new(options, clock, Wal::of(&path));
        Ok(SqliteJournal { db, lifecycle, path, retain, housekeeping, is_housekeeping_failing: false })
    }

    /// Creates a log from records that were exported before. `false`: there is a log of that name, which stays as it is.
    ///
    /// # Errors
    /// If the log can't be written; then nothing of it is.
    pub fn import(&mut self, imported: &Imported) -> Result<bool, FileError> {
        let log = import(&mut self.db, self.housekeeping.clock(), imported).map_err(FileError::at(&self.path))?;
        self.housekeeping.written(log);
        Ok(log.is_some())
    }

    /// The running clock, as it was in the last slice of housekeeping.
    pub(super) fn clock(&self) -> RunningClock {
        self.housekeeping.clock()
    }

    pub(super) fn generation(&self) -> &str {
        &self.lifecycle.mark.generation
    }

    /// Lets the next start begin a new generation.
    pub(super) fn mark_as_copied(&self) -> rusqlite::Result<()> {
        self.db.execute("UPDATE journal SET is_backup = 1", []).map(|_| ())
    }

    fn write(&mut self, batch: Vec<Commit>) -> rusqlite::Result<Vec<Outcome>> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut writer = BatchWriter::new(&tx, self.retain, self.housekeeping.clock());
        let outcomes = batch.into_iter().map(|commit| writer.apply(commit)).collect::<Result<_, _>>()?;
        let overfull = writer.finish()?;
        tx.commit()?;
        self.housekeeping.written(overfull);
        Ok(outcomes)
    }

    /// Discards a transaction that failed. If its last step failed, it may stand complete in the write-ahead log, and the
    /// next start would take it for committed. The next commit overwrites it; in case none comes, the log is emptied.
    fn discard_failed(&mut self) {
        let _ = self.db.busy_timeout(Duration::ZERO);
        if let Err(error) = wal::truncate(&self.db) {
            log::debug!("the write-ahead log could not be emptied: {error}");
        }
        let _ = self.db.busy_timeout(BUSY_TIMEOUT);
    }

    fn try_probe(&mut self) -> rusqlite::Result<()> {
        self.db.execute("UPDATE journal SET probe = zeroblob(?1)", [PROBE_BYTES])?;
        self.db.execute("UPDATE journal SET probe = NULL", [])?;
        Ok(())
    }

    fn close(&mut self) -> rusqlite::Result<()> {
        self.db.pragma_update(None, "synchronous", Durability::Full.as_str())?;
        self.lifecycle.end(&self.db, self.housekeeping.clock().now())?;
        wal::truncate(&self.db)?;
        Ok(())
    }
}

impl Journal for SqliteJournal {
    fn restore(&mut self) -> Result<Restored, String> {
        let logs = read::states(&self.db, self.retain, self.housekeeping.clock()).map_err(|error| failure(&error))?;
        Ok(Restored { generation: self.lifecycle.mark.generation.clone(), logs, shared: None })
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        let size = batch.len();
        self.write(batch).unwrap_or_else(|error| {
            let words = failure(&error);
            self.discard_failed();
            vec![Outcome::Unavailable(words); size]
        })
    }

    fn load(&mut self, load: Load) -> Loaded {
        read::load(&mut self.db, self.retain, &load).unwrap_or_else(|error| Loaded::Unavailable(failure(&error)))
    }

    fn probe(&mut self) -> Result<(), String> {
        self.try_probe().map_err(|error| failure(&error))
    }

    fn reader(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(SqliteReader::new(self.path.clone(), self.retain)))
    }

    fn tidy(&mut self, now: Time) -> bool {
        let done = self.housekeeping.run(&mut self.db, &mut self.lifecycle, now);
        if let Err(error) = &done
            && !self.is_housekeeping_failing
        {
            log::warn!("housekeeping of the journal waits: {}", failure(error));
        }
        self.is_housekeeping_failing = done.is_err();
        done.unwrap_or(false)
    }
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            log::warn!("the journal could not be closed in order: {}", failure(&error));
        }
    }
}
