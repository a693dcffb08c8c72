//! Connected clients: who each of them is, and where.

use std::collections::HashMap;
use std::net::IpAddr;

use uuid::Uuid;

use super::name::Name;
use crate::games::host::SeatName;
use crate::rooms::id::RoomId;
use parlor_core::{ClientId, Time};

/// A connected client.
pub struct ClientState {
    /// The user that it acts for.
    pub user: Uuid,
    /// Its network address.
    pub address: IpAddr,
    /// The rooms it is in, in the order of joining. Bounded by
    /// [`rooms_per_client`](crate::settings::LoungeSettings::rooms_per_client).
    pub rooms: Vec<RoomId>,
    /// The room that it is about to enter, as the other servers are told, and the seat that it is to hold there.
    pub entering: Option<(RoomId, Option<SeatName>)>,
    /// The time since which it acts for its user.
    pub since: Time,
}

/// A client that has come, until the other servers know of it.
pub struct Arriving {
    /// The guest that it will be.
    pub user: Uuid,
    /// The guest's name, once there is a number for it.
    pub name: Option<Name>,
    /// Its network address.
    pub address: IpAddr,
    /// The time at which it came.
    pub since: Time,
}

impl ClientState {
    /// Returns a client that is in no room.
    pub fn new(user: Uuid, address: IpAddr, since: Time) -> Self {
        ClientState { user, address, rooms: Vec::new(), entering: None, since }
    }

    /// Returns whether the client is in this room.
    pub fn is_in(&self, room: RoomId) -> bool {
        self.rooms.contains(&room)
    }
}

/// All connected clients, those of other servers included. Bounded by the clients that the kit of each admits.
pub type Clients = HashMap<ClientId, ClientState>;
