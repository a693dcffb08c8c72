//! What can be in the way, in words for the operator.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why a journal's file could not be used.
#[derive(Debug)]
pub enum OpenError {
    /// The directory isn't there.
    NoDirectory,
    /// The path names something that is no file.
    NoFile,
    /// There is no such file, and none is to be made.
    Missing,
    /// The directory or the file may not be written to, or not be read.
    Forbidden(io::Error),
    /// Another process has this journal open.
    InUse,
    /// Another program holds SQLite's lock.
    Locked,
    /// No SQLite database.
    NoDatabase,
    /// A SQLite database of another program.
    NotOurs,
    /// Made by a newer version of this program.
    Newer { found: usize, known: usize },
    /// Made by an older version, and opened for reading only.
    Older { found: usize },
    /// Damaged; what was found.
    Damaged(String),
    /// It is there already.
    Exists,
    /// Anything else that SQLite or the system says.
    Failed(String),
}

impl OpenError {
    /// The whole sentence: which file, what is wrong, what to do.
    pub fn about(&self, path: &Path) -> String {
        let file = path.display();
        match self {
            OpenError::NoDirectory => {
                format!("The directory of the journal {file} does not exist: make it, or choose another place.")
            }
            OpenError::NoFile => format!("The journal {file} is no file: choose another place."),
            OpenError::Missing => format!("There is no journal {file}: say where it is."),
            OpenError::Forbidden(why) => format!(
                "The journal {file} may not be used ({why}): give this user the right to read and write it and its directory."
            ),
            OpenError::InUse => format!(
                "The journal {file} is in use by another process: stop that one first, or give this one a journal of its own."
            ),
            OpenError::Locked => {
                format!("Another program holds the journal {file} locked: close it there, then start again.")
            }
            OpenError::NoDatabase => format!(
                "The file {file} is no database: choose another place for the journal, or move the file out of the way."
            ),
            OpenError::NotOurs => {
                format!("The database {file} belongs to another program: choose another place for the journal.")
            }
            OpenError::Newer { found, known } => format!(
                "The journal {file} was made by a newer Parlor (its version is {found}, this program knows up to {known}): use that Parlor, or put back a backup made before."
            ),
            OpenError::Older { found } => format!(
                "The journal {file} was made by an older Parlor (its version is {found}): start the server on it once, which brings it up to date."
            ),
            OpenError::Damaged(what) => format!(
                "The journal {file} is damaged ({what}): put back a backup, or move the file and those beginning with its name out of the way to start with an empty journal. `sqlite3 {file} .recover` may save what is left."
            ),
            OpenError::Exists => format!("{file} exists already: name a file that does not."),
            OpenError::Failed(why) => format!("The journal {file} could not be used: {why}."),
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked,
            Some(ErrorCode::NotADatabase) => OpenError::NoDatabase,
            Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged(error.to_string()),
            _ => OpenError::Failed(words(&error)),
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        let is_forbidden = matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem);
        if is_forbidden { OpenError::Forbidden(error) } else { OpenError::Failed(error.to_string()) }
    }
}

/// [`OpenError`] with the file it is about.
#[derive(Debug)]
pub struct FileError {
    pub path: PathBuf,
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
        f.write_str(&self.error.about(&self.path))
    }
}

impl std::error::Error for FileError {}

/// What `/readyz` says while this lasts.
pub(super) fn words(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the journal's disk is full".into(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program holds the journal locked".into(),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "the journal may not be written to".into(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the journal is damaged: stop the server and put back a backup".into()
        }
        Some(ErrorCode::SystemIoFailure) => format!("the journal's disk fails ({error})"),
        _ => format!("the journal fails ({error})"),
    }
}
