//! `leave`.

use crate::Lounge;
use crate::protocol::server::replies;
use crate::refusals;
use crate::rooms::name::RoomName;
use crate::waiters::Asker;
use parlor_core::Hub;

impl Lounge {
    pub(crate) fn leave(&mut self, asker: &Asker, room: &RoomName, hub: &mut Hub<'_>) {
        match self.room_of(asker.client, room) {
            Some(room) => {
                self.exit(asker.client, room, hub);
                self.ok(asker, &replies::Done {}, hub);
            }
            None => self.refuse(asker, &refusals::not_in_room(), hub),
        }
    }
}
