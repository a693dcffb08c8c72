//! `typing`.

use crate::Lounge;
use crate::protocol::server::{self, events, replies};
use crate::refusals;
use crate::rooms::name::RoomName;
use crate::waiters::Asker;
use parlor_core::Hub;

impl Lounge {
    pub(crate) fn typing(&mut self, asker: &Asker, room: &RoomName, hub: &mut Hub<'_>) {
        let (Some(id), Some(user)) = (self.room_of(asker.client, room), self.user_of(asker.client)) else {
            return self.refuse(asker, &refusals::not_in_room(), hub);
        };
        let typing = events::Typing { room: room.as_str(), user: &user.person };
        hub.broadcast_except(id.group(), asker.client, server::event(&typing));
        self.ok(asker, &replies::Done {}, hub);
    }
}
