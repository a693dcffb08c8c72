//! Writing: one transaction for a batch.

use std::collections::BTreeMap;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use super::read::Numbers;
use super::tidy;
use parlor_core::Time;
use parlor_core::journal::{Append, Commit, Expect, LogName, Outcome, Placed, Put};

/// Bits of a record's key that hold its sequence number: 2^38 is a thousand a second for eight years, which leaves room
/// for 2^25 logs at a time.
const SEQ_BITS: u32 = 38;
pub(super) const SEQ_MAX: u64 = (1 << SEQ_BITS) - 2; // that there is a key after it
const LOG_MAX: i64 = (1 << (63 - SEQ_BITS)) - 1;

/// A record's key.
pub(super) fn pack(log: i64, seq: u64) -> i64 {
    (log << SEQ_BITS) | int(seq.min(SEQ_MAX + 1))
}

pub(super) fn seq_of(key: i64) -> u64 {
    (key & ((1 << SEQ_BITS) - 1)).unsigned_abs()
}

/// SQLite's integers are signed; what doesn't fit is as good as endless.
pub(super) fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The logs that a batch has touched, as they are now: written when all its commits are through, each once.
pub(super) struct Batch<'a> {
    db: &'a Connection,
    retain: u64,
    logs: BTreeMap<LogName, Option<Log>>,
}

struct Log {
    numbers: Numbers,
    /// Records that this batch has appended.
    fresh: u64,
    at: Time,
    expires_at: Option<Time>,
    state: Option<Bytes>,
    is_changed: bool,
}

impl<'a> Batch<'a> {
    pub fn new(db: &'a Connection, retain: u64) -> Self {
        Batch { db, retain, logs: BTreeMap::new() }
    }

    /// Nothing is written unless all of a commit can be: so a conflict leaves no trace.
    pub fn apply(&mut self, commit: Commit) -> rusqlite::Result<Outcome> {
        for append in &commit.appends {
            if let Some(refusal) = self.check(append)? {
                return Ok(refusal);
            }
        }
        let mut placed = Vec::with_capacity(commit.appends.len());
        for append in commit.appends {
            placed.push(self.append(append)?);
        }
        for put in commit.puts {
            self.put(&put)?;
        }
        for log in commit.drops {
            self.drop_log(log)?;
        }
        Ok(Outcome::Committed(placed))
    }

