//! Rooms that have not been used for long are deleted.

use std::time::Duration;

use super::continuation::RoomCommit;
use super::id::RoomId;
use super::index::{Rooms, Wanted};
use crate::context::Context;
use crate::identity::directory::Identity;
use crate::timers::Due;
use parlor_core::journal::{Commit, Outcome};

/// Rooms that are deleted in one commit, so that nobody waits long behind it.
const BATCH: usize = 16;
const BETWEEN_BATCHES: Duration = Duration::from_secs(1);
const BETWEEN_SWEEPS_MAX: Duration = Duration::from_secs(60 * 60);

impl Rooms {
    /// Deletes rooms whose time is over, and sets the timer for the next look.
    pub fn sweep(&mut self, cx: &mut Context<'_, '_>) {
        let (now, retention) = (cx.now(), cx.settings.room_retention);
        let stale: Vec<_> = self
            .all()
            .filter(|room| room.is_idle() && now.since(room.last_at.max(room.used_at)) >= retention)
            .map(|room| (room.id, room.name.clone(), room.log.clone()))
            .take(BATCH)
            .collect();
        let is_full = stale.len() == BATCH;
        let (mut rooms, mut drops) = (Vec::new(), Vec::new());
        for (room, name, log) in stale {
            if !self.is_changing(&name) {
                self.begin_change(name);
                rooms.push(room);
                drops.push(log);
            }
        }
        if !rooms.is_empty() {
            cx.commit(Commit { drops, ..Commit::default() }, RoomCommit::Drop(rooms));
        }
        let next = if is_full { BETWEEN_BATCHES } else { (retention / 2).clamp(BETWEEN_BATCHES, BETWEEN_SWEEPS_MAX) };
        cx.timers.set(now + next, Due::Sweep);
    }

    /// The journal has answered to a deletion: who wants one of the rooms goes on.
    pub fn dropped(&mut self, rooms: &[RoomId], outcome: &Outcome, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let is_done = matches!(outcome, Outcome::Committed(_));
        for room in rooms {
            let Some(name) = self.get(*room).map(|room| room.name.clone()) else { continue };
            if is_done {
                self.remove(*room);
                cx.timers.cancel(Due::Forfeit(*room));
                cx.timers.cancel(Due::Crowd(*room));
            }
            for (asker, wanted) in self.settle(&name) {
                match wanted {
                    Wanted::Join(join) => self.join(asker, join, identity, cx),
                    Wanted::Create { kind, is_unlisted } => {
                        self.create(asker, &kind, Some(name.clone()), is_unlisted, identity, cx);
                    }
                }
            }
        }
    }
}
