//! A journal in a SQLite file, for apps on [`parlor_core`].
//!
//! A [journal](parlor_core::journal) keeps an app's logs and values beyond the process. [`SqliteJournal`] keeps them in one
//! file, with nothing to install: SQLite is built in. It writes each batch in one transaction (group commit), checks the
//! file when it opens it, trims and expires what is too old, and goes on by itself after a full disk.
//!
//! ```
//! use parlor_core::journal::{Append, Commit, End, Expect, Journal, Load, Loaded, LogName, Outcome, PageOf};
//! use parlor_core::Time;
//! use parlor_sqlite::{SqliteJournal, SqliteOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let directory = tempfile::tempdir()?;
//! let now = Time::from_millis(1_795_224_660_000);
//! let mut journal = SqliteJournal::open(&SqliteOptions::new(directory.path().join("example.db"), now))?;
//!
//! let log = LogName::new("room/tea");
//! let hello = Append {
//!     log: log.clone(),
//!     expect: Expect::Missing,
//!     epoch: "first".into(),
//!     at: now,
//!     records: vec!["hello".into()],
//!     state: None,
//!     expires_at: None,
//! };
//! let outcomes = journal.commit_all(vec![Commit { appends: vec![hello], ..Commit::default() }]);
//! assert!(matches!(outcomes[..], [Outcome::Committed(_)]));
//!
//! let newest = PageOf { log, after: 0, before: u64::MAX, end: End::Newest, limit: 50, bytes: 65_536 };
//! let Loaded::Page(page) = journal.load(Load::Page(newest)) else { return Err("the journal can't be read".into()) };
//! assert_eq!(page.records, [(1, "hello".into())]);
//! # Ok(())
//! # }
//! ```
//!
//! One process at a time has a file open to write. [`backup()`] and [`export()`] read it from any process, also meanwhile.
//! [`Journal::reader`](parlor_core::journal::Journal::reader) gives a second connection that reads beside the writer.

#![deny(missing_docs)]

mod backup;
mod check;
mod connection;
mod delete;
mod dump;
mod error;
mod expiry;
mod export;
mod housekeeping;
mod import;
mod journal;
mod lifecycle;
mod lock;
mod log_row;
mod open;
mod options;
mod path;
mod read;
mod record_key;
mod retention;
mod schema;
#[cfg(test)]
mod tests;
mod wal;
mod write;

pub use backup::backup;
pub use dump::{SqliteDump, SqliteSink};
pub use error::{FileError, OpenError};
pub use export::{Export, Exported, export};
pub use import::Imported;
pub use journal::SqliteJournal;
pub use options::{Durability, SqliteOptions};