    fn check(&mut self, append: &Append) -> rusqlite::Result<Option<Outcome>> {
        let head = self.log(&append.log)?.as_ref().map(|log| log.numbers.head);
        let is_as_expected = match append.expect {
            Expect::Anything => true,
            Expect::Missing => head.is_none(),
            Expect::Head(expected) => head == Some(expected),
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
        let db = self.db;
        let Some(log) = self.log(&append.log)? else { return Err(rusqlite::Error::QueryReturnedNoRows) };
        let first = log.numbers.head + 1;
        let mut insert = db.prepare_cached("INSERT INTO record (id, at, body) VALUES (?1, ?2, ?3)")?;
        for record in &append.records {
            log.numbers.head += 1;
            let key = pack(log.numbers.id, log.numbers.head);
            insert.execute(params![key, int(append.at.as_millis()), &record[..]])?;
        }
        log.fresh += append.records.len() as u64;
        log.at = append.at;
        log.expires_at = append.expires_at;
        log.state = append.state.or_else(|| log.state.take());
        log.is_changed = true;
        Ok(Placed { first, head: log.numbers.head, epoch: log.numbers.epoch.clone() })
    }

    fn begin(&self, append: &Append) -> rusqlite::Result<Log> {
        let id = free_id(self.db)?;
        let sql = "INSERT INTO log (id, name, epoch, first, head, at) VALUES (?1, ?2, ?3, 1, 0, ?4)";
        let at = int(append.at.as_millis());
        self.db.prepare_cached(sql)?.execute(params![id, append.log.as_str(), append.epoch, at])?;
        let numbers = Numbers { id, epoch: append.epoch.clone(), first: 1, head: 0, due: None };
        Ok(Log::new(numbers))
    }

    fn put(&self, put: &Put) -> rusqlite::Result<()> {
        let Some(value) = &put.value else {
            self.db.prepare_cached("DELETE FROM value WHERE key = ?1")?.execute([&put.key])?;
            return Ok(());
        };
        let expires_at = put.expires_at.map(|at| int(at.as_millis()));
        let find = "SELECT due FROM value WHERE key = ?1";
        let due: Option<Option<i64>> =
            self.db.prepare_cached(find)?.query_row([&put.key], |row| row.get(0)).optional()?;
        let sql = match due {
            Some(due) if !is_too_late(due, expires_at) => "UPDATE value SET value = ?2, expires_at = ?3 WHERE key = ?1",
            Some(_) => "UPDATE value SET value = ?2, expires_at = ?3, due = ?3 WHERE key = ?1",
            None => "INSERT INTO value (key, value, expires_at, due) VALUES (?1, ?2, ?3, ?3)",
        };
        self.db.prepare_cached(sql)?.execute(params![put.key, &value[..], expires_at])?;
        Ok(())
    }

    fn drop_log(&mut self, name: LogName) -> rusqlite::Result<()> {
        let db = self.db;
        if let Some(log) = self.log(&name)? {
            log.store(db)?; // which of its records are to be deleted stands in its row
            tidy::drop_log(db, log.numbers.id, log.numbers.first > log.numbers.head)?;
            self.logs.insert(name, None);
        }
        Ok(())
    }

    fn log(&mut self, name: &LogName) -> rusqlite::Result<&mut Option<Log>> {
        if !self.logs.contains_key(name) {
            let log = Numbers::of(self.db, name.as_str())?.map(Log::new);
            self.logs.insert(name.clone(), log);
        }
        Ok(self.logs.entry(name.clone()).or_default())
    }

    /// Writes the logs' rows. Answers with the ids of those that hold more than they should.
    pub fn finish(self) -> rusqlite::Result<Vec<i64>> {
        let mut overfull = Vec::new();
        for mut log in self.logs.into_values().flatten() {
            let excess = log.numbers.excess(self.retain);
            // Housekeeping can't keep up: then writers do their share, two old records for each new one.
            if excess > self.retain + tidy::SLICE {
                let share = excess.min(log.fresh * 2);
                tidy::delete_records(self.db, log.numbers.id, log.numbers.first, log.numbers.first + share)?;
                log.numbers.first += share;
            }
            log.store(self.db)?;
            if excess > tidy::slack(self.retain) {
                overfull.push(log.numbers.id);
            }
        }
        Ok(overfull)
    }
}

impl Log {
    fn new(numbers: Numbers) -> Log {
        Log { numbers, fresh: 0, at: Time(0), expires_at: None, state: None, is_changed: false }
    }

    fn store(&self, db: &Connection) -> rusqlite::Result<()> {
        if !self.is_changed {
            return Ok(());
        }
        let expires_at = self.expires_at.map(|at| int(at.as_millis()));
        let state = self.state.as_deref();
        let sql =
            "UPDATE log SET first = ?2, head = ?3, at = ?4, expires_at = ?5, state = ifnull(?6, state) WHERE id = ?1";
        let (first, head) = (int(self.numbers.first), int(self.numbers.head));
        let at = int(self.at.as_millis());
        db.prepare_cached(sql)?.execute(params![self.numbers.id, first, head, at, expires_at, state])?;
        if is_too_late(self.numbers.due, expires_at) {
            db.prepare_cached("UPDATE log SET due = ?2 WHERE id = ?1")?
                .execute(params![self.numbers.id, expires_at])?;
        }
        Ok(())
    }
}

/// An id that no log has, dropped ones included: the next, or any if the numbers have been used up once.
pub(super) fn free_id(db: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT ifnull(max(id), 0) + 1 FROM log";
    let mut id: i64 = db.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    while id > LOG_MAX {
        let sql = "SELECT iif(EXISTS (SELECT 1 FROM log WHERE id = r.id), ?1 + 1, r.id)
                   FROM (SELECT abs(random() % ?1) + 1 AS id) AS r";
        id = db.prepare_cached(sql)?.query_row([LOG_MAX], |row| row.get(0))?;
    }
    Ok(id)
}

/// Whether something that is looked at when `due` is looked at too late for `expires_at`. Looking too early is fine: then
/// `due` is moved on. So an expiry that is put off with every append costs the index nothing.
fn is_too_late(due: Option<i64>, expires_at: Option<i64>) -> bool {
    expires_at.is_some_and(|at| due.is_none_or(|due| due > at))
}
