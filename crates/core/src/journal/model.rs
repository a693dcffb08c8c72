//! Requests to a journal and its answers.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::time::Time;

/// The name of a log, such as `room/lobby`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogName(Arc<str>);

impl LogName {
    /// Makes a name of any text.
    pub fn new(name: &str) -> Self {
        LogName(name.into())
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Changes that are written in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Records for logs.
    pub appends: Vec<Append>,
    /// Records that are replaced by others.
    pub amends: Vec<Amend>,
    /// Values by key.
    pub puts: Vec<Put>,
    /// Logs to delete, with records and state. A later log of the same name starts from the beginning.
    pub drops: Vec<LogName>,
    /// Values that last no longer than this writer does: see [`Ephemeral`]. Journals with one writer ignore them.
    pub ephemerals: Vec<Ephemeral>,
    /// Messages to the other writers, which are not kept: see [`Followed::signals`]. Journals with one writer ignore them.
    pub signals: Vec<Bytes>,
    /// The time at which the app asks for it, so that values expire in time also if the wall clock has just been set. An app
    /// need not give it: [`Hub::commit`](crate::hub::Hub::commit) does.
    pub at: Option<Time>,
}

/// Records for the end of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// The log to append to.
    pub log: LogName,
    /// The condition on the log as it is before.
    pub expect: Expect,
    /// The epoch of the log if this append creates it; the one that [`Expect::Epoch`] and [`Expect::Version`] ask for.
    pub epoch: String,
    /// The time of the append.
    pub at: Time,
    /// The records, oldest first. May be empty: then only state and expiry change.
    pub records: Vec<Bytes>,
    /// The log's new state; `None` keeps the old one.
    pub state: Option<Bytes>,
    /// The time at which the whole log expires, unless a later append changes it; `None`: it stays until it is dropped. It
    /// is converted to the [`RunningClock`](crate::journal::RunningClock), so time in which the journal is closed is added.
    pub expires_at: Option<Time>,
}

/// The condition of an append. If it does not hold, the outcome of the whole commit is [`Outcome::Conflict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No condition: a missing log is created.
    Anything,
    /// The log must not exist.
    Missing,
    /// Its newest record must have this sequence number.
    Head(u64),
    /// It must exist, under the epoch of the append. The record gets the number that is next.
    Epoch,
    /// It must exist, under the epoch of the append, and have this [version](Placed::version): nothing was written to it since.
    Version(u64),
}

/// A record that takes the place of another, such as a message that was edited. Readers see the new one from then on; the
/// number stays. A record that is trimmed by now stays trimmed.
///
/// The log must have had a record of that number before the commit, or the outcome is [`Outcome::Conflict`].
///
/// ```
/// use parlor_core::journal::{Amend, Append, Commit, Expect, Journal, Load, Loaded, LogName, MemoryJournal};
///
/// let mut journal = MemoryJournal::new(100);
/// let log = LogName::new("room/tea");
/// let append = |text: &'static str| Append {
///     log: log.clone(),
///     expect: Expect::Anything,
///     epoch: "first".into(),
///     at: parlor_core::Time(1),
///     records: vec![text.into()],
///     state: None,
///     expires_at: None,
/// };
/// journal.commit_all(vec![Commit { appends: vec![append("helo")], ..Commit::default() }]);
/// let amend = Amend { log: log.clone(), seq: 1, record: "hello".into() };
/// journal.commit_all(vec![Commit { amends: vec![amend], appends: vec![append("1 was edited")], ..Commit::default() }]);
///
/// let Loaded::Page(page) = journal.load(Load::newest("room/tea", 10)) else { panic!() };
/// assert_eq!(page.texts().collect::<Vec<_>>(), ["hello", "1 was edited"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amend {
    /// The log.
    pub log: LogName,
    /// The sequence number of the record.
    pub seq: u64,
    /// The record that takes its place.
    pub record: Bytes,
}

