//! A client's side of the lounge.

use std::collections::VecDeque;
use std::net::IpAddr;

use uuid::Uuid;

use crate::Lounge;
use crate::clock::interval::Watch;
use crate::protocol::client::Request;
use crate::refusals;
use crate::rooms::room::RoomId;
use crate::waiters::Asker;
use parlor_core::Hub;
use parlor_core::{ClientId, Hold};

pub struct Session {
    pub user: Uuid,
    pub address: IpAddr,
    /// Those it is in, in the order of joining. Bounded by [`rooms_per_client`](crate::settings::LoungeSettings).
    pub rooms: Vec<RoomId>,
    pub watch: Option<Watch>,
    /// Whether a request is under way that those after it must wait for, so that `join` and `say` can be sent in one go.
    pub is_busy: bool,
    /// Whether what waits is being handled: then it is not begun again from within.
    is_at_it: bool,
    /// Those that wait. Bounded by [`client_queue`](crate::settings::LoungeSettings).
    pub waiting: VecDeque<(Request, Hold)>,
}

impl Session {
    pub fn new(user: Uuid, address: IpAddr) -> Self {
        Session {
            user,
            address,
            rooms: Vec::new(),
            watch: None,
            is_busy: false,
            is_at_it: false,
            waiting: VecDeque::new(),
        }
    }

    pub fn is_in(&self, room: RoomId) -> bool {
        self.rooms.contains(&room)
    }
}

impl Lounge {
    /// Takes a request, or puts it behind those that its client waits for.
    pub(crate) fn receive(&mut self, client: ClientId, request: Request, hub: &mut Hub<'_>) {
        let Some(session) = self.sessions.get_mut(&client) else { return };
        if !session.is_busy {
            self.handle(client, request, hub);
        } else if session.waiting.len() < self.settings.client_queue {
            let hold = hub.hold();
            session.waiting.push_back((request, hold));
        } else {
            self.refuse(&Asker { client, id: request.id }, &refusals::busy(), hub);
        }
    }

    /// The client's requests wait until [`go_on`](Lounge::go_on).
    pub(crate) fn wait(&mut self, client: ClientId) {
        if let Some(session) = self.sessions.get_mut(&client) {
            session.is_busy = true;
        }
    }

    /// What the client waited for is done: on with the others.
    pub(crate) fn go_on(&mut self, client: ClientId, hub: &mut Hub<'_>) {
        if let Some(session) = self.sessions.get_mut(&client) {
            session.is_busy = false;
        }
        self.handle_waiting(client, hub);
    }

    /// Handles what waits, up to the next request that others have to wait for.
    pub(crate) fn handle_waiting(&mut self, client: ClientId, hub: &mut Hub<'_>) {
        let Some(session) = self.sessions.get_mut(&client) else { return };
        if std::mem::replace(&mut session.is_at_it, true) {
            return;
        }
        while let Some(session) = self.sessions.get_mut(&client)
            && !session.is_busy
            && let Some((request, hold)) = session.waiting.pop_front()
        {
            self.handle(client, request, hub);
            hub.release(hold);
        }
        if let Some(session) = self.sessions.get_mut(&client) {
            session.is_at_it = false;
        }
    }

    /// Does again what had to wait for a room to be made or dropped.
    pub(crate) fn handle_again(&mut self, client: ClientId, request: Request, hub: &mut Hub<'_>) {
        let Some(session) = self.sessions.get_mut(&client) else { return };
        session.is_busy = false;
        self.handle(client, request, hub);
        self.handle_waiting(client, hub);
    }
}
