//! A copy of the journal while it is in use.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::error::{FileError, OpenError};
use super::{check, open};

/// Between two tries while somebody holds the journal locked.
const PAUSE: Duration = Duration::from_millis(100);
/// Tries at most.
const TRIES: usize = 100;

/// Copies the journal at `path`, as it is at one instant, to the new file `destination`; from any process, also beside a
/// server at work, which is not held up.
///
/// The copy is one file, checked in full, of mode 0600. It says of itself that it is a backup: put back in the journal's
/// place (without the `-wal`, `-shm` and `.lock` files of the old one), it gives every log a new epoch. It comes to its name
/// when it is complete.
///
/// # Errors
/// If the journal can't be read or the copy not be written: which, and what to do.
pub fn backup(path: &Path, destination: &Path) -> Result<(), FileError> {
    let source = open::open_to_read(path).map_err(FileError::at(path))?;
    let at = FileError::at(destination);
    let destination = open::resolve(destination).map_err(&at)?;
    if destination.exists() {
        return Err(at(OpenError::Exists));
    }
    let part = part_of(&destination);
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

fn part_of(destination: &Path) -> PathBuf {
    let mut part = destination.as_os_str().to_owned();
    part.push(".part");
    part.into()
}

fn copy(source: &Connection, part: &Path) -> Result<(), OpenError> {
    make(part)?;
    let mut copy = Connection::open(part)?;
    copy_pages(source, &mut copy)?;
    copy.execute("UPDATE journal SET is_backup = 1", [])?;
    copy.pragma_update(None, "journal_mode", "delete")?; // one file, with nothing beside it
    check::whole(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    File::open(part)?.sync_all()?;
    Ok(())
}

/// All pages in one step: between two, a write by the server would make SQLite begin again, and again.
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

fn make(part: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(part)?;
    Ok(())
}

/// So that the name survives the power, too. Not every system can.
fn sync_directory(file: &Path) {
    if let Some(Err(error)) = file.parent().map(|directory| File::open(directory).and_then(|file| file.sync_all())) {
        log::debug!("the directory could not be synced: {error}");
    }
}
