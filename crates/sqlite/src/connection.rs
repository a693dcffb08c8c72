//! Connections to a journal's database.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::OpenError;
use super::{path, schema};

/// The time to wait for a lock that another program holds; the writer does nothing meanwhile.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(1);
/// The size to which the write-ahead log is cut when it is reset.
const WAL_BYTES: i64 = 16 << 20;
/// SQLite's page caches: negative numbers are KiB.
const WRITER_CACHE: i64 = -16 << 10;
const READER_CACHE: i64 = -4 << 10;
/// Prepared statements that a connection keeps: more than this crate has.
const STATEMENTS: usize = 48;

/// Connects to read beside the writer, in this process or another.
pub(super) fn connect_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.pragma_update(None, "cache_size", READER_CACHE)?;
    Ok(db)
}

/// Connects a program beside the server to read, and checks that the file is a journal of this version.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, OpenError> {
    let path = path::resolve(path)?;
    if !path.exists() {
        return Err(OpenError::Missing);
    }
    let db = connect_to_read(&path)?;
    schema::check_version(&db)?;
    Ok(db)
}

/// Connects to write.
pub(super) fn connect_to_write(path: &Path) -> Result<Connection, OpenError> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.pragma_update(None, "cache_size", WRITER_CACHE)?;
    db.pragma_update(None, "temp_store", "memory")?;
    db.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    if db.is_readonly("main")? {
        return Err(OpenError::PermissionDenied(ErrorKind::PermissionDenied.into()));
    }
    Ok(db)
}

/// Turns the write-ahead log on.
pub(super) fn use_wal(db: &Connection) -> Result<(), OpenError> {
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode == "wal" { Ok(()) } else { Err(OpenError::NoSharedMemory) }
}
