//! All rooms there are.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use crate::games::table::locator;
use crate::protocol::client::Request;
use crate::rooms::name::RoomName;
use crate::rooms::room::{Room, RoomId};
use crate::secret::Secret;
use parlor_core::ClientId;

/// Rooms by name and number, in use or not; and those on their way to be or not to be.
///
/// Bounded by [`rooms`](crate::settings::LoungeSettings::rooms).
#[derive(Default)]
pub struct Rooms {
    rooms: HashMap<RoomId, Room>,
    names: BTreeMap<RoomName, RoomId>,
    /// Tables by the locators of their keys.
    locators: HashMap<String, RoomId>,
    /// Being made or dropped, with who waits for the outcome: joins and creates, one for each client at most.
    changing: BTreeMap<RoomName, Vec<(ClientId, Request)>>,
    next: u64,
}

impl Rooms {
    pub fn get(&self, room: RoomId) -> Option<&Room> {
        self.rooms.get(&room)
    }

    pub fn get_mut(&mut self, room: RoomId) -> Option<&mut Room> {
        self.rooms.get_mut(&room)
    }

    pub fn id(&self, name: &RoomName) -> Option<RoomId> {
        self.names.get(name).copied()
    }

    pub fn by_name(&self, name: &RoomName) -> Option<&Room> {
        self.rooms.get(self.names.get(name)?)
    }

    /// With those that are being made; those that are being dropped count twice, for a moment.
    pub fn len(&self) -> usize {
        self.rooms.len() + self.changing.len()
    }

    /// By name.
    pub fn after<'a>(&'a self, after: Option<&RoomName>) -> impl Iterator<Item = &'a Room> + use<'a> {
        let from = after.map_or(Bound::Unbounded, |name| Bound::Excluded(name.clone()));
        self.names.range((from, Bound::Unbounded)).filter_map(|(_, room)| self.rooms.get(room))
    }

    /// By name, as long as `goes_on`.
    pub fn each_after(&mut self, after: Option<&RoomName>, mut goes_on: impl FnMut(&mut Room) -> bool) {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        for (_, room) in self.names.range::<RoomName, _>((from, Bound::Unbounded)) {
            if let Some(room) = self.rooms.get_mut(room)
                && !goes_on(room)
            {
                return;
            }
        }
    }

    pub fn next_id(&mut self) -> RoomId {
        self.next += 1;
        RoomId(self.next)
    }

    /// The table that a key may be of.
    pub fn by_key(&self, key: &Secret) -> Option<&Room> {
        self.rooms.get(self.locators.get(locator(key)?)?)
    }

    pub fn add(&mut self, room: Room) {
        if let Some(table) = room.content.table() {
            self.locators.insert(table.keys.locator.clone(), room.id);
        }
        self.names.insert(room.name.clone(), room.id);
        self.rooms.insert(room.id, room);
    }

    pub fn remove(&mut self, room: RoomId) -> Option<Room> {
        let room = self.rooms.remove(&room)?;
        self.names.remove(&room.name);
        if let Some(table) = room.content.table() {
            self.locators.remove(&table.keys.locator);
        }
        Some(room)
    }

    /// A room of that name is about to be made or dropped: until [`settle`](Rooms::settle) requests for it wait.
    pub fn begin_change(&mut self, name: RoomName) {
        self.changing.entry(name).or_default();
    }

    /// Whether it is, and who waits for it.
    pub fn changing(&mut self, name: &RoomName) -> Option<&mut Vec<(ClientId, Request)>> {
        self.changing.get_mut(name)
    }

    /// The change is done, or came to nothing; who waited for it.
    pub fn settle(&mut self, name: &RoomName) -> Vec<(ClientId, Request)> {
        self.changing.remove(name).unwrap_or_default()
    }
}
