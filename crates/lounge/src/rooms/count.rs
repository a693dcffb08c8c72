//! `count`.

use crate::Lounge;
use crate::refusals;
use crate::rooms::name::RoomName;
use crate::rooms::writer::{Command, What};
use crate::waiters::Asker;
use parlor_core::Hub;

impl Lounge {
    pub(crate) fn count(&mut self, asker: Asker, room: &RoomName, by: i8, hub: &mut Hub<'_>) {
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
