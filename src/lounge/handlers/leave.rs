//! `leave`.

use crate::kit::hub::Hub;
use crate::lounge::Lounge;
use crate::lounge::answers::Asker;
use crate::lounge::protocol::server::replies;
use crate::lounge::refusals;
use crate::lounge::room_name::RoomName;

impl Lounge {
    pub(super) fn leave(&mut self, asker: &Asker, room: &RoomName, hub: &mut Hub<'_>) {
        match self.room_of(asker.client, room) {
            Some(room) => {
                self.exit(asker.client, room, hub);
                self.ok(asker, &replies::Done {}, hub);
            }
            None => self.refuse(asker, &refusals::not_in_room(), hub),
        }
    }
}
