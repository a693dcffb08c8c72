//! Members come and go, and the others hear of it.

use uuid::Uuid;

use super::id::RoomId;
use super::index::Rooms;
use super::name::RoomName;
use super::room::Room;
use crate::context::Context;
use crate::games::host::SeatName;
use crate::identity::directory::{Dropped, Identity};
use crate::nodes::announcements::AfterAnnounced;
use crate::person::Person;
use crate::protocol::server::{self, List, events, replies};
use crate::refusals;
use crate::settings::LoungeSettings;
use crate::timers::Due;
use crate::waiters::Asker;
use parlor_core::{ClientId, Frame, Steady};

enum Change {
    Joined,
    Left,
}

impl Rooms {
    /// Counts a client among those in a room, and tells the others if its user was not there before.
    pub fn enter(&mut self, client: ClientId, room: RoomId, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        if self.get(room).is_some()
            && let Some(user) = identity.enter(client, room)
            && let () = cx.announcements.touch(client)
            && self.wake(room).is_some_and(|live| live.presence.enter(user, client))
        {
            self.tell_presence(room, user, &Change::Joined, Some(client), identity, cx);
        }
    }

    /// `leave`.
    pub fn leave(&mut self, mut asker: Asker, room: &RoomName, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        match self.joined_by(asker.client(), room, identity) {
            Some(room) => {
                self.exit(asker.client(), room, identity, cx);
                if cx.is_shared() {
                    cx.block(&mut asker);
                    return cx.announcements.then(AfterAnnounced::Left(asker));
                }
                cx.ok(asker, &replies::Done {});
            }
            None => cx.refuse(asker, &refusals::not_in_room()),
        }
    }

    /// Takes a client out of a room that it leaves on purpose.
    pub fn exit(&mut self, client: ClientId, room: RoomId, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let Some(user) = identity.exit(client, room) else { return };
        cx.announcements.touch(client);
        cx.hub.leave(client, room.group());
        self.let_go_of_seat(client, room, cx);
        let live = self.get_mut(room).and_then(|room| room.live.as_mut());
        if live.is_some_and(|live| live.presence.leave(user, client)) {
            self.tell_presence(room, user, &Change::Left, None, identity, cx);
        }
        self.rest(room, cx.steady());
    }

    /// A client's connection has ended: if its user has no other in a room, they have a grace to come back.
    pub fn disconnect(&mut self, client: ClientId, dropped: &Dropped, cx: &mut Context<'_, '_>) {
        for room in &dropped.rooms {
            if let Some(live) = self.get_mut(*room).and_then(|room| room.live.as_mut()) {
                live.presence.drop(dropped.user, client, cx.steady());
            }
            self.let_go_of_seat(client, *room, cx);
        }
    }

    /// The grace of a client is over: its user has left the rooms that they did not come back to.
    pub fn end_grace(&mut self, dropped: &Dropped, at: Steady, identity: &Identity, cx: &mut Context<'_, '_>) {
        let dropped_by = at - cx.settings.presence_grace;
        for room in &dropped.rooms {
            let live = self.get_mut(*room).and_then(|room| room.live.as_mut());
            if live.is_some_and(|live| live.presence.expire(dropped.user, dropped_by)) {
                self.tell_presence(*room, dropped.user, &Change::Left, None, identity, cx);
            }
            self.rest(*room, cx.steady());
        }
    }

    /// Gives a client the seat that it proved or was given.
    pub(super) fn take_seat(
        &mut self,
        client: ClientId,
        room: RoomId,
        seat: SeatName,
        identity: &Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Some(found) = self.get_mut(room) else { return };
        if identity.is_in(client, room) {
            found.seating.hold(client, seat);
            cx.announcements.touch(client);
        } else {
            found.seating.break_promise(client); // it left before its join had ended
        }
        self.check_turn(room, cx);
    }

    /// A session of another server holds this seat, or none.
    pub fn seat_elsewhere(
        &mut self,
        client: ClientId,
        room: RoomId,
        seat: Option<&str>,
        identity: &Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Some(found) = self.get(room) else { return };
        let seats = found.content.table().map(|table| table.game.seats()).unwrap_or_default();
        let seat = seats.into_iter().find(|name| Some(name.as_str()) == seat);
        if found.seating.seat(client) != seat {
            match seat {
                Some(seat) => self.take_seat(client, room, seat, identity, cx),
                None => self.let_go_of_seat(client, room, cx),
            }
        }
    }

    fn let_go_of_seat(&mut self, client: ClientId, room: RoomId, cx: &mut Context<'_, '_>) {
        if let Some(found) = self.get_mut(room) {
            found.seating.let_go(client);
            self.check_turn(room, cx);
        }
    }

    fn tell_presence(
        &mut self,
        room: RoomId,
        user: Uuid,
        change: &Change,
        except: Option<ClientId>,
        identity: &Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Some(found) = self.get_mut(room) else { return };
        let online = found.online();
        let at_most = match change {
            Change::Joined => online,
            Change::Left => online + 1,
        };
        if at_most > cx.settings.presence_room {
            self.expect_crowd(room, cx);
        } else if let Some(user) = identity.user(user) {
            let frame = presence_frame(found, &user.person, change);
            cx.hub.broadcast_to(vec![room.group()], Vec::new(), except, frame);
        }
    }

    fn expect_crowd(&mut self, room: RoomId, cx: &mut Context<'_, '_>) {
        let Some(live) = self.get_mut(room).and_then(|room| room.live.as_mut()) else { return };
        let now = cx.steady();
        let next = live.presence.crowd_told_at.map_or(now, |told_at| told_at + cx.settings.crowd_every);
        cx.timers.set_if_none(next.max(now), Due::Crowd(room));
    }

    /// Tells a crowd its number.
    pub fn tell_crowd(&mut self, room: RoomId, cx: &mut Context<'_, '_>) {
        let Some(found) = self.get_mut(room) else { return };
        let online = found.online();
        let Some(live) = found.live.as_mut() else { return };
        live.presence.crowd_told_at = Some(cx.steady());
        let crowd = events::Crowd { room: found.name.as_str(), online };
        cx.hub.broadcast(room.group(), server::event(&crowd));
    }

    /// Returns the members of a room, as a `join` tells them: no more than one can be told one by one, and the asker among
    /// them.
    pub(super) fn members(&self, room: &Room, asker: Uuid, identity: &Identity, settings: &LoungeSettings) -> List {
        let others = room.live.iter().flat_map(|live| live.presence.users()).filter(|user| *user != asker);
        let others = others.take(settings.presence_room.saturating_sub(1));
        let mut users: Vec<Uuid> = others.chain([asker]).collect();
        users.sort_unstable();
        let mut members = List::new();
        for person in users.into_iter().filter_map(|user| identity.user(user)).map(|user| &user.person) {
            if !members.try_push(person) {
                break;
            }
        }
        members
    }
}

fn presence_frame(room: &Room, user: &Person, change: &Change) -> Frame {
    let (room, online) = (room.name.as_str(), room.online());
    match change {
        Change::Joined => server::event(&events::Joined { room, user, online }),
        Change::Left => server::event(&events::Left { room, user, online }),
    }
}
