//! Coming and going, and what the others hear of it.

use uuid::Uuid;

use crate::Lounge;
use crate::person::Person;
use crate::protocol::server::{self, List, events};
use crate::rooms::room::{Room, RoomId};
use crate::timers::Due;
use parlor_core::ClientId;
use parlor_core::Frame;
use parlor_core::Hub;
use parlor_core::Time;

enum Change {
    Joined,
    Left,
}

impl Lounge {
    /// Counts a client among those in a room, and tells the others if its user was not there before.
    pub(crate) fn enter(&mut self, client: ClientId, room: RoomId, hub: &mut Hub<'_>) {
        let Some(session) = self.sessions.get_mut(&client) else { return };
        let Some(found) = self.rooms.get_mut(room) else { return };
        let user = session.user;
        if !session.is_in(room) {
            session.rooms.push(room);
            if found.wake().presence.enter(user) {
                self.tell_presence(room, user, &Change::Joined, Some(client), hub);
            }
        }
    }

    /// Takes a client out of a room that it leaves on purpose.
    pub(crate) fn exit(&mut self, client: ClientId, room: RoomId, hub: &mut Hub<'_>) {
        let Some(session) = self.sessions.get_mut(&client) else { return };
        let user = session.user;
        session.rooms.retain(|other| *other != room);
        hub.leave(client, room.group());
        self.let_go_of_seat(client, room, hub);
        let live = self.rooms.get_mut(room).and_then(|room| room.live.as_mut());
        if live.is_some_and(|live| live.presence.leave(user)) {
            self.tell_presence(room, user, &Change::Left, None, hub);
        }
        self.rest(room, hub);
    }

    /// A client's connection has ended: where its user had no other, they have a grace to come back.
    pub(crate) fn depart(&mut self, client: ClientId, hub: &mut Hub<'_>) {
        let Some(session) = self.sessions.remove(&client) else { return };
        for (_, hold) in session.waiting {
            hub.release(hold);
        }
        if let Some(watch) = session.watch {
            self.clock.remove(&watch);
        }
        for room in &session.rooms {
            if let Some(live) = self.rooms.get_mut(*room).and_then(|room| room.live.as_mut()) {
                live.presence.drop(session.user, hub.now());
            }
            self.let_go_of_seat(client, *room, hub);
        }
        let grace_over = hub.now() + self.settings.presence_grace;
        if !session.rooms.is_empty() {
            self.timers.set(grace_over, Due::Grace { user: session.user, rooms: session.rooms });
        }
        self.people.detach(session.user, client, hub.now());
        self.expect_absence(session.user, grace_over);
    }

    /// Of a session that dropped a grace ago: where its user has not come back to, they have left.
    pub(crate) fn grace_over(&mut self, user: Uuid, rooms: &[RoomId], at: Time, hub: &mut Hub<'_>) {
        let dropped_by = at - self.settings.presence_grace;
        for room in rooms {
            let live = self.rooms.get_mut(*room).and_then(|room| room.live.as_mut());
            if live.is_some_and(|live| live.presence.expire(user, dropped_by)) {
                self.tell_presence(*room, user, &Change::Left, None, hub);
            }
            self.rest(*room, hub);
        }
    }

    fn expect_absence(&mut self, user: Uuid, at: Time) {
        if let Some(found) = self.people.get_mut(user)
            && !std::mem::replace(&mut found.is_absence_due, true)
        {
            self.timers.set(at, Due::Absence(user));
        }
    }

    /// Whether somebody who is not on can be forgotten, and their name be free.
    pub(crate) fn absence_over(&mut self, user: Uuid, hub: &Hub<'_>) {
        let Some(found) = self.people.get_mut(user) else { return };
        found.is_absence_due = false;
        let Some(absent_since) = found.absent_since else { return };
        let is_busy = !found.dedup.is_idle() || !found.renames.is_empty();
        let stays = if found.is_lasting() { self.settings.name_reservation } else { self.settings.presence_grace };
        // After all graces are over, which still need the name.
        let until = absent_since + stays.max(self.settings.presence_grace) + std::time::Duration::from_millis(1);
        if until > hub.now() {
            self.expect_absence(user, until);
        } else if is_busy {
            self.expect_absence(user, hub.now() + MOMENT);
        } else {
            self.people.forget(user);
            self.rest_inbox(user);
        }
    }

    fn tell_presence(
        &mut self,
        room: RoomId,
        user: Uuid,
        change: &Change,
        except: Option<ClientId>,
        hub: &mut Hub<'_>,
    ) {
        let Some(found) = self.rooms.get_mut(room) else { return };
        let online = found.online();
        let at_most = match change {
            Change::Joined => online,
            Change::Left => online + 1,
        };
        if at_most > self.settings.presence_room {
            self.expect_crowd(room, hub);
        } else if let Some(user) = self.people.get(user) {
            let frame = presence_frame(found, &user.person, change);
            hub.broadcast_to(vec![room.group()], Vec::new(), except, frame);
        }
    }

    fn expect_crowd(&mut self, room: RoomId, hub: &mut Hub<'_>) {
        let Some(live) = self.rooms.get_mut(room).and_then(|room| room.live.as_mut()) else { return };
        if !live.presence.is_crowd_due {
            live.presence.is_crowd_due = true;
            let next = live.presence.crowd_told_at.map_or(hub.now(), |told_at| told_at + self.settings.crowd_every);
            self.timers.set(next.max(hub.now()), Due::Crowd(room));
        }
    }

    pub(crate) fn tell_crowd(&mut self, room: RoomId, hub: &mut Hub<'_>) {
        let Some(found) = self.rooms.get_mut(room) else { return };
        let online = found.online();
        let Some(live) = found.live.as_mut().filter(|live| live.presence.is_crowd_due) else { return };
        live.presence.is_crowd_due = false;
        live.presence.crowd_told_at = Some(hub.now());
        hub.broadcast(room.group(), server::event(&events::Crowd { room: found.name.as_str(), online }));
    }

    pub(crate) fn rest(&mut self, room: RoomId, hub: &Hub<'_>) {
        if let Some(room) = self.rooms.get_mut(room) {
            room.rest(hub.now());
        }
    }

    /// Who is in a room, as a `join` tells it: no more than one can be told one by one, and who asks among them.
    pub(crate) fn members(&self, room: &Room, asker: Uuid) -> List {
        let others = room.live.iter().flat_map(|live| live.presence.users()).filter(|user| *user != asker);
        let others = others.take(self.settings.presence_room.saturating_sub(1));
        let mut users: Vec<Uuid> = others.chain([asker]).collect();
        users.sort_unstable();
        let mut members = List::new();
        for person in users.into_iter().filter_map(|user| self.people.get(user)).map(|user| &user.person) {
            if !members.try_push(person) {
                break;
            }
        }
        members
    }
}

/// How long what keeps somebody busy is waited for.
const MOMENT: std::time::Duration = std::time::Duration::from_secs(1);

fn presence_frame(room: &Room, user: &Person, change: &Change) -> Frame {
    let (room, online) = (room.name.as_str(), room.online());
    match change {
        Change::Joined => server::event(&events::Joined { room, user, online }),
        Change::Left => server::event(&events::Left { room, user, online }),
    }
}
