//! The sentences of the command line for a journal's file that can't be used.

use parlor_sqlite::{FileError, OpenError};

/// Says which file it is, what is wrong and what to do.
pub fn sentence(FileError { path, error }: &FileError) -> String {
    let file = path.display();
    match error {
        OpenError::NoDirectory => {
            format!("The directory of the journal {file} does not exist: make it, or choose another path.")
        }
        OpenError::NotAFile => format!("The journal {file} is no file: choose another path."),
        OpenError::Missing => format!("There is no journal {file}: name the right file with --journal."),
        OpenError::PermissionDenied(why) => format!(
            "The journal {file} can't be used ({why}): give this user the right to read and write it and its directory."
        ),
        OpenError::InUse => format!(
            "The journal {file} is in use by another process: stop that one first, or give this one a journal of its own."
        ),
        OpenError::Locked => {
            format!("Another program holds the journal {file} locked: close it there, then start again.")
        }
        OpenError::NotADatabase => format!(
            "The file {file} is no database: choose another path for the journal, or move the file out of the way."
        ),
        OpenError::ForeignDatabase => {
            format!("The database {file} belongs to another program: choose another path for the journal.")
        }
        OpenError::NewerSchema { found, known } => format!(
            "The journal {file} was made by a newer Parlor (its version is {found}, this program knows up to {known}): use that Parlor, or put back a backup made before."
        ),
        OpenError::OlderSchema { found } => format!(
            "The journal {file} was made by an older Parlor (its version is {found}): start the server on it once, which migrates it."
        ),
        OpenError::Damaged(found) => format!(
            "The journal {file} is damaged ({found}): put back a backup, or move the file and those beginning with its name out of the way to start with an empty journal. `sqlite3 {file} .recover` may save what is left."
        ),
        OpenError::AlreadyExists => format!("{file} exists already: name a file that does not."),
        OpenError::NoSharedMemory => format!(
            "The file system of the journal {file} has no shared memory, as network file systems do not: use a local disk."
        ),
        OpenError::Failed(why) => format!("The journal {file} can't be used: {why}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(error: OpenError) -> String {
        sentence(&FileError { path: "a/parlor.db".into(), error })
    }

    #[test]
    fn a_sentence_names_the_file_and_what_to_do() {
        let words = said(OpenError::NewerSchema { found: 99, known: 2 });
        assert!(words.contains("a/parlor.db was made by a newer Parlor (its version is 99"), "{words}");
        let words = said(OpenError::Damaged("a torn page".into()));
        assert!(
            words.contains("a/parlor.db is damaged (a torn page)") && words.contains("put back a backup"),
            "{words}"
        );
        let words = said(OpenError::InUse);
        assert!(words.contains("in use by another process: stop that one first"), "{words}");
        assert!(said(OpenError::NoDirectory).contains("a/parlor.db does not exist: make it"));
    }
}
