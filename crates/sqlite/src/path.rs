//! The file system's side of a journal's file.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::error::OpenError;

/// Resolves links: every name of a file leads to one path, and the lock file stands beside it.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, OpenError> {
    let Some(name) = path.file_name() else { return Err(OpenError::NotAFile) };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !directory.is_dir() {
        return Err(OpenError::NoDirectory);
    }
    let directory = directory.canonicalize()?;
    let path = directory.join(name);
    match path.metadata() {
        Ok(file) if file.is_file() => Ok(path.canonicalize()?),
        Ok(_) => Err(OpenError::NotAFile),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(path),
        Err(error) => Err(error.into()),
    }
}

/// Creates the file with mode 0600 if it is missing: it holds private messages. SQLite gives its files beside it the same
/// mode.
pub(super) fn create(path: &Path) -> Result<(), OpenError> {
    options_of_mode_600().append(true).open(path)?;
    Ok(())
}

/// Creates an empty file with mode 0600, or empties the one that is there.
pub(super) fn create_empty(path: &Path) -> Result<(), OpenError> {
    options_of_mode_600().write(true).truncate(true).open(path)?;
    Ok(())
}

fn options_of_mode_600() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Refuses a file that is no database before SQLite opens it: SQLite takes a short file for a new database.
pub(super) fn check_header(path: &Path) -> Result<(), OpenError> {
    let mut header = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut header)?;
    if header.is_empty() || header == b"SQLite format 3\0" { Ok(()) } else { Err(OpenError::NotADatabase) }
}

/// The path of a file beside the journal: its name with `suffix` at the end.
pub(super) fn beside(journal: &Path, suffix: &str) -> PathBuf {
    let mut path = journal.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}