/// A value under a key.
///
/// ```
/// use parlor_core::journal::{Commit, ExpectValue, Journal, MemoryJournal, Outcome, Put};
///
/// let mut journal = MemoryJournal::new(100);
/// let mut take = |who: &'static str| {
///     let put = Put::new("name/ann", who).expect(ExpectValue::Missing);
///     journal.commit_all(vec![Commit { puts: vec![put], ..Commit::default() }]).remove(0)
/// };
/// assert_eq!(take("user 1"), Outcome::Committed(vec![]));
/// assert_eq!(take("user 2"), Outcome::Conflict);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// The key.
    pub key: String,
    /// The value; `None` deletes.
    pub value: Option<Bytes>,
    /// The time at which it expires, as of a log; `None`: never.
    pub expires_at: Option<Time>,
    /// The condition on the value as it is before.
    pub expect: ExpectValue,
    /// The record whose sequence number the journal adds to the end of the value, in decimal digits.
    pub number_of: Option<RecordOf>,
}

/// A value that is attached to its writer, such as a session that is connected to a server: other writers are told of it, and
/// when the writer ends, all its ephemerals end with it. It is part of no log and of no [`Load`].
///
/// A commit of ephemerals alone needs no repeating: if its outcome is [`Outcome::Unavailable`] or [`Outcome::Unknown`], the
/// journal tells the others of the newest values when it can.
///
/// The term is ZooKeeper's; in etcd, a key that is attached to a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ephemeral {
    /// The key, among those of its writer.
    pub key: String,
    /// The value; `None` ends it.
    pub value: Option<Bytes>,
}

/// The name of a writer from one [`restore`](super::Journal::restore) to the next: it begins anew under another name.
pub type WriterName = Arc<str>;

/// A record of the commit that a [`Put`] stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordOf {
    /// The place of the append among those of the commit, from 0.
    pub append: usize,
    /// The place of the record in the append, from 0.
    pub record: usize,
}

/// The condition of a [`Put`]. If it does not hold, the outcome of the whole commit is [`Outcome::Conflict`]. It is checked
/// before anything of the commit is written. A value that has expired is there until housekeeping deletes it, as for a load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ExpectValue {
    /// No condition.
    #[default]
    Anything,
    /// There must be no value.
    Missing,
    /// This must be the value.
    Is(Bytes),
    /// There must be no value, or this one.
    MissingOr(Bytes),
    /// There must be no value, or one that begins so.
    MissingOrBegins(Bytes),
}

impl ExpectValue {
    /// Returns whether the condition holds for a value.
    pub fn holds(&self, value: Option<&[u8]>) -> bool {
        match self {
            ExpectValue::Anything => true,
            ExpectValue::Missing => value.is_none(),
            ExpectValue::Is(wanted) => value == Some(wanted),
            ExpectValue::MissingOr(wanted) => value.is_none_or(|value| value == wanted),
            ExpectValue::MissingOrBegins(wanted) => value.is_none_or(|value| value.starts_with(wanted)),
        }
    }
}

impl Put {
    /// Makes a write that stores a value, which never expires.
    pub fn new(key: impl Into<String>, value: impl Into<Bytes>) -> Self {
        let (key, value) = (key.into(), Some(value.into()));
        Put { key, value, expires_at: None, expect: ExpectValue::Anything, number_of: None }
    }

    /// Makes a write that deletes a value.
    pub fn delete(key: impl Into<String>) -> Self {
        Put { key: key.into(), value: None, expires_at: None, expect: ExpectValue::Anything, number_of: None }
    }

    /// Sets the time at which the value expires.
    pub fn expires_at(self, at: Time) -> Self {
        Put { expires_at: Some(at), ..self }
    }

    /// Sets the condition.
    pub fn expect(self, expect: ExpectValue) -> Self {
        Put { expect, ..self }
    }

    /// The journal adds the sequence number of a record of the same commit to the end of the value.
    pub fn number_of(self, record: RecordOf) -> Self {
        Put { number_of: Some(record), ..self }
    }

