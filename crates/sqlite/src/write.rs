//! Writing a batch in one transaction.

use std::collections::BTreeMap;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use super::delete::{SLICE, delete_records, drop_log, slack};
use super::expiry::is_due_too_late;
use super::log_row::{LogRow, free_id};
use super::record_key::{SEQ_MAX, int, pack};
use parlor_core::Time;
use parlor_core::journal::{Amend, Append, Commit, Expect, ExpectValue, LogName, Outcome, Placed, Put, RunningClock};

/// Applies the commits of a batch. The rows of the logs it touches are written at the end, each once.
pub(super) struct BatchWriter<'a> {
    db: &'a Connection,
    retain: u64,
    clock: RunningClock,
    logs: BTreeMap<LogName, Option<TouchedLog>>,
}

struct TouchedLog {
    row: LogRow,
    /// Records that this batch has appended.
    fresh: u64,
    at: Time,
    lag: i64,
    /// By the running clock.
    expires_at: Option<Time>,
    state: Option<Bytes>,
    is_changed: bool,
    /// Only its version is another.
    is_amended: bool,
}

impl<'a> BatchWriter<'a> {
    pub fn new(db: &'a Connection, retain: u64, clock: RunningClock) -> Self {
        BatchWriter { db, retain, clock, logs: BTreeMap::new() }
    }

    /// Checks everything before it writes anything, so that a conflict leaves no trace.
    pub fn apply(&mut self, commit: Commit) -> rusqlite::Result<Outcome> {
        for append in &commit.appends {
            if let Some(refusal) = self.check(append)? {
                return Ok(refusal);
            }
        }
        for amend in &commit.amends {
            if self.log(&amend.log)?.as_ref().is_none_or(|log| !(1..=log.row.head).contains(&amend.seq)) {
                return Ok(Outcome::Conflict);
            }
        }
        for put in commit.puts.iter().filter(|put| put.expect != ExpectValue::Anything) {
            if !put.expect.holds(self.value(&put.key)?.as_deref()) {
                return Ok(Outcome::Conflict);
            }
        }
        for amend in commit.amends {
            self.amend(&amend)?;
        }
        let written_at = commit.appends.first().map(|append| append.at).or(commit.at);
        let mut placed = Vec::with_capacity(commit.appends.len());
        for append in commit.appends {
            placed.push(self.append(append)?);
        }
        for put in commit.puts {
            self.put(&put, &placed, written_at)?;
        }
        for log in commit.drops {
            self.drop_log(log)?;
        }
        Ok(Outcome::Committed(placed))
    }

    fn check(&mut self, append: &Append) -> rusqlite::Result<Option<Outcome>> {
        let log = self.log(&append.log)?.as_ref().map(|log| &log.row);
        let head = log.map(|log| log.head);
        let is_as_expected = match append.expect {
            Expect::Anything => true,
            Expect::Missing => log.is_none(),
            Expect::Head(expected) => head == Some(expected),
            Expect::Epoch => log.is_some_and(|log| log.epoch == append.epoch),
            Expect::Version(expected) => log.is_some_and(|log| log.epoch == append.epoch && log.version == expected),
        };
        if !is_as_expected {
            return Ok(Some(Outcome::Conflict));
        }
        let is_full = head.unwrap_or(0) + append.records.len() as u64 > SEQ_MAX;
        Ok(is_full.then(|| Outcome::Unavailable(format!("the log {} is full", append.log))))
    }

    fn append(&mut self, append: Append) -> rusqlite::Result<Placed> {
        if self.log(&append.log)?.is_none() {
            let log = self.begin(&append)?;
            self.logs.insert(append.log.clone(), Some(log));
        }
        let (db, clock) = (self.db, self.clock);
        let lag = int(append.at.as_millis()).saturating_sub(int(clock.stamp(append.at).as_millis()));
        let Some(log) = self.log(&append.log)? else { return Err(rusqlite::Error::QueryReturnedNoRows) };
        let first = log.row.head + 1;
        let mut insert = db.prepare_cached("INSERT INTO record (id, at, lag, body) VALUES (?1, ?2, ?3, ?4)")?;
        for record in &append.records {
            log.row.head += 1;
            let key = pack(log.row.id, log.row.head);
            insert.execute(params![key, int(append.at.as_millis()), lag, &record[..]])?;
        }
        log.fresh += append.records.len() as u64;
        (log.at, log.lag) = (append.at, lag);
        log.expires_at = append.expires_at.map(|at| clock.expiry(append.at, at));
        log.state = append.state.or_else(|| log.state.take());
        log.row.version += 1;
        log.is_changed = true;
        Ok(Placed { first, head: log.row.head, epoch: log.row.epoch.clone(), version: log.row.version })
    }

    fn amend(&mut self, Amend { log, seq, record }: &Amend) -> rusqlite::Result<()> {
        let db = self.db;
        let Some(log) = self.log(log)? else { return Err(rusqlite::Error::QueryReturnedNoRows) };
        log.row.version += 1;
        log.is_amended = true;
        let mut update = db.prepare_cached("UPDATE record SET body = ?2 WHERE id = ?1")?;
        update.execute(params![pack(log.row.id, *seq), &record[..]])?; // a trimmed one stays trimmed
        Ok(())
    }

