//! The words in which apps and journals speak.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::time::Time;

/// The name of a log, such as `room/lobby`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogName(Arc<str>);

impl LogName {
    pub fn new(name: &str) -> Self {
        LogName(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Things to be written together, in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    pub appends: Vec<Append>,
    pub puts: Vec<Put>,
    /// Logs to be deleted, records, state and all; a log of that name made later begins anew.
    pub drops: Vec<LogName>,
}

/// Records for the end of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    pub log: LogName,
    pub expect: Expect,
    /// The epoch of the log if this append begins it; else not used.
    pub epoch: String,
    /// When, for retention by age.
    pub at: Time,
    /// May be empty: then only state and expiry change.
    pub records: Vec<Bytes>,
    /// The log's state from now on; `None` leaves it as it is.
    pub state: Option<Bytes>,
    /// When the whole log is to go, if nothing says otherwise until then; `None`: stays until it is dropped.
    pub expires_at: Option<Time>,
}

/// What a log has to be like for an append to happen; if it isn't, the whole commit is a [`Outcome::Conflict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Anything: a missing log is begun.
    Anything,
    /// It must not be there.
    Missing,
    /// Its newest record must have this sequence number.
    Head(u64),
}

/// A value under a key, beside the logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    pub key: String,
    /// `None` deletes.
    pub value: Option<Bytes>,
    /// When it may be forgotten; `None`: never.
    pub expires_at: Option<Time>,
}

/// What became of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is written. One place for each append, in order.
    Committed(Vec<Placed>),
    /// A log was not as expected; nothing of the commit is written.
    Conflict,
    /// The journal could not write; nothing of the commit is written. In words for the operator.
    Unavailable(String),
}

/// Where records came to stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The sequence number of the first record; of the log's newest one plus 1 if there was no record.
    pub first: u64,
    /// The sequence number of the log's newest record now.
    pub head: u64,
    pub epoch: String,
}

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Load {
    Page(PageOf),
    /// The values of these keys.
    Values(Vec<String>),
    /// All keys that begin so, in order, at most `limit`.
    Scan {
        prefix: String,
        limit: usize,
    },
}

impl Load {
    /// The newest `limit` records of a log, and at most 1 MiB of them, though always one.
    pub fn newest(log: impl AsRef<str>, limit: usize) -> Self {
        let log = LogName::new(log.as_ref());
        Load::Page(PageOf { log, after: 0, before: u64::MAX, end: End::Newest, limit, bytes: 1 << 20 })
    }
}

/// A stretch of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOf {
    pub log: LogName,
    /// Records after this one: exclusive.
    pub after: u64,
    /// Records before this one: exclusive. `u64::MAX` for all.
    pub before: u64,
    /// Which of them, if there are more than fit.
    pub end: End,
    /// At most so many records…
    pub limit: usize,
    /// …and bytes of them, though always one record.
    pub bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Oldest,
    Newest,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded {
    Page(Page),
    /// Those of the keys asked for that are there.
    Values(Vec<(String, Bytes)>),
    Unavailable(String),
}

/// A stretch of a log, as it was at one instant; empty if there is no such log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Ascending, without a gap.
    pub records: Vec<(u64, Bytes)>,
    /// Whether more records were within the bounds asked for than fit.
    pub more: bool,
    /// The oldest record that the log still has; 0 if it has none.
    pub first: u64,
    /// The newest one; stays when records are trimmed. 0 if there never was one.
    pub head: u64,
    /// Empty if there is no such log.
    pub epoch: String,
}

/// What an app begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Part of every epoch that clients see: changes when sequence numbers may have been given twice (power lost, an
    /// older copy put back). Empty for journals that keep nothing.
    pub generation: String,
    /// Every log that has a state, by name. Logs without one are found by [`Load::Page`] only.
    pub logs: Vec<LogState>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    pub log: LogName,
    pub epoch: String,
    pub first: u64,
    pub head: u64,
    /// When it was last appended to.
    pub at: Time,
    pub state: Bytes,
}
