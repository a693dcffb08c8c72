//! What outlives a callback: logs of records, and values by key.

mod memory;
mod model;

pub use memory::MemoryJournal;
pub use model::{
    Append, Commit, End, Expect, Load, Loaded, LogName, LogState, Outcome, Page, PageOf, Placed, Put, Restored,
};

/// Where an app's commits go.
///
/// A journal is driven from one thread. It promises:
/// - **All or nothing.** A commit is applied whole or not at all, and so is a batch whose writing fails.
/// - **Order.** Commits take effect in the order given. A log's sequence numbers begin with 1 and grow by exactly 1 with
///   each record, without gap or repeat, also over trimming and restarts, for as long as its epoch lasts.
/// - **Durability.** What [`commit_all`](Journal::commit_all) calls committed is seen by every later `load` and `restore`,
///   and survives as its configuration says (the memory journal: nothing; SQLite `normal`: the process; `full`: the power).
/// - **Life after failure.** After an error it goes on as soon as the cause is gone.
pub trait Journal: Send + 'static {
    /// What the app begins with: the state of every log that has one.
    ///
    /// # Errors
    /// If the journal can't be read: in words for the operator.
    fn restore(&mut self) -> Result<Restored, String>;

    /// Writes a batch in one transaction; one outcome for each commit, in order.
    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome>;

    /// Reads. Never changes anything.
    fn load(&mut self, load: Load) -> Loaded;

    /// Asked from time to time after a failure: whether it could write now.
    ///
    /// # Errors
    /// What is still in the way, in words for the operator.
    fn probe(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// A second hand to read with from another thread, if the journal has such: then pages are read beside the writing.
    fn reader(&self) -> Option<Box<dyn Reader>> {
        None
    }

    /// A slice of its housekeeping (trimming, expiry), when there is nothing else to do. `true`: there is more to do soon.
    fn tidy(&mut self, _now: crate::time::Time) -> bool {
        false
    }
}

/// Reads a journal beside its writer.
pub trait Reader: Send + 'static {
    fn load(&mut self, load: Load) -> Loaded;
}
