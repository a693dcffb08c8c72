//! Clients as other servers know them: those of this one are announced before they are welcomed, and those of others are taken
//! in.

use std::net::{IpAddr, Ipv4Addr};

use uuid::Uuid;

use super::clients::{Arriving, ClientState};
use super::directory::Identity;
use crate::context::Context;
use crate::nodes::announcements::AfterAnnounced;
use crate::nodes::session::SharedSession;
use parlor_core::{Client, ClientId};

/// The address of a client of another server, which nothing here is counted for.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl Identity {
    /// A client has come: it is welcomed when the other servers know of it, so that who hears of its welcome finds it
    /// everywhere.
    pub(super) fn arrive(&mut self, client: &Client, user: Uuid, cx: &mut Context<'_, '_>) {
        self.arriving.insert(client.id, Arriving { user, name: None, address: client.address, since: cx.now() });
        self.unnumbered.push(client.id);
        self.want_guest_numbers(cx);
    }

    /// Gives a client that has come a guest's name, and tells the other servers.
    pub(super) fn number_guest(&mut self, client: ClientId, cx: &mut Context<'_, '_>) {
        let Some(arriving) = self.arriving.get_mut(&client) else { return };
        let name = self.people.guest_name(arriving.user);
        self.people.hold(&name, arriving.user);
        arriving.name = Some(name);
        cx.announcements.touch(client);
        cx.announcements.then(AfterAnnounced::Welcome(client));
    }

    /// The other servers know of a client, or can't be told.
    pub fn welcome_arrived(&mut self, client: ClientId, cx: &mut Context<'_, '_>) {
        let Some(Arriving { user, name: Some(name), address, since }) = self.arriving.remove(&client) else { return };
        self.people.add_held(user, name);
        self.people.attach(user, client, since);
        self.clients.insert(client, ClientState::new(user, address, since));
        self.welcome(client, cx);
        cx.waiters.let_in(client);
    }

    /// Takes in a session of another server, as it is now.
    pub fn take_in_session(&mut self, client: ClientId, session: &SharedSession, cx: &mut Context<'_, '_>) {
        let before = self.clients.get(&client).map(|client| client.user);
        if before != Some(session.user) {
            if before.is_some() {
                self.leave_guest(client, cx);
            }
            self.people.add_elsewhere(session.user, session.name.clone());
            self.people.attach(session.user, client, session.since);
            let rooms = self.clients.remove(&client).map(|client| client.rooms).unwrap_or_default();
            self.clients
                .insert(client, ClientState { rooms, ..ClientState::new(session.user, NOWHERE, session.since) });
        }
        let Some(user) = self.people.get_mut(session.user).filter(|user| !user.is_read) else { return };
        user.is_admitted |= session.lasting;
        if user.name != session.name {
            self.people.hold(&session.name, session.user);
            self.set_name(session.user, session.name.clone(), cx);
        }
    }

    /// Returns a client of this server as the others are to know it, but for its rooms; `None` if it is gone.
    pub fn shared_session(&self, client: ClientId) -> Option<SharedSession> {
        if let Some(Arriving { user, name: Some(name), since, .. }) = self.arriving.get(&client) {
            let rooms = Vec::new();
            return Some(SharedSession { user: *user, name: name.clone(), since: *since, lasting: false, rooms });
        }
        let state = self.clients.get(&client)?;
        let user = self.people.get(state.user)?;
        let (name, lasting) = (user.name.clone(), user.is_lasting());
        Some(SharedSession { user: state.user, name, since: state.since, lasting, rooms: Vec::new() })
    }

    /// Notes which room a client is about to enter; `None`: it enters none any more.
    pub fn enter_soon(&mut self, client: ClientId, entering: Option<ClientEntering>, cx: &mut Context<'_, '_>) {
        if let Some(found) = self.clients.get_mut(&client).filter(|client| client.entering != entering) {
            found.entering = entering;
            cx.announcements.touch(client);
        }
    }
}

/// A room, and the seat of its game that is to be held.
type ClientEntering = (crate::rooms::id::RoomId, Option<crate::games::host::SeatName>);
