//! Ways into a room: who may join, and who takes or holds a seat by it.

use crate::Lounge;
use crate::games::host::SeatName;
use crate::games::table::{self, Access};
use crate::protocol::client::{Join, JoinAt};
use crate::protocol::error::Refused;
use crate::refusals;
use crate::rooms::room::RoomId;
use crate::rooms::writer::{Command, What};
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::Hub;

/// As what somebody comes into a room.
pub enum WayIn {
    /// As a member; of a game, a spectator.
    Watch,
    /// With proof of a seat.
    Hold(SeatName),
    /// To take a free seat, or watch if there is none.
    Sit,
}

impl Lounge {
    /// A key opens any game that it is of; without one, unlisted games open to who proves a seat or is in already.
    pub(crate) fn way_in(&self, client: ClientId, room: RoomId, join: &Join) -> Result<WayIn, Refused> {
        let room = self.rooms.get(room).ok_or_else(refusals::no_such_room)?;
        let Some(table) = room.content.table() else {
            let wants_game = join.sit || join.seat.is_some();
            return if wants_game { Err(refusals::no_such_game()) } else { Ok(WayIn::Watch) };
        };
        let access = match &join.at {
            JoinAt::Key(key) => Some(table.keys.access(key).ok_or_else(refusals::no_such_room)?),
            JoinAt::Room(_) | JoinAt::Inbox => None,
        };
        if let Some(seat) = &join.seat {
            let seat = table.seat_of(seat);
            return seat.map(WayIn::Hold).ok_or_else(|| refusals::forbidden("\"seat\" proves none of this game's"));
        }
        let is_in = self.sessions.get(&client).is_some_and(|session| session.is_in(room.id));
        match access {
            Some(Access::Join) => Ok(WayIn::Sit),
            Some(Access::Watch) | None if join.sit && !room.is_unlisted => Ok(WayIn::Sit),
            Some(Access::Watch) | None if join.sit => {
                Err(refusals::forbidden("it takes the game's key for players to sit down"))
            }
            Some(Access::Watch) => Ok(WayIn::Watch),
            None if room.is_closed() && !is_in => Err(refusals::forbidden("it takes a key to join this game")),
            None => Ok(WayIn::Watch),
        }
    }

    /// Asks for a seat; the join goes on when that is decided.
    pub(crate) fn sit(&mut self, asker: Asker, room: RoomId, join: Join, hub: &mut Hub<'_>) {
        if let Err(refused) = self.may_last(asker.client, hub) {
            return self.refuse(&asker, &refused, hub);
        }
        let Some(by) = self.user_of(asker.client).map(|user| user.person.clone()) else { return };
        self.wait(asker.client);
        let what = What::Sit { secret: table::secret(hub), join: Box::new(join) };
        self.command(room, Command { asker: Some(asker), by, hold: Some(hub.hold()), what }, hub);
    }

    /// It is decided: with a seat and what proves it, or to watch.
    pub(crate) fn seated(
        &mut self,
        asker: Asker,
        room: RoomId,
        seat: Option<(SeatName, Secret)>,
        join: &Join,
        hub: &mut Hub<'_>,
    ) {
        let client = asker.client;
        let Some(session) = self.sessions.get_mut(&client) else { return };
        session.is_busy = false;
        let (seat, proof) = seat.unzip();
        self.join_room(asker, room, join, seat, proof, hub);
        self.handle_waiting(client, hub);
    }
}
