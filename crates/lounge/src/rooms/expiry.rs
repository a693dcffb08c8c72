//! Rooms that have not been used for long are deleted.

use std::time::Duration;

use super::content::{Touched, stored};
use super::continuation::{Dropping, RoomCommit};
use super::id::RoomId;
use super::index::{Rooms, Wanted};
use super::name::RoomName;
use super::room::Room;
use super::room_clock::RoomClock;
use crate::context::Context;
use crate::identity::directory::Identity;
use crate::timers::Due;
use parlor_core::journal::{Append, Commit, Expect, Outcome};
use parlor_core::{Steady, Time};

/// Rooms that are deleted in one commit, so that nobody waits long behind it.
const BATCH: usize = 16;
const BETWEEN_BATCHES: Duration = Duration::from_secs(1);
const BETWEEN_LOOKS_MAX: Duration = Duration::from_secs(60 * 60);
/// A room in which nothing happens is noted as used this often, so that it is in use also after a restart.
const BETWEEN_TOUCHES_MAX: Duration = Duration::from_secs(24 * 60 * 60);

impl Rooms {
    /// Deletes rooms whose time is over, notes those that are in use, and sets the timer for the next look.
    pub fn sweep(&mut self, cx: &mut Context<'_, '_>) {
        let (now, retention) = (RoomClock::at(cx.steady()), cx.settings.room_retention);
        let grace_left = self.clock.grace_over(retention).since(now);
        let has_more_to_touch = self.touch(now, (retention / 8).min(BETWEEN_TOUCHES_MAX), cx);
        let has_more_to_drop = grace_left.is_zero() && self.drop_stale(now, retention, cx);
        let next = if has_more_to_touch || has_more_to_drop {
            BETWEEN_BATCHES
        } else if grace_left.is_zero() {
            (retention / 2).clamp(BETWEEN_BATCHES, BETWEEN_LOOKS_MAX)
        } else {
            grace_left
        };
        cx.timers.set(cx.steady() + next, Due::Sweep);
    }

    /// Deletes a batch of rooms that were not used for the retention. Returns whether there may be more.
    fn drop_stale(&mut self, now: Steady, retention: Duration, cx: &mut Context<'_, '_>) -> bool {
        let at = cx.now();
        let stale: Vec<_> = self
            .all()
            .filter(|room| room.is_idle() && now.since(room.used_at) >= retention)
            .map(|room| (room.id, room.name.clone(), unchanged(room, at)))
            .take(BATCH)
            .collect();
        let is_full = stale.len() == BATCH;
        for (room, name, unchanged) in stale {
            if !self.is_changing(&name) {
                self.drop_room(room, name, unchanged, cx);
            }
        }
        is_full
    }

    /// Begins to delete a room.
    pub(super) fn drop_room(&mut self, id: RoomId, name: RoomName, unchanged: Append, cx: &mut Context<'_, '_>) {
        self.begin_change(name.clone());
        let drops = vec![unchanged.log.clone()];
        let commit = Commit { appends: vec![unchanged], drops, ..Commit::default() };
        cx.commit(commit, RoomCommit::Drop(Dropping { id, name }));
    }

    /// Writes into the logs of a batch of rooms that they are in use, or were since their last event. Returns whether there
    /// may be more.
    fn touch(&mut self, now: Steady, after: Duration, cx: &mut Context<'_, '_>) -> bool {
        let is_due = |room: &&Room| {
            let used_at = if room.live.is_some() { now } else { room.used_at };
            used_at.since(room.written_at) >= after && room.in_flight.is_none() && !room.is_looking
        };
        let at = cx.now();
        let due: Vec<(RoomId, Append)> = self
            .all()
            .filter(is_due)
            .take(BATCH)
            .filter_map(|room| {
                let touched = Some(Touched { at, last_at: room.last_at });
                let append = Append {
                    log: room.log.clone(),
                    expect: Expect::Version(room.version),
                    epoch: room.epoch.clone(),
                    at,
                    records: Vec::new(),
                    state: Some(stored(&room.content, room.about(touched)).ok()?.into()),
                    expires_at: None,
                };
                Some((room.id, append))
            })
            .collect();
        let is_full = due.len() == BATCH;
        for (room, append) in due {
            cx.commit(Commit { appends: vec![append], ..Commit::default() }, RoomCommit::Touch(room));
        }
        is_full
    }

    /// The journal has answered to a note. One that failed is written at the next look.
    pub fn touched(&mut self, room: RoomId, outcome: &Outcome, cx: &Context<'_, '_>) {
        let now = RoomClock::at(cx.steady());
        if let (Some(room), Outcome::Committed(placed)) = (self.get_mut(room), outcome) {
            room.written_at = now;
            room.version = placed.first().map_or(room.version, |placed| placed.version);
        }
    }

    /// The journal has answered to a deletion: who wants one of the rooms goes on.
    pub fn dropped(&mut self, room: &Dropping, outcome: &Outcome, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        if matches!(outcome, Outcome::Committed(_)) {
            self.forget(room.id, cx);
        }
        for (asker, wanted) in self.settle(&room.name) {
            match wanted {
                Wanted::Join(join) => self.join(asker, join, identity, cx),
                Wanted::Create { kind, is_unlisted } => {
                    self.create(asker, &kind, Some(room.name.clone()), is_unlisted, identity, cx);
                }
            }
        }
    }

    /// Removes a room that the journal does not have any more.
    pub(super) fn forget(&mut self, room: RoomId, cx: &mut Context<'_, '_>) -> Option<Room> {
        cx.timers.cancel(Due::Forfeit(room));
        cx.timers.cancel(Due::Crowd(room));
        cx.timers.cancel(Due::Turn(room));
        self.remove(room)
    }
}

/// Returns an append that writes nothing, and fails if another server has written to the room.
pub(super) fn unchanged(room: &Room, at: Time) -> Append {
    Append {
        log: room.log.clone(),
        expect: Expect::Version(room.version),
        epoch: room.epoch.clone(),
        at,
        records: Vec::new(),
        state: None,
        expires_at: None,
    }
}
