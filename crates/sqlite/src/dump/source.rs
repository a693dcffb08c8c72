//! A file as the source of a copy.

use std::time::Duration;

use rusqlite::{OptionalExtension, Row, params};

use crate::error::{FileError, failure};
use crate::journal::SqliteJournal;
use crate::options::SqliteOptions;
use crate::read::blob;
use crate::record_key::{int, pack, seq_of};
use parlor_core::Time;
use parlor_core::journal::dump::{DumpSource, DumpedLog, DumpedRecord, DumpedValue, Piece};
use parlor_core::journal::{LogName, RunningClock};

/// Records or values in one piece.
const ROWS: u64 = 256;
/// Bytes after which a piece takes no more of them.
const BYTES: usize = 1 << 20;

/// A journal's file that is read as a whole. No server can use it meanwhile.
pub struct SqliteDump {
    journal: SqliteJournal,
    place: Place,
}

/// The next piece to read.
enum Place {
    /// The log behind this name.
    LogAfter(String),
    /// Records of a log, from a number on.
    Records {
        log: i64,
        name: String,
        next: u64,
        head: u64,
    },
    /// The values behind this key; none: from the first.
    ValuesAfter(Option<String>),
    End,
}

impl SqliteDump {
    /// Opens the file, as a server would: one of an older version is migrated.
    ///
    /// # Errors
    /// If it is not there, or can't be used: [`OpenError`](crate::OpenError) says why.
    pub fn open(options: &SqliteOptions) -> Result<SqliteDump, FileError> {
        if !options.path.exists() {
            return Err(FileError::at(&options.path)(crate::OpenError::Missing));
        }
        Ok(SqliteDump { journal: SqliteJournal::open(options)?, place: Place::LogAfter(String::new()) })
    }

    fn read(&mut self) -> rusqlite::Result<Option<Piece>> {
        loop {
            match std::mem::replace(&mut self.place, Place::End) {
                Place::LogAfter(name) => match self.log_after(&name)? {
                    Some((id, log)) => {
                        let (name, next, head) = (log.log.as_str().to_owned(), log.first, log.head);
                        self.place = Place::Records { log: id, name, next, head };
                        return Ok(Some(Piece::Log(log)));
                    }
                    None => self.place = Place::ValuesAfter(None),
                },
                Place::Records { log, name, next, head } => {
                    let records = self.records(log, next)?;
                    let Some(last) = records.last() else {
                        self.place = Place::LogAfter(name);
                        continue;
                    };
                    self.place = Place::Records { log, name, next: last.seq + 1, head };
                    return Ok(Some(Piece::Records(records)));
                }
                Place::ValuesAfter(key) => {
                    let values = self.values(key.as_deref())?;
                    let Some(last) = values.last() else { return Ok(None) };
                    self.place = Place::ValuesAfter(Some(last.key.clone()));
                    return Ok(Some(Piece::Values(values)));
                }
                Place::End => return Ok(None),
            }
        }
    }

    fn log_after(&self, name: &str) -> rusqlite::Result<Option<(i64, DumpedLog)>> {
        let sql = "SELECT id, name, epoch, version, first, head, at, lag, expires_at, state FROM log
                   WHERE name > ?1 ORDER BY name LIMIT 1";
        let clock = self.journal.clock();
        self.journal.db.prepare_cached(sql)?.query_row([name], |row| Ok((row.get(0)?, log(clock, row)?))).optional()
    }

    fn records(&self, log: i64, next: u64) -> rusqlite::Result<Vec<DumpedRecord>> {
        let sql = "SELECT id, at, lag, body FROM record WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";
        let mut find = self.journal.db.prepare_cached(sql)?;
        let mut rows = find.query(params![pack(log, next), pack(log, u64::MAX), int(ROWS)])?;
        let (mut records, mut bytes) = (Vec::new(), 0);
        while bytes < BYTES
            && let Some(row) = rows.next()?
        {
            let (at, record) = (Time(row.get(1)?), blob(row, 3)?);
            bytes += record.len();
            let age = self.journal.clock().now().since(RunningClock::at_lag(at, row.get(2)?));
            records.push(DumpedRecord { seq: seq_of(row.get(0)?), at, age, record });
        }
        Ok(records)
    }

    fn values(&self, after: Option<&str>) -> rusqlite::Result<Vec<DumpedValue>> {
        let sql = "SELECT key, value, expires_at FROM value WHERE ?1 IS NULL OR key > ?1 ORDER BY key LIMIT ?2";
        let mut find = self.journal.db.prepare_cached(sql)?;
        let mut rows = find.query(params![after, int(ROWS)])?;
        let (mut values, mut bytes) = (Vec::new(), 0);
        while bytes < BYTES
            && let Some(row) = rows.next()?
        {
            let value = blob(row, 1)?;
            bytes += value.len();
            let expires_in = expires_in(self.journal.clock(), row.get(2)?);
            values.push(DumpedValue { key: row.get(0)?, value, expires_in });
        }
        Ok(values)
    }
}

fn log(clock: RunningClock, row: &Row<'_>) -> rusqlite::Result<DumpedLog> {
    let (name, at): (String, _) = (row.get(1)?, Time(row.get(6)?));
    let state = row.get::<_, Option<Vec<u8>>>(9)?;
    Ok(DumpedLog {
        log: LogName::new(&name),
        epoch: row.get(2)?,
        version: row.get(3)?,
        first: row.get(4)?,
        head: row.get(5)?,
        at,
        idle: clock.now().since(RunningClock::at_lag(at, row.get(7)?)),
        expires_in: expires_in(clock, row.get(8)?),
        state: state.map(Into::into),
    })
}

fn expires_in(clock: RunningClock, expires_at: Option<u64>) -> Option<Duration> {
    expires_at.map(|at| Time(at).since(clock.now()))
}

impl DumpSource for SqliteDump {
    fn piece(&mut self) -> Result<Option<Piece>, String> {
        self.read().map_err(|error| failure(&error))
    }

    fn generation(&self) -> &str {
        self.journal.generation()
    }

    fn retire(&mut self) -> Result<(), String> {
        self.journal.mark_as_copied().map_err(|error| failure(&error))
    }
}
