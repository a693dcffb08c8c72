//! Errors of opening and reading a journal's file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// The reason why a journal's file could not be used.
#[derive(Debug)]
pub enum OpenError {
    /// The directory does not exist.
    NoDirectory,
    /// The path names a directory or something else that is no file.
    NotAFile,
    /// The file does not exist, and the operation does not create one.
    Missing,
    /// The file or its directory can't be read or written.
    PermissionDenied(io::Error),
    /// Another process has this journal open.
    InUse,
    /// Another program holds SQLite's lock.
    Locked,
    /// The file is no SQLite database.
    NotADatabase,
    /// The file is a SQLite database of another program.
    ForeignDatabase,
    /// The schema is newer than this version of the crate knows.
    NewerSchema {
        /// The file's version.
        found: usize,
        /// The newest version that can be opened.
        known: usize,
    },
    /// The schema is older than the current one, and the file was opened to read only. Opening it to write migrates it.
    OlderSchema {
        /// The file's version.
        found: usize,
    },
    /// The file is damaged, with what was found.
    Damaged(String),
    /// The file to be created exists already.
    AlreadyExists,
    /// The file system has no shared memory, which the write-ahead log needs.
    NoSharedMemory,
    /// Any other failure of SQLite or the system.
    Failed(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::NoDirectory => f.write_str("its directory does not exist"),
            OpenError::NotAFile => f.write_str("it is not a file"),
            OpenError::Missing => f.write_str("it does not exist"),
            OpenError::PermissionDenied(error) => write!(f, "it can't be read and written ({error})"),
            OpenError::InUse => f.write_str("it is in use by another process"),
            OpenError::Locked => f.write_str("another program holds it locked"),
            OpenError::NotADatabase => f.write_str("it is not a SQLite database"),
            OpenError::ForeignDatabase => f.write_str("it is the database of another program"),
            OpenError::NewerSchema { found, known } => {
                write!(f, "its schema has version {found}, and the newest supported version is {known}")
            }
            OpenError::OlderSchema { found } => {
                write!(f, "its schema has the old version {found}; opening it to write migrates it")
            }
            OpenError::Damaged(found) => write!(f, "it is damaged ({found})"),
            OpenError::AlreadyExists => f.write_str("it exists already"),
            OpenError::NoSharedMemory => {
                f.write_str("its file system has no shared memory, as network file systems do not")
            }
            OpenError::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked,
            Some(ErrorCode::NotADatabase) => OpenError::NotADatabase,
            Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged(error.to_string()),
            _ => OpenError::Failed(failure(&error)),
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        let is_denied = matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem);
        if is_denied { OpenError::PermissionDenied(error) } else { OpenError::Failed(error.to_string()) }
    }
}

/// An [`OpenError`] with the file it is about.
#[derive(Debug)]
pub struct FileError {
    /// The file, as it was named.
    pub path: PathBuf,
    /// The reason.
    pub error: OpenError,
}

impl FileError {
    pub(super) fn at(path: &Path) -> impl Fn(OpenError) -> FileError {
        let path = path.to_owned();
        move |error| FileError { path: path.clone(), error }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// The reason of a failed read or write, for the operator.
pub(super) fn failure(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the journal's disk is full".into(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program holds the journal locked".into(),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "the journal can't be written to".into(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the journal is damaged: stop the server and put back a backup".into()
        }
        Some(ErrorCode::SystemIoFailure) => format!("the journal's disk fails ({error})"),
        _ => format!("the journal fails ({error})"),
    }
}
