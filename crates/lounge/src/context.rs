//! The services that every subject uses during one callback.

use serde::Serialize;

use crate::nodes::announcements::Announcements;
use crate::pending::{AfterCommit, AfterLoad, Pending};
use crate::protocol::client::RequestId;
use crate::protocol::error::Refused;
use crate::protocol::server;
use crate::settings::LoungeSettings;
use crate::timers::Timers;
use crate::waiters::{Asker, Waiters};
use parlor_core::{Commit, Frame, Hub, Load, Steady, Time};

/// One callback's hub, settings, timers, waiters and journal.
pub struct Context<'a, 'h> {
    /// The way to clients.
    pub hub: &'a mut Hub<'h>,
    /// The bounds.
    pub settings: &'a LoungeSettings,
    /// Requests that wait.
    pub waiters: &'a mut Waiters,
    /// Things to do later.
    pub timers: &'a mut Timers,
    /// Continuations of commits and loads.
    pub pending: &'a mut Pending,
    /// Changes that other servers are to hear of.
    pub announcements: &'a mut Announcements,
    /// The time of what has happened: of this callback, or of what another server tells of.
    pub happened_at: Time,
    /// The journal's, part of every epoch: see [`Restored::generation`](parlor_core::Restored::generation).
    pub generation: &'a str,
}

impl Context<'_, '_> {
    /// Returns the time of this callback on the wall clock: for what people read, and for what is kept.
    pub fn now(&self) -> Time {
        self.hub.now()
    }

    /// Returns the time of this callback on the steady clock: for delays.
    pub fn steady(&self) -> Steady {
        self.hub.steady()
    }

    /// Returns the epoch that clients see, of a log's own.
    pub fn epoch(&self, of_log: &str) -> String {
        if self.generation.is_empty() { of_log.to_owned() } else { format!("{of_log}.{}", self.generation) }
    }

    /// Answers `ok` with the members of `result`.
    pub fn ok(&mut self, asker: Asker, result: &impl Serialize) {
        self.ok_frame(asker, |re| server::ok(re, result));
    }

    /// Answers with a frame.
    pub fn ok_frame(&mut self, asker: Asker, frame: impl Fn(&RequestId) -> Frame) {
        self.waiters.ok(asker, frame, self.hub);
    }

    /// Answers with an error.
    pub fn refuse(&mut self, asker: Asker, refused: &Refused) {
        self.waiters.refuse(asker, refused, self.hub);
    }

    /// Closes the client of a request whose commit has an unknown outcome. It comes back, and asks again with the same
    /// idempotency key: an answer now might be wrong.
    pub fn lose(&mut self, asker: Asker) {
        self.waiters.lose(asker, self.hub);
    }

    /// Returns whether other servers write to the same journal.
    pub fn is_shared(&self) -> bool {
        self.announcements.is_shared()
    }

    /// The request goes on after this callback: see [`Waiters::hold`].
    pub fn hold(&mut self, asker: &mut Asker) {
        self.waiters.hold(asker, self.hub);
    }

    /// The request goes on, and its client's later requests wait for it: see [`Waiters::block`].
    pub fn block(&mut self, asker: &mut Asker) {
        self.waiters.block(asker, self.hub);
    }

    /// Writes to the journal. Requests that wait for it are held by their askers, not by the commit.
    pub fn commit(&mut self, commit: Commit, after: impl Into<AfterCommit>) {
        let ticket = self.hub.commit_detached(commit);
        self.pending.add_commit(ticket, after.into());
    }

    /// Reads from the journal.
    pub fn load(&mut self, load: Load, after: impl Into<AfterLoad>) {
        let ticket = self.hub.load(load);
        self.pending.add_load(ticket, after.into());
    }
}