    /// Returns the value as it is stored: with the number that it asks for. For journals.
    pub fn stored(&self, placed: &[Placed]) -> Option<Bytes> {
        let value = self.value.clone()?;
        let place = self.number_of.and_then(|of| placed.get(of.append).map(|placed| placed.first + of.record as u64));
        Some(match place {
            Some(seq) => [&value[..], seq.to_string().as_bytes()].concat().into(),
            None => value,
        })
    }
}

/// The result of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The commit is written. One place for each append, in order.
    Committed(Vec<Placed>),
    /// A condition did not hold; nothing of the commit is written.
    Conflict,
    /// The journal could not write; nothing of the commit is written. The reason, for the operator.
    Unavailable(String),
    /// The journal can't tell whether the commit is written: its answer was lost. The reason, for the operator. If it is
    /// written, [`follow`](super::Journal::follow) brings it, as if another writer had placed it. Only journals that are
    /// reached over a network answer so.
    Unknown(String),
}

/// The numbers that an append was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The sequence number of the first record. If there was no record: that of the newest one in the log plus 1.
    pub first: u64,
    /// The sequence number of the newest record in the log.
    pub head: u64,
    /// The log's epoch.
    pub epoch: String,
    /// The version of the log after the append. Under one epoch it grows by 1 with each append, one without records
    /// included, and with each [`Amend`], which come before the appends of their commit.
    pub version: u64,
}

/// A commit of another writer, as it was placed; or one of one's own whose outcome was [`Outcome::Unknown`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// The writer.
    pub writer: WriterName,
    /// The time at which the writer asked for it, by its clock; `None` if that is not known.
    pub at: Option<Time>,
    /// Records and states of logs.
    pub appends: Vec<FollowedAppend>,
    /// Records that were replaced.
    pub amends: Vec<Amend>,
    /// Keys and their values as they are stored; `None`: deleted.
    pub puts: Vec<(String, Option<Bytes>)>,
    /// Logs that were deleted.
    pub drops: Vec<LogName>,
    /// Ephemerals of the writer.
    pub ephemerals: Vec<Ephemeral>,
    /// Messages that are told once, in order with all else, and not kept: a writer that begins anew misses some.
    pub signals: Vec<Bytes>,
    /// Writers that have ended, and with them their ephemerals.
    pub ended: Vec<WriterName>,
}

/// An append of another writer, as it was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedAppend {
    /// The log.
    pub log: LogName,
    /// Its numbers.
    pub placed: Placed,
    /// The time of the append.
    pub at: Time,
    /// The records, oldest first.
    pub records: Vec<Bytes>,
    /// The log's new state; `None`: it is as before.
    pub state: Option<Bytes>,
}

/// Some of what others placed is not known any more: the app has to begin anew, with what [`restore`](super::Journal::restore)
/// brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FellBehind;

impl Followed {
    /// Returns a commit as writers other than `writer` hear of it. `placed`: of its appends. For journals.
    pub fn new(writer: WriterName, commit: Commit, placed: Vec<Placed>) -> Self {
        let at = commit.at.or(commit.appends.first().map(|append| append.at));
        let puts = commit.puts.iter().map(|put| (put.key.clone(), put.stored(&placed))).collect();
        let append = |(append, placed): (Append, Placed)| {
            let Append { log, at, records, state, .. } = append;
            FollowedAppend { log, placed, at, records, state }
        };
        let appends = commit.appends.into_iter().zip(placed).map(append).collect();
        let Commit { amends, drops, ephemerals, signals, .. } = commit;
        Followed { writer, at, appends, amends, puts, drops, ephemerals, signals, ended: Vec::new() }
    }
}

/// A read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Load {
    /// A page of a log.
    Page(PageOf),
    /// The values of these keys.
    Values(Vec<String>),
    /// All keys with a prefix, in order.
    Scan {
        /// The beginning of the keys.
        prefix: String,
        /// Values at most.
        limit: usize,
    },
}

