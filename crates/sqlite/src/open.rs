//! From a path to a journal that can be used, or a sentence that says why not.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::TryRng;
use rusqlite::{Connection, OpenFlags};

use super::error::OpenError;
use super::life::{self, Life};
use super::lock::Lock;
use super::wal::{self, Wal};
use super::{Durability, SqliteJournal, SqliteOptions, check, schema, tidy};

/// How long to wait for a lock that another program holds: the writer stands still meanwhile.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// The size to which the write-ahead log is cut when it begins anew.
const WAL_BYTES: i64 = 16 << 20;
/// SQLite's page caches: negative numbers are KiB.
const WRITER_CACHE: i64 = -16 << 10;
const READER_CACHE: i64 = -4 << 10;
/// Prepared statements kept by a connection: more than there are.
const STATEMENTS: usize = 48;

pub(super) fn open(options: &SqliteOptions, boot: Option<&str>) -> Result<SqliteJournal, OpenError> {
    let path = resolve(&options.path)?;
    let lock = Lock::take(&path)?;
    make(&path)?;
    check_header(&path)?;
    let mut db = connect_to_write(&path)?;
    let is_new = schema::is_new(&db)?;
    if is_new {
        db.pragma_update(None, "auto_vacuum", "incremental")?; // a file with something in it does not take it
    }
    use_wal(&db)?;
    if wal::truncate(&db)? {
        check::length(&db, &path)?;
    }
    if !is_new && life::has_lost_power(&db, boot)? {
        log::warn!("the machine went down while the journal was open: checking it well, which may take a minute");
        check::part(&mut db, check::LONG)?;
    } else if !is_new {
        check::part(&mut db, check::SHORT)?;
    }
    schema::migrate(&mut db)?;
    db.pragma_update(None, "synchronous", Durability::Full.as_str())?;
    let generation = random_name()?;
    let life: Life = life::begin(&db, lock, options.durability, boot, generation)?;
    db.pragma_update(None, "synchronous", options.durability.as_str())?;
    tidy::expire_all(&mut db, options.now)?;
    Ok(SqliteJournal {
        db,
        life,
        wal: Wal::of(&path),
        path,
        retain: options.retain.max(1),
        retain_age: options.retain_age,
        chores: tidy::Chores::default(),
    })
}

/// A connection that reads beside the server's, in this process or another.
pub(super) fn connect_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.pragma_update(None, "cache_size", READER_CACHE)?;
    Ok(db)
}

/// The same for a program beside the server, with words for what may be wrong.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, OpenError> {
    let path = resolve(path)?;
    if !path.exists() {
        return Err(OpenError::Missing);
    }
    let db = connect_to_read(&path)?;
    schema::check_version(&db)?;
    Ok(db)
}

fn connect_to_write(path: &Path) -> Result<Connection, OpenError> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.pragma_update(None, "cache_size", WRITER_CACHE)?;
    db.pragma_update(None, "temp_store", "memory")?;
    db.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    if db.is_readonly("main")? {
        return Err(OpenError::Forbidden(ErrorKind::PermissionDenied.into()));
    }
    Ok(db)
}

fn use_wal(db: &Connection) -> Result<(), OpenError> {
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode == "wal" {
        return Ok(());
    }
    Err(OpenError::Failed(
        "its file system has no shared memory, as network file systems do not: use a local disk".into(),
    ))
}

/// The one path by which this file goes, whatever links lead to it: the lock is beside it.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, OpenError> {
    let Some(name) = path.file_name() else { return Err(OpenError::NoFile) };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !directory.is_dir() {
        return Err(OpenError::NoDirectory);
    }
    let directory = directory.canonicalize()?;
    let path = directory.join(name);
    match path.metadata() {
        Ok(file) if file.is_file() => Ok(path.canonicalize()?),
        Ok(_) => Err(OpenError::NoFile),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(path),
        Err(error) => Err(error.into()),
    }
}

/// Private messages are in it: nobody else reads it. SQLite's files beside it take its mode.
fn make(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    Ok(())
}

/// Before SQLite sees it: it would take an empty or a torn file for a new database.
fn check_header(path: &Path) -> Result<(), OpenError> {
    let mut header = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut header)?;
    if header.is_empty() || header == b"SQLite format 3\0" { Ok(()) } else { Err(OpenError::NoDatabase) }
}

/// 64 random bits, in hexadecimal digits.
pub(super) fn random_name() -> Result<String, OpenError> {
    let bits = rand::rngs::SysRng.try_next_u64().map_err(|error| OpenError::Failed(error.to_string()))?;
    Ok(format!("{bits:016x}"))
}
