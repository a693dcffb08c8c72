//! Rooms that nobody was in for long go whole.

use std::time::Duration;

use crate::Lounge;
use crate::pending::Pending;
use crate::rooms::room::RoomId;
use crate::timers::Due;
use parlor_core::Hub;
use parlor_core::journal::{Commit, Outcome};

/// Rooms that go in one commit, so that nobody waits long behind it.
const BATCH: usize = 16;
const BETWEEN_BATCHES: Duration = Duration::from_secs(1);
const BETWEEN_SWEEPS_MAX: Duration = Duration::from_secs(60 * 60);

impl Lounge {
    pub(crate) fn sweep(&mut self, hub: &mut Hub<'_>) {
        let retention = self.settings.room_retention;
        let is_over = |at| hub.now().since(at) >= retention;
        let stale: Vec<_> = self
            .rooms
            .after(None)
            .filter(|room| room.is_idle() && is_over(room.last_at.max(room.used_at)))
            .map(|room| (room.id, room.name.clone(), room.log.clone()))
            .take(BATCH)
            .collect();
        let is_full = stale.len() == BATCH;
        let (mut rooms, mut drops) = (Vec::new(), Vec::new());
        for (room, name, log) in stale {
            if self.rooms.changing(&name).is_none() {
                self.rooms.begin_change(name);
                rooms.push(room);
                drops.push(log);
            }
        }
        if !rooms.is_empty() {
            let ticket = hub.commit_detached(Commit { drops, ..Commit::default() });
            self.pending.insert(ticket, Pending::Sweep(rooms));
        }
        let next = if is_full { BETWEEN_BATCHES } else { (retention / 2).clamp(BETWEEN_BATCHES, BETWEEN_SWEEPS_MAX) };
        self.timers.set(hub.now() + next, Due::Sweep);
    }

    pub(crate) fn rooms_dropped(&mut self, rooms: &[RoomId], outcome: &Outcome, hub: &mut Hub<'_>) {
        let is_done = matches!(outcome, Outcome::Committed(_));
        for room in rooms {
            let Some(name) = self.rooms.get(*room).map(|room| room.name.clone()) else { continue };
            if is_done {
                self.rooms.remove(*room);
            }
            for (client, request) in self.rooms.settle(&name) {
                self.handle_again(client, request, hub);
            }
        }
    }
}
