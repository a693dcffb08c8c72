//! Housekeeping, in slices so short that no request waits for them.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::delete::SLICE;
use super::lifecycle::{Lifecycle, store_clock};
use super::options::SqliteOptions;
use super::retention::{Walk, trim, walk};
use super::{expiry, wal};
use parlor_core::Time;
use parlor_core::journal::RunningClock;

/// Time between two steps of the mark while something is written, and at most between two times that the running clock is
/// stored.
const STORE: Duration = Duration::from_secs(60);
/// Time after a start until the running clock is stored first. It is stored again whenever the process has run for twice as
/// long, so that one that is killed again and again, however early, counts half of its time at least.
const STORE_FIRST: Duration = Duration::from_secs(1);
/// Pages of 4 KiB that one slice returns to the file system.
const PAGES: u64 = 128;
/// Free pages that a file may keep for what is written next.
const PAGES_SPARE: u64 = 4096;

/// The state of housekeeping between two slices.
#[derive(Debug)]
pub(super) struct Housekeeping {
    retain: u64,
    retain_age: Option<Duration>,
    wal: wal::Wal,
    /// Numbers of logs that are to be trimmed.
    overfull: BTreeSet<i64>,
    /// Something was written since the mark last moved.
    has_written: bool,
    walk: Walk,
    clock: RunningClock,
    /// The time of the start, by the running clock.
    started: Time,
    /// Nothing expires before, by the running clock.
    grace_until: Time,
    next_mark: Time,
    next_clock: Time,
}

impl Housekeeping {
    pub fn new(options: &SqliteOptions, clock: RunningClock, wal: wal::Wal) -> Self {
        Housekeeping {
            retain: options.retain.max(1),
            retain_age: options.retain_age,
            wal,
            overfull: BTreeSet::new(),
            has_written: false,
            walk: Walk::default(),
            clock,
            started: clock.now(),
            grace_until: clock.now() + options.grace,
            next_mark: clock.now(),
            next_clock: clock.now() + STORE_FIRST,
        }
    }

    /// The running clock, as it was in the last slice.
    pub fn clock(&self) -> RunningClock {
        self.clock
    }

    /// Notes a batch that was written, and the logs in it that hold too many records.
    pub fn written(&mut self, overfull: impl IntoIterator<Item = i64>) {
        self.overfull.extend(overfull);
        self.has_written = true;
    }

    /// Runs one slice at wall time `wall`. `true`: there is more to do soon.
    pub fn run(&mut self, db: &mut Connection, lifecycle: &mut Lifecycle, wall: Time) -> rusqlite::Result<bool> {
        self.clock.advance(wall);
        let now = self.clock.now();
        if self.has_written && now >= self.next_mark {
            lifecycle.advance(db)?;
            self.has_written = false;
            self.next_mark = now + STORE;
        }
        if now >= self.next_clock {
            store_clock(db, self.clock)?;
            self.next_clock = now + now.since(self.started).clamp(STORE_FIRST, STORE);
        }
        let mut left = SLICE;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let is_grace_over = now >= self.grace_until;
        if is_grace_over {
            expiry::expire_logs(&tx, now, &mut left)?;
            expiry::expire_values(&tx, now, &mut left)?;
        }
        expiry::delete_dropped(&tx, &mut left)?;
        let mut overfull = self.overfull.clone();
        trim(&tx, self.retain, &mut overfull, &mut left)?;
        let oldest = self.retain_age.filter(|_| is_grace_over).map(|age| now - age);
        let walked = walk(&tx, self.walk, now, self.retain, oldest, &mut overfull, &mut left)?;
        tx.commit()?;
        self.overfull = overfull;
        self.walk = walked;
        self.wal.bound(db)?;
        let is_shrinking = left > 0 && shrink(db)?;
        let is_walking = matches!(self.walk, Walk::At(_));
        Ok(left == 0 || is_shrinking || is_walking || !self.overfull.is_empty())
    }
}

/// Returns pages to the file system when a quarter of the file is free. `true`: there are more to return.
fn shrink(db: &Connection) -> rusqlite::Result<bool> {
    let free: u64 = db.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
    let all: u64 = db.pragma_query_value(None, "page_count", |row| row.get(0))?;
    if free <= PAGES_SPARE.max(all / 4) {
        return Ok(false);
    }
    let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {} // one row for each page
    Ok(true)
}
