//! Clients, the users they act for, and how long users stay in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::clients::{Arriving, ClientState, Clients};
use super::lease;
use super::name::Name;
use super::people::People;
use super::transfers::Transfers;
use super::user::User;
use crate::context::Context;
use crate::person::Person;
use crate::quota::AddressQuota;
use crate::rooms::id::RoomId;
use crate::settings::LoungeSettings;
use crate::timers::Due;
use parlor_core::{Client, ClientId};

/// Time to wait for what keeps an absent user in memory.
const MOMENT: Duration = Duration::from_secs(1);

/// Clients and users.
pub struct Identity {
    pub(super) clients: Clients,
    pub(super) people: People,
    pub(super) user_creation: AddressQuota,
    /// Clients that dropped, until their grace is over.
    graces: HashMap<ClientId, Dropped>,
    /// Users who have been forgotten in this callback.
    forgotten: Vec<Uuid>,
    /// Tokens for other devices.
    pub(super) transfers: Transfers,
    /// The name of this server in leases, once it is needed.
    pub(super) server: Option<Arc<str>>,
    /// The last user whose lease was renewed in this round.
    pub(super) renewed: Option<Uuid>,
    /// Clients that have come and are not welcomed yet, because the other servers don't know of them.
    pub(super) arriving: HashMap<ClientId, Arriving>,
    /// Clients that have come and wait for a number. Bounded by the clients there are.
    pub(super) unnumbered: Vec<ClientId>,
    /// Numbers for guests are asked for.
    pub(super) asks_for_numbers: bool,
}

/// A client that dropped: who it was, and where.
#[derive(Clone)]
pub struct Dropped {
    /// The user it acted for.
    pub user: Uuid,
    /// The rooms it was in.
    pub rooms: Vec<RoomId>,
}

impl Identity {
    /// Returns an identity without anybody.
    pub fn new(settings: &LoungeSettings) -> Self {
        Identity {
            clients: Clients::new(),
            people: People::default(),
            user_creation: AddressQuota::new(settings.user_creation, settings.addresses),
            graces: HashMap::new(),
            forgotten: Vec::new(),
            transfers: Transfers::default(),
            server: None,
            renewed: None,
            arriving: HashMap::new(),
            unnumbered: Vec::new(),
            asks_for_numbers: false,
        }
    }

    /// Takes in a client, as a new guest.
    pub fn connect(&mut self, client: &Client, cx: &mut Context<'_, '_>) {
        let user = cx.hub.uuid_by_time();
        if cx.is_shared() {
            return self.arrive(client, user, cx);
        }
        self.people.add_guest(user);
        self.people.attach(user, client.id, cx.now());
        self.clients.insert(client.id, ClientState::new(user, client.address, cx.now()));
        self.welcome(client.id, cx);
    }

    /// Lets a client go. If its user has no other session, they have a grace to come back.
    pub fn disconnect(&mut self, client: ClientId, cx: &mut Context<'_, '_>) -> Option<Dropped> {
        cx.announcements.touch(client);
        if let Some(arriving) = self.arriving.remove(&client) {
            self.unnumbered.retain(|waiting| *waiting != client);
            arriving.name.into_iter().for_each(|name| self.people.let_go(&name, arriving.user));
        }
        let ClientState { user, rooms, .. } = self.clients.remove(&client)?;
        let grace_over = cx.steady() + cx.settings.presence_grace;
        let dropped = Dropped { user, rooms };
        if !dropped.rooms.is_empty()
            && let Some(user) = self.people.get_mut(user)
        {
            user.graces += 1;
            self.graces.insert(client, dropped.clone());
            cx.timers.set(grace_over, Due::Grace(client));
        }
        self.people.detach(user, client, cx.steady());
        cx.timers.set_if_none(grace_over, Due::Absence(user));
        Some(dropped)
    }

    /// Ends the grace of a client that dropped; returns who it was, and where.
    pub fn end_grace(&mut self, client: ClientId) -> Option<Dropped> {
        let dropped = self.graces.remove(&client)?;
        if let Some(user) = self.people.get_mut(dropped.user) {
            user.graces -= 1;
        }
        Some(dropped)
    }

