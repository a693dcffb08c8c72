//! `count`.

use crate::kit::hub::Hub;
use crate::lounge::Lounge;
use crate::lounge::answers::Asker;
use crate::lounge::handlers::room_commit::{Command, What};
use crate::lounge::refusals;
use crate::lounge::room_name::RoomName;

impl Lounge {
    pub(super) fn count(&mut self, asker: Asker, room: &RoomName, by: i8, hub: &mut Hub<'_>) {
        let (Some(room), Some(user)) = (self.room_of(asker.client, room), self.user_of(asker.client)) else {
            return self.refuse(&asker, &refusals::not_in_room(), hub);
        };
        let person = user.person.clone();
        self.command(
            room,
            Command { asker: Some(asker), by: person, hold: Some(hub.hold()), what: What::Count { by } },
            hub,
        );
    }
}
