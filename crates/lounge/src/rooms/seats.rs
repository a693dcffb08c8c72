//! Ways into a room: who may join, and who takes or holds a seat by it.

use super::id::RoomId;
use super::index::Rooms;
use crate::games::host::SeatName;
use crate::games::table::Access;
use crate::identity::directory::Identity;
use crate::protocol::client::{Join, JoinAt};
use crate::protocol::error::Refused;
use crate::refusals;
use parlor_core::ClientId;

/// The way in which a client comes into a room.
pub enum WayIn {
    /// As a member; of a game, a spectator.
    Watch,
    /// With proof of a seat.
    Hold(SeatName),
    /// To take a free seat, or watch if there is none.
    Sit,
}

impl Rooms {
    /// A key opens any game that it is of. Without one, unlisted games open to who proves a seat or is in already.
    pub(super) fn way_in(
        &self,
        client: ClientId,
        room: RoomId,
        join: &Join,
        identity: &Identity,
    ) -> Result<WayIn, Refused> {
        let room = self.get(room).ok_or_else(refusals::no_such_room)?;
        let Some(table) = room.content.table() else {
            let wants_game = join.sit || join.seat.is_some();
            return if wants_game { Err(refusals::no_such_game()) } else { Ok(WayIn::Watch) };
        };
        let access = match &join.at {
            JoinAt::Key(key) => Some(table.keys.access(key).ok_or_else(|| refusals::no_such_room().about("key"))?),
            JoinAt::Room(_) | JoinAt::Inbox => None,
        };
        if let Some(seat) = &join.seat {
            let seat = table.seat_of(seat);
            let none = || refusals::forbidden("\"seat\" proves none of this game's").about("seat");
            return seat.map(WayIn::Hold).ok_or_else(none);
        }
        match access {
            Some(Access::Join) => Ok(WayIn::Sit),
            Some(Access::Watch) | None if join.sit && !room.is_unlisted => Ok(WayIn::Sit),
            Some(Access::Watch) | None if join.sit => {
                Err(refusals::forbidden("it takes the game's key for players to sit down").about("key"))
            }
            Some(Access::Watch) => Ok(WayIn::Watch),
            None if room.is_closed() && !identity.is_in(client, room.id) => {
                Err(refusals::forbidden("it takes a key to join this game").about("key"))
            }
            None => Ok(WayIn::Watch),
        }
    }
}
