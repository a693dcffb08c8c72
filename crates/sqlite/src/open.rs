//! Opening a journal to write: lock, check, migrate, take over.

use std::path::PathBuf;

use rand::TryRng;
use rusqlite::Connection;

use super::connection::{connect_to_write, use_wal};
use super::error::OpenError;
use super::lifecycle::{self, Lifecycle};
use super::lock::Lock;
use super::options::{Durability, SqliteOptions};
use super::{check, path, schema, wal};
use parlor_core::journal::RunningClock;

/// A file that this process has to itself for writing.
pub(super) struct Opened {
    pub db: Connection, // before `lifecycle`, whose lock is released last
    pub lifecycle: Lifecycle,
    pub path: PathBuf,
    pub clock: RunningClock,
}

pub(super) fn open(options: &SqliteOptions, boot: Option<&str>) -> Result<Opened, OpenError> {
    let path = path::resolve(&options.path)?;
    let lock = Lock::take(&path)?;
    path::create(&path)?;
    path::check_header(&path)?;
    let mut db = connect_to_write(&path)?;
    let is_new = schema::is_new(&db)?;
    if is_new {
        db.pragma_update(None, "auto_vacuum", "incremental")?; // has no effect once there are tables
    }
    use_wal(&db)?;
    if wal::truncate(&db)? {
        check::length(&db, &path)?;
    }
    if !is_new && lifecycle::has_lost_power(&db, boot)? {
        log::warn!("the machine went down while the journal was open: checking the file, which may take a minute");
        check::part(&mut db, check::LONG)?;
    } else if !is_new {
        check::part(&mut db, check::SHORT)?;
    }
    schema::migrate(&mut db)?;
    db.pragma_update(None, "synchronous", Durability::Full.as_str())?;
    let generation = random_name()?;
    let lifecycle = lifecycle::begin(&db, lock, options.durability, boot, generation)?;
    db.pragma_update(None, "synchronous", options.durability.as_str())?;
    let clock = lifecycle::resume_clock(&db, options.now)?;
    Ok(Opened { db, lifecycle, path, clock })
}

/// 64 random bits, in hexadecimal digits.
fn random_name() -> Result<String, OpenError> {
    let bits = rand::rngs::SysRng.try_next_u64().map_err(|error| OpenError::Failed(error.to_string()))?;
    Ok(format!("{bits:016x}"))
}
