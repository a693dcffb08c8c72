//! Empty rooms make place for others when there are too many.

use std::time::Duration;

use super::expiry::unchanged;
use super::id::RoomId;
use super::index::Rooms;
use super::places::is_kept;
use super::room::Room;
use super::room_clock::RoomClock;
use crate::context::Context;
use crate::protocol::error::Refused;
use crate::refusals;

/// Time for which an empty room is left alone for whoever created it to come into it.
const EMPTY_FOR: Duration = Duration::from_secs(10 * 60);

impl Rooms {
    /// Finds a place for one more room; perhaps an empty one is deleted for it.
    ///
    /// # Errors
    /// If its address has all rooms that it may have, or the server has.
    pub(super) fn find_place(&mut self, made_by: Option<u64>, cx: &mut Context<'_, '_>) -> Result<(), Refused> {
        if self.places.of(made_by) >= cx.settings.rooms_per_address {
            return Err(refusals::rooms_of_address());
        }
        if self.len() < cx.settings.rooms {
            return Ok(());
        }
        let Some(room) = self.least_missed(made_by, cx) else { return Err(refusals::rooms_full()) };
        let at = cx.now();
        let Some((name, unchanged)) = self.get(room).map(|room| (room.name.clone(), unchanged(room, at))) else {
            return Err(refusals::rooms_full());
        };
        self.drop_room(room, name, unchanged, cx);
        Ok(())
    }

    /// Returns the empty room that makes place: of the address that has most, the one that was not used for longest. Within
    /// some minutes only those of an address that has more rooms than who asks.
    fn least_missed(&self, asker: Option<u64>, cx: &Context<'_, '_>) -> Option<RoomId> {
        let (now, own) = (RoomClock::at(cx.steady()), self.places.of(asker));
        let can_go = |room: &&Room| {
            let is_empty = room.head <= 1 && room.is_idle();
            let is_others = room.made_by != asker && self.places.of(room.made_by) > own;
            is_empty
                && (is_others || now.since(room.used_at) >= EMPTY_FOR)
                && !is_kept(&room.name, cx.settings)
                && !self.is_changing(&room.name)
        };
        let by_need = |room: &&Room| (std::cmp::Reverse(self.places.of(room.made_by)), room.used_at, room.id);
        self.all().filter(can_go).min_by_key(by_need).map(|room| room.id)
    }
}