    /// Forgets a user without a session, if the time has come: their name is free then.
    pub fn end_absence(&mut self, user: Uuid, cx: &mut Context<'_, '_>) {
        let Some(found) = self.people.get(user) else { return };
        let Some(absent_since) = found.absent_since else { return };
        let grace = cx.settings.presence_grace;
        let stays = if found.is_lasting() { cx.settings.name_reservation } else { grace };
        // After all graces are over, which still need the name.
        let until = absent_since + stays.max(grace) + Duration::from_millis(1);
        let is_busy = cx.waiters.has_claims(user) || !found.changes.is_empty() || found.graces > 0;
        if until > cx.steady() {
            cx.timers.set(until, Due::Absence(user));
        } else if is_busy {
            cx.timers.set(cx.steady() + MOMENT, Due::Absence(user));
        } else {
            self.forget(user, cx);
        }
    }

    /// The guest that a client began as vanishes, and its name is free: it may be the very one that is to come back.
    pub(super) fn leave_guest(&mut self, client: ClientId, cx: &mut Context<'_, '_>) {
        let Some(guest) = self.clients.get(&client).map(|client| client.user) else { return };
        self.people.detach(guest, client, cx.steady());
        let Some(found) = self.people.get(guest).filter(|guest| !guest.is_online()) else { return };
        if found.graces == 0 {
            self.forget(guest, cx);
        } else {
            // Another of its sessions has dropped: until the rooms are told that it left, it has its name.
            cx.timers.set(cx.steady() + cx.settings.presence_grace, Due::Absence(guest));
        }
    }

    fn forget(&mut self, user: Uuid, cx: &mut Context<'_, '_>) {
        if let Some(name) =
            self.people.get(user).filter(|user| user.has_lease && user.is_read).map(|user| user.name.clone())
        {
            lease::release(&name, user, &self.server(cx), cx);
        }
        self.people.forget(user);
        self.forgotten.push(user);
        cx.timers.cancel(Due::Absence(user));
    }

    /// Takes the users who have been forgotten since the last call.
    pub fn take_forgotten(&mut self) -> Vec<Uuid> {
        std::mem::take(&mut self.forgotten)
    }

    /// The server was on before: guests who come back are to find their names free.
    pub fn number_guests_from(&mut self, number: u64) {
        self.people.number_guests_from(number);
    }

    /// Returns the user that a client acts for.
    pub fn user_of(&self, client: ClientId) -> Option<&User> {
        self.people.get(self.clients.get(&client)?.user)
    }

    /// Returns the id and name of the user that a client acts for.
    pub fn person_of(&self, client: ClientId) -> Option<Person> {
        self.user_of(client).map(|user| user.person.clone())
    }

    /// Returns a client.
    pub fn client(&self, client: ClientId) -> Option<&ClientState> {
        self.clients.get(&client)
    }

    /// Returns a user in memory.
    pub fn user(&self, user: Uuid) -> Option<&User> {
        self.people.get(user)
    }

    /// Returns the user in memory who holds a name.
    pub fn by_name(&self, name: &Name) -> Option<&User> {
        self.people.by_name(name)
    }

    /// Returns whether a user has a session on this server.
    pub fn is_here(&self, user: Uuid) -> bool {
        self.people.get(user).is_some_and(User::is_here)
    }

    /// Returns whether a client is in a room.
    pub fn is_in(&self, client: ClientId, room: RoomId) -> bool {
        self.clients.get(&client).is_some_and(|client| client.is_in(room))
    }

    /// Returns the clients in a room.
    pub fn clients_in(&self, room: RoomId) -> impl Iterator<Item = ClientId> {
        let sessions = self.people.online_after(None).flat_map(|user| user.sessions.iter().copied());
        sessions.filter(move |client| self.is_in(*client, room))
    }

    /// Notes that a client has entered a room; returns its user, unless it is in the room already.
    pub fn enter(&mut self, client: ClientId, room: RoomId) -> Option<Uuid> {
        let client = self.clients.get_mut(&client).filter(|client| !client.is_in(room))?;
        client.rooms.push(room);
        Some(client.user)
    }

    /// Notes that a client has left a room; returns its user.
    pub fn exit(&mut self, client: ClientId, room: RoomId) -> Option<Uuid> {
        let client = self.clients.get_mut(&client)?;
        client.rooms.retain(|other| *other != room);
        Some(client.user)
    }

    /// Returns the numbers of clients, those of other servers included, users online and users in memory.
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.clients.len(), self.people.online(), self.people.len())
    }
}
