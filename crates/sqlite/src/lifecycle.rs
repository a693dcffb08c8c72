//! Decides at each start whether epochs change.
//!
//! A client comes back with an epoch and a sequence number. If that number was assigned twice, the client would take the
//! second event for one it has seen. So a part of every epoch, the *generation*, changes when the file may not know of
//! numbers that were assigned:
//! - **power was lost**: the last process did not close the journal, it wrote with `normal` durability, and the machine has
//!   been started anew since (its boot id differs, or there is none to compare);
//! - **a backup was put back**: backups say of themselves that they are;
//! - **an older copy was put back**: the file's *mark* is behind the one in the lock file, or there is no lock file. The mark grows at each start and stop, and once a minute while something is written.

use rusqlite::Connection;
use rusqlite::params;

use super::lock::{Lock, Mark};
use super::options::Durability;
use super::record_key::int;
use parlor_core::Time;
use parlor_core::journal::RunningClock;

pub(super) struct Lifecycle {
    pub lock: Lock,
    pub mark: Mark,
}

/// The last use of the file, as it stands in the file.
struct Last {
    mark: Mark,
    /// The boot id; `Some` if the file was not closed.
    running_on: Option<String>,
    durability: String,
    is_backup: bool,
    /// The mark in the lock file.
    lock_mark: Option<Mark>,
}

/// Takes the file over: decides on its generation and writes down that it is open.
///
/// `fresh`: the generation if a new one is needed. `boot`: the id of the machine's run, if there is one.
pub(super) fn begin(
    db: &Connection,
    mut lock: Lock,
    durability: Durability,
    boot: Option<&str>,
    fresh: String,
) -> rusqlite::Result<Lifecycle> {
    let last = last(db, &lock)?;
    let generation = match last.reason_for_a_new_generation(boot) {
        None => last.mark.generation.clone(),
        Some(reason) => {
            if !last.mark.generation.is_empty() {
                log::warn!("every epoch changes, so that clients load their rooms anew: {reason}");
            }
            fresh
        }
    };
    let before = last.mark.count.max(last.lock_mark.as_ref().map_or(0, |mark| mark.count));
    let mark = Mark { generation, count: before + 1 };
    db.execute(
        "UPDATE journal SET generation = ?1, mark = ?2, running_on = ?3, durability = ?4, is_backup = 0",
        params![mark.generation, int(mark.count), boot.unwrap_or("unknown"), durability.as_str()],
    )?;
    lock.write(&mark);
    Ok(Lifecycle { lock, mark })
}

impl Last {
    fn reason_for_a_new_generation(&self, boot: Option<&str>) -> Option<&'static str> {
        let has_lost_power = self.running_on.is_some() && (boot.is_none() || self.running_on.as_deref() != boot);
        if self.mark.generation.is_empty() {
            Some("the journal is new")
        } else if self.is_backup {
            Some("the journal is a backup that was put back, or was copied to another place")
        } else if has_lost_power && self.durability != Durability::Full.as_str() {
            Some("the machine went down while the journal was open, and its newest events may be lost")
        } else if !self.lock_mark.as_ref().is_some_and(|lock| self.mark.is_not_behind(lock)) {
            Some("the journal is not the file that was last used here, but a copy")
        } else {
            None
        }
    }
}

fn last(db: &Connection, lock: &Lock) -> rusqlite::Result<Last> {
    let sql = "SELECT generation, mark, running_on, durability, is_backup FROM journal";
    db.query_row(sql, [], |row| {
        Ok(Last {
            mark: Mark { generation: row.get(0)?, count: row.get(1)? },
            running_on: row.get(2)?,
            durability: row.get(3)?,
            is_backup: row.get(4)?,
            lock_mark: lock.read(),
        })
    })
}

impl Lifecycle {
    /// Increments the mark, first in the file, then in the lock file: a stop between the two leaves the file ahead, which is
    /// allowed.
    pub fn advance(&mut self, db: &Connection) -> rusqlite::Result<()> {
        self.mark.count += 1;
        db.execute("UPDATE journal SET mark = ?1", [int(self.mark.count)])?;
        self.lock.write(&self.mark);
        Ok(())
    }

    /// Records that the file is closed, and the running clock.
    pub fn end(&mut self, db: &Connection, clock: Time) -> rusqlite::Result<()> {
        db.execute("UPDATE journal SET running_on = NULL, clock = ?1", [int(clock.as_millis())])?;
        self.advance(db)
    }
}

/// Starts the running clock from where it was last stored.
pub(super) fn resume_clock(db: &Connection, now: Time) -> rusqlite::Result<RunningClock> {
    let stored: Option<u64> = db.query_row("SELECT clock FROM journal", [], |row| row.get(0))?;
    let clock = RunningClock::resume(stored.map(Time), now);
    store_clock(db, clock)?;
    Ok(clock)
}

/// Stores the running clock.
pub(super) fn store_clock(db: &Connection, clock: RunningClock) -> rusqlite::Result<()> {
    db.execute("UPDATE journal SET clock = ?1", [int(clock.now().as_millis())])?;
    Ok(())
}

/// Tells whether the machine went down while the file was open.
pub(super) fn has_lost_power(db: &Connection, boot: Option<&str>) -> rusqlite::Result<bool> {
    let running_on: Option<String> = db.query_row("SELECT running_on FROM journal", [], |row| row.get(0))?;
    Ok(running_on.is_some() && (boot.is_none() || running_on.as_deref() != boot))
}

/// The id of this run of the machine.
pub(super) fn boot_id() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}
