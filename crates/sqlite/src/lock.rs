//! The file beside the journal (`NAME.lock`) that keeps a second process out.
//!
//! The system's lock on an open file goes with the process, also by `kill -9`; and it is none of SQLite's own locks, so
//! readers such as a backup go on beside the server. SQLite's `locking_mode=EXCLUSIVE` would shut them out. It can't be a
//! lock on the database itself: closing any other handle of that file would take SQLite's locks away (POSIX).

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::OpenError;

pub(super) struct Lock {
    file: File,
}

/// How far a journal's file has come; see `life.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub generation: String,
    pub count: u64,
}

impl Mark {
    pub fn is_not_behind(&self, other: &Mark) -> bool {
        self.generation == other.generation && self.count >= other.count
    }
}

impl Lock {
    /// The lock of the journal at `path`, for as long as the value lives.
    pub fn take(path: &Path) -> Result<Lock, OpenError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(Self::path(path))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    fn path(journal: &Path) -> PathBuf {
        let mut path = journal.as_os_str().to_owned();
        path.push(".lock");
        path.into()
    }

    /// `None` if nothing or nonsense is written there.
    pub fn read(&self) -> Option<Mark> {
        let mut text = String::new();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0)).ok()?;
        file.take(256).read_to_string(&mut text).ok()?;
        let (generation, count) = text.trim().split_once(' ')?;
        Some(Mark { generation: generation.into(), count: count.parse().ok()? })
    }

    /// Always of the same length, hence one write over the old one. If it fails, the lock file stays behind, and an older
    /// copy of the journal may pass for the newest: worth a word, no reason to stop.
    pub fn write(&mut self, mark: &Mark) {
        let line = format!("{} {:020}\n", mark.generation, mark.count);
        let written = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.write_all(line.as_bytes()));
        if let Err(error) = written {
            log::warn!("the journal's lock file could not be written: {error}");
        }
    }
}
