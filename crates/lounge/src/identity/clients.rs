//! Connected clients: who each of them is, and where.

use std::collections::HashMap;
use std::net::IpAddr;

use uuid::Uuid;

use crate::rooms::id::RoomId;
use parlor_core::ClientId;

/// A connected client.
pub struct ClientState {
    /// The user that it acts for.
    pub user: Uuid,
    /// Its network address.
    pub address: IpAddr,
    /// The rooms it is in, in the order of joining. Bounded by
    /// [`rooms_per_client`](crate::settings::LoungeSettings::rooms_per_client).
    pub rooms: Vec<RoomId>,
}

impl ClientState {
    /// Returns whether the client is in this room.
    pub fn is_in(&self, room: RoomId) -> bool {
        self.rooms.contains(&room)
    }
}

/// All connected clients. Bounded by the clients that the kit admits.
pub type Clients = HashMap<ClientId, ClientState>;
