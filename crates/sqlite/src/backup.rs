//! Backup: a copy of the journal while it is in use.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::connection::open_to_read;
use super::error::{FileError, OpenError};
use super::{check, path as paths};

/// Time between two tries while another program holds the journal locked.
const PAUSE: Duration = Duration::from_millis(100);
/// Tries before the backup fails.
const TRIES: usize = 100;

/// Copies the journal at `path`, as it is at one instant, to the new file `destination`; from any process, also beside a
/// running server, which it does not hold up.
///
/// The copy is one file of mode 0600, checked in full, and is marked as a backup: opened in the journal's place (without the
/// `-wal`, `-shm` and `.lock` files of the old one), it gives every log a new epoch. It gets its name when it is complete.
///
/// # Errors
/// If the journal can't be read or the copy can't be written.
pub fn backup(path: &Path, destination: &Path) -> Result<(), FileError> {
    let source = open_to_read(path).map_err(FileError::at(path))?;
    let at = FileError::at(destination);
    let destination = paths::resolve(destination).map_err(&at)?;
    if destination.exists() {
        return Err(at(OpenError::AlreadyExists));
    }
    let part = paths::beside(&destination, ".part");
    let copied = copy(&source, &part).and_then(|()| {
        std::fs::rename(&part, &destination)?;
        sync_directory(&destination);
        Ok(())
    });
    if copied.is_err() {
        let _ = std::fs::remove_file(&part); // there may be none
    }
    copied.map_err(&at)
}

fn copy(source: &Connection, part: &Path) -> Result<(), OpenError> {
    paths::create_empty(part)?;
    let mut copy = Connection::open(part)?;
    copy_pages(source, &mut copy)?;
    copy.execute("UPDATE journal SET is_backup = 1", [])?;
    copy.pragma_update(None, "journal_mode", "delete")?; // one file, with nothing beside it
    check::whole(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    File::open(part)?.sync_all()?;
    Ok(())
}

/// Copies all pages in one step: a write by the server between two steps would make SQLite start over.
fn copy_pages(source: &Connection, copy: &mut Connection) -> Result<(), OpenError> {
    let backup = Backup::new(source, copy)?;
    for _ in 0..TRIES {
        if backup.step(-1)? == StepResult::Done {
            return Ok(());
        }
        wait();
    }
    Err(OpenError::Locked)
}

#[expect(clippy::disallowed_methods, reason = "a thread or process of its own, with nothing else to do")]
fn wait() {
    std::thread::sleep(PAUSE);
}

/// Makes the new name survive a loss of power, where the system can.
pub(super) fn sync_directory(file: &Path) {
    if let Some(Err(error)) = file.parent().map(|directory| File::open(directory).and_then(|file| file.sync_all())) {
        log::debug!("the directory of the backup could not be synced: {error}");
    }
}
