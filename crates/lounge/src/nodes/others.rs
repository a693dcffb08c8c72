//! Sessions of other servers, as they tell of them.

use std::collections::BTreeMap;

use log::warn;

use super::announcements::elsewhere;
use super::session::{InRoom, SharedSession};
use super::signal::Signal;
use crate::context::Context;
use crate::identity::directory::Identity;
use crate::inbox::inboxes;
use crate::rooms::id::RoomId;
use crate::rooms::index::Rooms;
use crate::rooms::name::RoomName;
use parlor_core::journal::{Ephemeral, SharedWith, WriterName};
use parlor_core::{Bytes, ClientId};

/// The sessions of other servers. Bounded by the clients that these admit.
#[derive(Default)]
pub struct Others {
    /// By server and key.
    sessions: BTreeMap<WriterName, BTreeMap<String, ClientId>>,
    next: u64,
}

impl Others {
    /// Takes in the sessions that are there when the server begins.
    pub fn restore(&mut self, with: SharedWith, identity: &mut Identity, rooms: &mut Rooms, cx: &mut Context<'_, '_>) {
        for (writer, key, value) in with.ephemerals {
            self.take_in(&writer, Ephemeral { key, value: Some(value) }, identity, rooms, cx);
        }
    }

    /// A session of another server has come, changed or gone.
    pub fn take_in(
        &mut self,
        writer: &WriterName,
        Ephemeral { key, value }: Ephemeral,
        identity: &mut Identity,
        rooms: &mut Rooms,
        cx: &mut Context<'_, '_>,
    ) {
        let sessions = self.sessions.entry(writer.clone()).or_default();
        match value {
            Some(value) => match SharedSession::read(&value) {
                Some(session) => {
                    let client = *sessions.entry(key).or_insert_with(|| {
                        self.next += 1;
                        elsewhere(self.next)
                    });
                    identity.take_in_session(client, &session, cx);
                    take_in_rooms(client, &session.rooms, identity, rooms, cx);
                }
                None => warn!("a session of the server {writer} can't be read: it is another version's"),
            },
            None => {
                let gone = sessions.remove(&key);
                if sessions.is_empty() {
                    self.sessions.remove(writer);
                }
                if let Some(client) = gone {
                    disconnect(client, identity, rooms, cx);
                }
            }
        }
    }

    /// A server has ended: its clients have a grace to come back to another.
    pub fn end(&mut self, writer: &WriterName, identity: &mut Identity, rooms: &mut Rooms, cx: &mut Context<'_, '_>) {
        for client in self.sessions.remove(writer).unwrap_or_default().into_values() {
            disconnect(client, identity, rooms, cx);
        }
    }

    /// Returns the number of servers that have sessions, and of these.
    pub fn counts(&self) -> (usize, usize) {
        (self.sessions.len(), self.sessions.values().map(BTreeMap::len).sum())
    }
}

fn disconnect(client: ClientId, identity: &mut Identity, rooms: &mut Rooms, cx: &mut Context<'_, '_>) {
    if let Some(dropped) = identity.disconnect(client, cx) {
        rooms.disconnect(client, &dropped, cx);
    }
}

/// Rooms that are not here are gone here already: the session's own server finds that out too.
fn take_in_rooms(
    client: ClientId,
    told: &[InRoom],
    identity: &mut Identity,
    rooms: &mut Rooms,
    cx: &mut Context<'_, '_>,
) {
    let find = |told: &InRoom| Some((rooms.shared_room(&told.room, &told.epoch)?, told.seat.clone()));
    let now: Vec<(RoomId, Option<String>)> = told.iter().filter_map(find).collect();
    let before = identity.client(client).map(|client| client.rooms.clone()).unwrap_or_default();
    for room in before.into_iter().filter(|room| now.iter().all(|(other, _)| other != room)) {
        rooms.exit(client, room, identity, cx);
    }
    for (room, seat) in now {
        rooms.enter(client, room, identity, cx);
        rooms.seat_elsewhere(client, room, seat.as_deref(), identity, cx);
    }
}

/// Does what a signal of another server asks for.
pub fn hear(writer: &WriterName, signal: &Bytes, identity: &Identity, rooms: &mut Rooms, cx: &mut Context<'_, '_>) {
    match Signal::read(signal) {
        Some(Signal::Turn { room }) => {
            if let Ok(room) = RoomName::parse(&room) {
                rooms.give_turn(&room, writer, cx);
            }
        }
        Some(Signal::Typing { room, user, on }) => {
            if let Ok(room) = RoomName::parse(&room) {
                rooms.show_typing(&room, &user, on, None, cx);
            }
        }
        Some(Signal::TypingTo { to, user, on }) => inboxes::show_typing(to, &user, on, identity, cx),
        None => {} // a newer server's
    }
}
