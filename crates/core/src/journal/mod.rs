//! Durable storage of an app: logs of records, and values by key.
//!
//! An app writes with [`Hub::commit`](crate::hub::Hub::commit) and [`Hub::append`](crate::hub::Hub::append), and reads with
//! [`Hub::load`](crate::hub::Hub::load). The types of this module are the words of both, and [`Journal`] is the promise
//! behind them, for those who bring a storage of their own.
//!
//! ```
//! use parlor_core::journal::{Append, Commit, Expect, Journal, Load, Loaded, LogName, MemoryJournal, Outcome};
//! use parlor_core::Time;
//!
//! let mut journal = MemoryJournal::new(100);
//! let append = Append {
//!     log: LogName::new("room/tea"),
//!     expect: Expect::Anything,
//!     epoch: "first".into(),
//!     at: Time::from_millis(1_795_224_660_000),
//!     records: vec!["hello".into(), "is anybody there?".into()],
//!     state: None,
//!     expires_at: None,
//! };
//! let commit = Commit { appends: vec![append], ..Commit::default() };
//! let Outcome::Committed(placed) = journal.commit_all(vec![commit]).remove(0) else { panic!() };
//! assert_eq!((placed[0].first, placed[0].head), (1, 2));
//!
//! let Loaded::Page(page) = journal.load(Load::newest("room/tea", 1)) else { panic!() };
//! assert_eq!(page.records, [(2, "is anybody there?".into())]);
//! assert!(page.more);
//! ```

pub mod dump;
mod memory;
mod model;
mod running_clock;
mod shared;

pub use memory::MemoryJournal;
pub use model::{
    Amend, Append, Commit, End, Ephemeral, Expect, ExpectValue, FellBehind, Followed, FollowedAppend, Load, Loaded,
    LogName, LogState, Outcome, Page, PageOf, Placed, Put, RecordOf, Restored, SharedWith, WriterName,
};
pub use running_clock::RunningClock;
pub use shared::{SharedJournal, WriterFaults};

/// Storage for an app's commits.
///
/// A journal is driven from one thread. It may have several writers, each with a `Journal` of its own, which
/// [follow](Journal::follow) one another; most have one. It promises:
/// - **Atomicity.** A commit is applied completely or not at all, and so is a batch whose writing fails.
/// - **Order.** Commits take effect in the order given. A log's sequence numbers begin with 1 and grow by exactly 1 with
///   each record, without gap or repeat, also over trimming and restarts, for as long as its epoch lasts.
/// - **One order.** Every writer hears of the commits of all in the order in which they were placed: those of others by
///   [`follow`](Journal::follow), its own by their outcomes.
/// - **Reading what was answered.** When a commit without anything in it is [`Committed`](Outcome::Committed), the writer has
///   heard of all that anybody was told is committed before it was asked for.
/// - **Ephemerals end with their writer.** The others hear of it: when the writer closes its journal, begins anew, or is not
///   heard of for as long as the journal allows. Such a writer has fallen behind, and writes nothing more until it begins anew.
/// - **Durability.** A batch that [`commit_all`](Journal::commit_all) reported as committed is seen by every later `load` and
///   `restore`, and survives as configured (in memory: nothing; SQLite `normal`: the end of the process; `full`: a loss of
///   power).
/// - **Recovery.** After an error it goes on as soon as the cause is gone.
/// - **Expiry by running time.** Expiry and age are measured by a [`RunningClock`]: time in which the journal was closed does
///   not count, nor does a jump of the wall clock. A journal that was kept closed, restored from a backup or given a wrong
///   time loses nothing by that.
pub trait Journal: Send + 'static {
    /// Reads the state of every log that has one: an app begins with it.
    ///
    /// # Errors
    /// The reason why the journal can't be read, for the operator.
    fn restore(&mut self) -> Result<Restored, String>;

    /// Writes a batch in one transaction. Returns one outcome for each commit, in order. Where there are several writers,
    /// [`follow`](Journal::follow) is to be called before anybody hears of the outcomes.
    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome>;

    /// Takes the commits of other writers since the last call, in the order in which they were placed. The first call after a
    /// [`commit_all`](Journal::commit_all) brings those that were placed before its batch, and no later ones.
    ///
    /// # Errors
    /// If some of them are not known any more. The app begins anew, on what [`restore`](Journal::restore) brings; until then
    /// every commit is [`Outcome::Unavailable`].
    fn follow(&mut self) -> Result<Vec<Followed>, FellBehind> {
        Ok(Vec::new())
    }

    /// Sets the function that is called, from any thread, when there is something to [follow](Journal::follow); at once, if there
    /// is something already. It never waits.
    fn on_placed(&mut self, _wake: Box<dyn Fn() + Send + Sync>) {}

    /// Reads. Never changes anything.
    fn load(&mut self, load: Load) -> Loaded;

    /// Tries whether the journal can write; called from time to time after a failure.
    ///
    /// # Errors
    /// The reason why it can't, for the operator.
    fn probe(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// Returns why the journal can't write now, if it knows that without trying. It never waits. Asked for once a second.
    fn fault(&self) -> Option<String> {
        None
    }

    /// Opens a reader that works beside the writer, on another thread, if the journal has such.
    fn reader(&self) -> Option<Box<dyn Reader>> {
        None
    }

    /// Runs one slice of housekeeping: trimming and expiry. To be called about once a second with the wall time, also when
    /// there is nothing to do: the [`RunningClock`] advances by it. `true`: there is more to do soon.
    fn tidy(&mut self, _now: crate::time::Time) -> bool {
        false
    }
}

/// Reads a journal beside its writer.
pub trait Reader: Send + 'static {
    /// Reads. Never changes anything.
    fn load(&mut self, load: Load) -> Loaded;
}
