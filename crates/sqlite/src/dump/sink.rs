//! A new file as the target of a copy.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::backup::sync_directory;
use crate::delete::delete_records;
use crate::error::{FileError, OpenError};
use crate::lock::{Lock, Mark};
use crate::log_row::{LogRow, free_id};
use crate::record_key::{LOG_MAX, SEQ_MAX, int, pack};
use crate::{check, path as paths, schema};
use parlor_core::Time;
use parlor_core::journal::LogName;
use parlor_core::journal::dump::{DumpSink, DumpedLog, DumpedRecord, DumpedValue, Piece};

/// A journal's file that is made from pieces. It gets its name when it is complete; before, and if that never happens, there is
/// `NAME.part`, which the next copy takes away.
pub struct SqliteSink {
    /// `None`: it is complete.
    db: Option<Connection>,
    lock: Lock,
    path: PathBuf,
    part: PathBuf,
    /// The running clock of the new journal, which begins at the wall time.
    now: Time,
    is_backup: bool,
    /// The number of the log whose records come.
    log: Option<i64>,
}

impl SqliteSink {
    /// Begins the file at `path`, at wall time `now`. Opened by a server, it goes on under the generation of its source.
    ///
    /// # Errors
    /// If there is such a file, a server uses it, or it can't be made.
    pub fn create(path: &Path, now: Time) -> Result<SqliteSink, FileError> {
        Self::begin(path, now, false).map_err(FileError::at(path))
    }

    /// Begins a backup: opened in a journal's place, it gives every log a new epoch.
    ///
    /// # Errors
    /// As of [`create`](SqliteSink::create).
    pub fn create_backup(path: &Path, now: Time) -> Result<SqliteSink, FileError> {
        Self::begin(path, now, true).map_err(FileError::at(path))
    }

    fn begin(path: &Path, now: Time, is_backup: bool) -> Result<SqliteSink, OpenError> {
        let path = paths::resolve(path)?;
        if ["", "-wal", "-shm"].iter().any(|suffix| paths::beside(&path, suffix).exists()) {
            return Err(OpenError::AlreadyExists);
        }
        let lock = Lock::take(&path)?;
        let part = paths::beside(&path, ".part");
        paths::create_empty(&part)?;
        let mut db = Connection::open(&part)?;
        db.set_prepared_statement_cache_capacity(16);
        db.pragma_update(None, "auto_vacuum", "incremental")?;
        // Nothing of the file counts before it is complete and synced.
        let _: String = db.pragma_update_and_check(None, "journal_mode", "off", |row| row.get(0))?;
        db.pragma_update(None, "synchronous", "off")?;
        schema::migrate(&mut db)?;
        Ok(SqliteSink { db: Some(db), lock, path, part, now, is_backup, log: None })
    }

    fn write(&mut self, piece: Piece) -> Result<(), OpenError> {
        let Some(db) = &self.db else { return Err(OpenError::Failed("the copy is complete already".into())) };
        db.execute_batch("BEGIN")?;
        match piece {
            Piece::Log(log) => self.log = Some(put_log(db, &log, self.now)?),
            Piece::Records(records) => put_records(db, self.log.unwrap_or(0), &records, self.now)?,
            Piece::Values(values) => put_values(db, &values, self.now)?,
            Piece::Gone { logs, keys } => {
                self.log = None;
                remove(db, &logs, &keys)?;
            }
        }
        db.execute_batch("COMMIT")?;
        Ok(())
    }

    fn complete(&mut self, generation: &str) -> Result<(), OpenError> {
        let Some(db) = self.db.take() else { return Ok(()) };
        let sql = "UPDATE journal SET generation = ?1, mark = 1, running_on = NULL, is_backup = ?2, clock = ?3";
        db.execute(sql, params![generation, self.is_backup, int(self.now.as_millis())])?;
        check::whole(&db)?;
        db.close().map_err(|(_, error)| error)?;
        File::open(&self.part)?.sync_all()?;
        self.lock.write(&Mark { generation: generation.into(), count: 1 });
        std::fs::rename(&self.part, &self.path)?;
        sync_directory(&self.path);
        Ok(())
    }
}

