//! The journal of the world: in memory, shared by all nodes, and it fails when the script says so.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use parlor_core::Time;
use parlor_core::journal::{Commit, Journal, Load, Loaded, MemoryJournal, Outcome, Restored};

/// A handle to the one journal. Clones share it: a server that comes after another finds what that one wrote.
#[derive(Clone)]
pub struct Disk(Arc<Mutex<State>>);

struct State {
    journal: MemoryJournal,
    refuses_writes: bool,
    refuses_reads: bool,
}

impl Disk {
    pub fn new(retain: usize, retain_age: Option<Duration>) -> Self {
        let journal = MemoryJournal::new(retain).retain_age(retain_age);
        Disk(Arc::new(Mutex::new(State { journal, refuses_writes: false, refuses_reads: false })))
    }

    /// A full disk refuses writes; a journal that is down refuses both.
    pub fn refuse(&self, writes: bool, reads: bool) {
        let mut state = self.state();
        (state.refuses_writes, state.refuses_reads) = (writes, reads);
    }

    pub fn is_failing(&self) -> bool {
        let state = self.state();
        state.refuses_writes || state.refuses_reads
    }

    /// Does all the housekeeping there is, as the kit does from second to second.
    pub fn tidy(&self, now: Time) {
        let mut state = self.state();
        while state.journal.tidy(now) {}
    }

    /// A callback that panics does so outside of the journal, so its state is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for Disk {
    fn restore(&mut self) -> Result<Restored, String> {
        self.state().journal.restore()
    }

    fn commit_all(&mut self, batch: Vec<Commit>) -> Vec<Outcome> {
        let mut state = self.state();
        if state.refuses_writes {
            return batch.iter().map(|_| Outcome::Unavailable("the disk is full".into())).collect();
        }
        state.journal.commit_all(batch)
    }

    fn load(&mut self, load: Load) -> Loaded {
        let mut state = self.state();
        if state.refuses_reads {
            return Loaded::Unavailable("the journal is down".into());
        }
        state.journal.load(load)
    }
}
