//! `echo` and `ping`, and the `welcome` that comes first of all.

use uuid::Uuid;

use crate::Lounge;
use crate::identity::people::User;
use crate::protocol::json::Json;
use crate::protocol::server::{self, replies, welcome};
use crate::rooms::name::RoomName;
use crate::rooms::room::RoomId;
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::Hub;

impl Lounge {
    pub(crate) fn echo(&self, asker: &Asker, body: &Json, hub: &mut Hub<'_>) {
        self.ok(asker, &replies::Echoed { body }, hub);
    }

    pub(crate) fn ping(&self, asker: &Asker, hub: &mut Hub<'_>) {
        self.ok(asker, &replies::Pong { server_time: hub.now().into() }, hub);
    }

    pub(crate) fn welcome(&self, client: ClientId, user: Uuid, hub: &mut Hub<'_>) {
        let Some(user) = self.people.get(user) else { return };
        let kit = &self.settings.kit;
        let welcome = welcome::Welcome {
            protocol: welcome::PROTOCOL,
            session: hub.uuid(),
            user: &user.person,
            token: &self.settings.signer.sign(user.person.id, &user.name, hub.now()),
            server_time: hub.now().into(),
            limits: &welcome::Limits {
                frame_bytes: kit.frame_bytes,
                body_chars: self.settings.body_chars,
                presence_room: self.settings.presence_room,
                recover_events: self.settings.recover_events,
                rooms: self.settings.rooms_per_client,
                rate_per_second: kit.rate.map(|rate| rate.per_second),
                rate_burst: kit.rate.map(|rate| rate.burst),
            },
            heartbeat_ms: u64::try_from(kit.heartbeat.as_millis()).unwrap_or(u64::MAX),
        };
        hub.send(client, server::event(&welcome));
    }

    pub(crate) fn user_of(&self, client: ClientId) -> Option<&User> {
        self.people.get(self.sessions.get(&client)?.user)
    }

    /// The room of that name, if the client is in it.
    pub(crate) fn room_of(&self, client: ClientId, room: &RoomName) -> Option<RoomId> {
        let room = self.rooms.id(room)?;
        self.sessions.get(&client).is_some_and(|session| session.is_in(room)).then_some(room)
    }
}