/// Writes a log's row, and takes away what an earlier piece has written of it and is not there any more.
fn put_log(db: &Connection, log: &DumpedLog, now: Time) -> Result<i64, OpenError> {
    if log.head > SEQ_MAX {
        return Err(OpenError::Failed(format!("{} has more records than a file can number", log.log)));
    }
    let before = LogRow::by_name(db, log.log.as_str())?;
    let id = match &before {
        Some(before) => {
            let until = if before.epoch == log.epoch { log.first } else { u64::MAX };
            delete_records(db, before.id, 0, until)?;
            before.id
        }
        None => free_id(db)?,
    };
    if id > LOG_MAX {
        return Err(OpenError::Failed("there are more logs than a file can number".into()));
    }
    let (at, expires_at) = (int(log.at.as_millis()), expiry(now, log.expires_in));
    let sql = "INSERT OR REPLACE INTO log (id, name, epoch, first, head, at, lag, expires_at, due, state, version)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10)";
    db.prepare_cached(sql)?.execute(params![
        id,
        log.log.as_str(),
        log.epoch,
        int(log.first),
        int(log.head),
        at,
        lag(log.at, now, log.idle),
        expires_at,
        log.state.as_deref(),
        int(log.version),
    ])?;
    Ok(id)
}

fn put_records(db: &Connection, log: i64, records: &[DumpedRecord], now: Time) -> Result<(), OpenError> {
    let mut insert = db.prepare_cached("INSERT OR REPLACE INTO record (id, at, lag, body) VALUES (?1, ?2, ?3, ?4)")?;
    for DumpedRecord { seq, at, age, record } in records {
        insert.execute(params![pack(log, *seq), int(at.as_millis()), lag(*at, now, *age), &record[..]])?;
    }
    Ok(())
}

fn put_values(db: &Connection, values: &[DumpedValue], now: Time) -> Result<(), OpenError> {
    let sql = "INSERT OR REPLACE INTO value (key, value, expires_at, due) VALUES (?1, ?2, ?3, ?3)";
    let mut insert = db.prepare_cached(sql)?;
    for DumpedValue { key, value, expires_in } in values {
        insert.execute(params![key, &value[..], expiry(now, *expires_in)])?;
    }
    Ok(())
}

fn remove(db: &Connection, logs: &[LogName], keys: &[String]) -> Result<(), OpenError> {
    for log in logs {
        let sql = "DELETE FROM log WHERE name = ?1 RETURNING id";
        let id = db.prepare_cached(sql)?.query_row([log.as_str()], |row| row.get(0)).optional()?;
        if let Some(id) = id {
            delete_records(db, id, 0, u64::MAX)?;
        }
    }
    for key in keys {
        db.prepare_cached("DELETE FROM value WHERE key = ?1")?.execute([key])?;
    }
    Ok(())
}

/// The wall clock less the running clock, at a time so long ago.
fn lag(at: Time, now: Time, ago: Duration) -> i64 {
    let ago = int(u64::try_from(ago.as_millis()).unwrap_or(u64::MAX));
    int(at.as_millis()).saturating_sub(int(now.as_millis()).saturating_sub(ago))
}

fn expiry(now: Time, expires_in: Option<Duration>) -> Option<i64> {
    expires_in.map(|left| int((now + left).as_millis()))
}

impl DumpSink for SqliteSink {
    fn take(&mut self, piece: Piece) -> Result<(), String> {
        self.write(piece).map_err(|error| FileError::at(&self.part)(error).to_string())
    }

    fn finish(&mut self, generation: &str) -> Result<(), String> {
        self.complete(generation).map_err(|error| FileError::at(&self.path)(error).to_string())
    }
}

impl Drop for SqliteSink {
    fn drop(&mut self) {
        drop(self.db.take());
        // It is there if the copy was not completed. Then the lock file is of no use either.
        if std::fs::remove_file(&self.part).is_ok() {
            let _ = std::fs::remove_file(paths::beside(&self.path, ".lock"));
        }
    }
}