impl Load {
    /// Makes a read of the newest `limit` records of a log, at most 1 MiB of them, though always one if there is one. They come
    /// oldest first.
    ///
    /// ```
    /// # use parlor_core::Load;
    /// let Load::Page(page) = Load::newest("chat", 50) else { panic!() };
    /// assert_eq!((page.log.as_str(), page.limit, page.bytes), ("chat", 50, 1 << 20));
    /// ```
    pub fn newest(log: impl AsRef<str>, limit: usize) -> Self {
        let log = LogName::new(log.as_ref());
        Load::Page(PageOf { log, after: 0, before: u64::MAX, end: End::Newest, limit, bytes: 1 << 20 })
    }
}

/// The page of a log to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOf {
    /// The log to read.
    pub log: LogName,
    /// Records after this one: exclusive.
    pub after: u64,
    /// Records before this one: exclusive. `u64::MAX` for all.
    pub before: u64,
    /// The end to take records from, if there are more than fit.
    pub end: End,
    /// Records at most.
    pub limit: usize,
    /// Bytes of records at most; the first record is returned whatever its size.
    pub bytes: usize,
}

/// An end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The oldest records.
    Oldest,
    /// The newest records.
    Newest,
}

/// The result of a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// The page that was asked for.
    Page(Page),
    /// The values that exist, with their keys.
    Values(Vec<(String, Bytes)>),
    /// The journal could not be read. The reason, for the operator.
    Unavailable(String),
}

/// A page of a log, as it was at one instant; empty if there is no such log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Sequence numbers and records, ascending, without a gap.
    pub records: Vec<(u64, Bytes)>,
    /// More records were within the bounds than fit.
    pub more: bool,
    /// The oldest record that the log still has; 0 if it has none.
    pub first: u64,
    /// The newest record ever appended, also if it is trimmed; 0 if there was none.
    pub head: u64,
    /// The log's epoch; empty if there is no such log.
    pub epoch: String,
    /// The log's [version](Placed::version); 0 if there is no such log.
    pub version: u64,
}

impl Page {
    /// The records as text, oldest first. Bytes that are no UTF-8 come as U+FFFD.
    ///
    /// ```
    /// # use parlor_core::journal::Page;
    /// let page = Page { records: vec![(7, "hello".into())], ..Page::default() };
    /// assert_eq!(page.texts().collect::<Vec<_>>(), ["hello"]);
    /// ```
    pub fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.records.iter().map(|(_, record)| String::from_utf8_lossy(record))
    }
}

/// The state that an app begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// A part of every epoch that clients see. It changes when sequence numbers may have been assigned twice (after a loss
    /// of power, or when an older copy was put back). Empty for journals that keep nothing.
    pub generation: String,
    /// Every log that has a state, by name. Logs without a state are read by [`Load::Page`] only.
    pub logs: Vec<LogState>,
    /// The other writers; `None`: the journal has one writer only.
    pub shared: Option<SharedWith>,
}

/// The writers of a journal, for one that begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedWith {
    /// The name of the writer that begins.
    pub writer: WriterName,
    /// The ephemerals of the others, in no order.
    pub ephemerals: Vec<(WriterName, String, Bytes)>,
}

/// A log with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    /// The name of the log.
    pub log: LogName,
    /// The log's epoch.
    pub epoch: String,
    /// The oldest record that the log still has; 0 if it has none.
    pub first: u64,
    /// The newest record ever appended; 0 if there was none.
    pub head: u64,
    /// The log's [version](Placed::version).
    pub version: u64,
    /// The time of the last append, by the wall clock of that day: for people to read.
    pub at: Time,
    /// The time in which the journal was open since the last append or import: for an app to decide what to drop. It does
    /// not count the time in which no server ran.
    pub idle: Duration,
    /// The log's state.
    pub state: Bytes,
}
