//! `count`; and what moves a game, where there is none.

use crate::kit::hub::Hub;
use crate::lounge::Lounge;
use crate::lounge::answers::Asker;
use crate::lounge::handlers::room_commit::{Command, What};
use crate::lounge::protocol::error::{ErrorCode, Refused};
use crate::lounge::refusals;
use crate::lounge::room_name::RoomName;

impl Lounge {
    pub(super) fn count(&mut self, asker: Asker, room: &RoomName, by: i8, hub: &mut Hub<'_>) {
        let (Some(room), Some(user)) = (self.room_of(asker.client, room), self.user_of(asker.client)) else {
            return self.refuse(&asker, &refusals::not_in_room(), hub);
        };
        let person = user.person.clone();
        self.command(room, Command { asker, by: person, hold: hub.hold(), what: What::Count { by } }, hub);
    }

    pub(super) fn no_game(&self, asker: &Asker, room: &RoomName, hub: &mut Hub<'_>) {
        match self.room_of(asker.client, room) {
            Some(_) => self.refuse(asker, &Refused::new(ErrorCode::NoSuchGame, "there is no game in that room"), hub),
            None => self.refuse(asker, &refusals::not_in_room(), hub),
        }
    }
}