    fn value(&self, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        let sql = "SELECT value FROM value WHERE key = ?1";
        self.db.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()
    }

    fn begin(&self, append: &Append) -> rusqlite::Result<TouchedLog> {
        let id = free_id(self.db)?;
        let sql = "INSERT INTO log (id, name, epoch, first, head, at) VALUES (?1, ?2, ?3, 1, 0, ?4)";
        let at = int(append.at.as_millis());
        self.db.prepare_cached(sql)?.execute(params![id, append.log.as_str(), append.epoch, at])?;
        let row = LogRow { id, epoch: append.epoch.clone(), first: 1, head: 0, version: 0, due: None };
        Ok(TouchedLog::new(row))
    }

    /// `written_at`: the time of an append beside it, if there is one.
    fn put(&self, put: &Put, placed: &[Placed], written_at: Option<Time>) -> rusqlite::Result<()> {
        let Some(value) = put.stored(placed) else {
            self.db.prepare_cached("DELETE FROM value WHERE key = ?1")?.execute([&put.key])?;
            return Ok(());
        };
        let expiry = |at| written_at.map_or(self.clock.at(at), |written_at| self.clock.expiry(written_at, at));
        let expires_at = put.expires_at.map(|at| int(expiry(at).as_millis()));
        let find = "SELECT due FROM value WHERE key = ?1";
        let due: Option<Option<i64>> =
            self.db.prepare_cached(find)?.query_row([&put.key], |row| row.get(0)).optional()?;
        let sql = match due {
            Some(due) if !is_due_too_late(due, expires_at) => {
                "UPDATE value SET value = ?2, expires_at = ?3 WHERE key = ?1"
            }
            Some(_) => "UPDATE value SET value = ?2, expires_at = ?3, due = ?3 WHERE key = ?1",
            None => "INSERT INTO value (key, value, expires_at, due) VALUES (?1, ?2, ?3, ?3)",
        };
        self.db.prepare_cached(sql)?.execute(params![put.key, &value[..], expires_at])?;
        Ok(())
    }

    fn drop_log(&mut self, name: LogName) -> rusqlite::Result<()> {
        let db = self.db;
        if let Some(log) = self.log(&name)? {
            log.store(db)?; // the row says which records are to be deleted
            drop_log(db, log.row.id, log.row.first > log.row.head)?;
            self.logs.insert(name, None);
        }
        Ok(())
    }

    fn log(&mut self, name: &LogName) -> rusqlite::Result<&mut Option<TouchedLog>> {
        if !self.logs.contains_key(name) {
            let log = LogRow::by_name(self.db, name.as_str())?.map(TouchedLog::new);
            self.logs.insert(name.clone(), log);
        }
        Ok(self.logs.entry(name.clone()).or_default())
    }

    /// Writes the logs' rows. Returns the numbers of logs that hold too many records.
    pub fn finish(self) -> rusqlite::Result<Vec<i64>> {
        let mut overfull = Vec::new();
        for mut log in self.logs.into_values().flatten() {
            let excess = log.row.excess(self.retain);
            // Housekeeping is behind: writers delete two old records for each new one.
            if excess > self.retain + SLICE {
                let share = excess.min(log.fresh * 2);
                delete_records(self.db, log.row.id, log.row.first, log.row.first + share)?;
                log.row.first += share;
            }
            log.store(self.db)?;
            if excess > slack(self.retain) {
                overfull.push(log.row.id);
            }
        }
        Ok(overfull)
    }
}

impl TouchedLog {
    fn new(row: LogRow) -> TouchedLog {
        let (at, lag, expires_at, state) = (Time(0), 0, None, None);
        TouchedLog { row, fresh: 0, at, lag, expires_at, state, is_changed: false, is_amended: false }
    }

    fn store(&self, db: &Connection) -> rusqlite::Result<()> {
        let (id, version) = (self.row.id, int(self.row.version));
        if !self.is_changed {
            if self.is_amended {
                db.prepare_cached("UPDATE log SET version = ?2 WHERE id = ?1")?.execute(params![id, version])?;
            }
            return Ok(());
        }
        let expires_at = self.expires_at.map(|at| int(at.as_millis()));
        let state = self.state.as_deref();
        let sql = "UPDATE log SET first = ?2, head = ?3, at = ?4, lag = ?5, expires_at = ?6, state = ifnull(?7, state),
                   version = ?8 WHERE id = ?1";
        let (first, head) = (int(self.row.first), int(self.row.head));
        let at = int(self.at.as_millis());
        db.prepare_cached(sql)?.execute(params![id, first, head, at, self.lag, expires_at, state, version])?;
        if is_due_too_late(self.row.due, expires_at) {
            db.prepare_cached("UPDATE log SET due = ?2 WHERE id = ?1")?.execute(params![id, expires_at])?;
        }
        Ok(())
    }
}
