//! All rooms there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use log::warn;

use super::content::restored;
use super::id::RoomId;
use super::name::RoomName;
use super::places::Places;
use super::room::{Live, Room};
use super::room_clock::RoomClock;
use crate::context::Context;
use crate::games::host::SeatName;
use crate::games::table::locator;
use crate::identity::clients::ClientState;
use crate::nodes::session::InRoom;
use crate::protocol::client::Join;
use crate::protocol::fields::Fields;
use crate::quota::AddressQuota;
use crate::secret::Secret;
use crate::settings::LoungeSettings;
use crate::timers::Due;
use crate::waiters::Asker;
use parlor_core::journal::LogState;
use parlor_core::{ClientId, Steady};

/// Rooms by name and number, in use or not; and names whose room is being created or deleted.
///
/// Bounded by [`rooms`](LoungeSettings::rooms).
pub struct Rooms {
    rooms: HashMap<RoomId, Room>,
    names: BTreeMap<RoomName, RoomId>,
    /// Rooms that `rooms` shows: a list costs what it shows.
    listed: BTreeMap<RoomName, RoomId>,
    /// Tables by the locators of their keys.
    locators: HashMap<String, RoomId>,
    /// Names whose room is being created or deleted, with the requests that wait for the outcome: one for each client at
    /// most.
    changing: BTreeMap<RoomName, Vec<(Asker, Wanted)>>,
    /// Rooms that somebody is in, or about to be.
    in_use: BTreeSet<RoomId>,
    /// Games in which it is somebody's turn.
    running: BTreeSet<RoomId>,
    pub(super) creation: AddressQuota,
    /// Rooms by the address that created them.
    pub(super) places: Places,
    /// The clock by which rooms expire.
    pub(super) clock: RoomClock,
    next: u64,
}

/// A request that waits for a room to be created or deleted.
pub enum Wanted {
    /// `join`.
    Join(Join),
    /// `create`.
    Create {
        /// The kind, as it came.
        kind: Fields<'static>,
        /// True if it is to be unlisted.
        is_unlisted: bool,
    },
}

/// Figures about the rooms.
#[derive(Debug, PartialEq, Eq)]
pub struct RoomCounts {
    /// Rooms that are kept.
    pub all: usize,
    /// Rooms that somebody is in.
    pub in_use: usize,
    /// Games in which it is somebody's turn.
    pub running: usize,
}

impl Rooms {
    /// Returns no rooms.
    pub fn new(settings: &LoungeSettings) -> Self {
        Rooms {
            rooms: HashMap::new(),
            names: BTreeMap::new(),
            listed: BTreeMap::new(),
            locators: HashMap::new(),
            changing: BTreeMap::new(),
            in_use: BTreeSet::new(),
            running: BTreeSet::new(),
            creation: AddressQuota::new(settings.room_creation, settings.addresses),
            places: Places::default(),
            clock: RoomClock::default(),
            next: 0,
        }
    }

    /// The server starts.
    pub fn begin(&mut self, cx: &mut Context<'_, '_>) {
        self.clock.begin(cx.steady());
        cx.timers.set(cx.steady(), Due::Sweep);
    }

    /// Takes in a room that the journal has.
    pub fn restore(&mut self, log: LogState, cx: &mut Context<'_, '_>) {
        let Some(name) = Room::name_of(&log.log) else { return };
        match restored(&log.state, &cx.settings.games) {
            Ok((content, about)) => {
                let id = self.next_id();
                let made_by = about.made_by;
                let touched_at = about.touched;
                let mut room = Room::new(id, name, log.epoch, content, about);
                let touched = touched_at.filter(|touched| touched.at == log.at);
                room.version = log.version;
                (room.head, room.last_at) = (log.head, touched.map_or(log.at, |touched| touched.last_at));
                room.written_at = RoomClock::before(cx.steady(), log.idle);
                room.used_at = room.written_at;
                self.places.take(made_by);
                self.add(room);
                self.check_turn(id, cx);
            }
            Err(words) => warn!("{}: the room's state can't be read, so the room is not served: {words}", log.log),
        }
    }

    pub(super) fn get(&self, room: RoomId) -> Option<&Room> {
        self.rooms.get(&room)
    }

    pub(super) fn get_mut(&mut self, room: RoomId) -> Option<&mut Room> {
        self.rooms.get_mut(&room)
    }

    pub(super) fn id(&self, name: &RoomName) -> Option<RoomId> {
        self.names.get(name).copied()
    }

    /// Returns the room that another server names, if it is here under the same epoch.
    pub fn shared_room(&self, name: &str, epoch: &str) -> Option<RoomId> {
        let room = self.by_name(&RoomName::parse(name).ok()?)?;
        (room.epoch == epoch).then_some(room.id)
    }

    /// Returns a room as other servers are told of a client's being in it.
    fn in_room(&self, room: RoomId, seat: Option<SeatName>) -> Option<InRoom> {
        let room = self.get(room)?;
        let (name, seat) = (room.name.as_str().to_owned(), seat.map(|seat| seat.as_str().to_owned()));
        Some(InRoom { room: name, epoch: room.epoch.clone(), seat })
    }

    /// Returns the rooms that a client is in, or enters.
    pub fn rooms_of(&self, client: ClientId, state: &ClientState) -> Vec<InRoom> {
        let entering = state.entering;
        let seat = |room: RoomId| match entering {
            Some((entered, Some(seat))) if entered == room => Some(seat),
            Some(_) | None => self.get(room)?.seating.seat(client),
        };
        let entered = entering.map(|(room, _)| room).filter(|room| !state.is_in(*room));
        let all = state.rooms.iter().copied().chain(entered);
        all.filter_map(|room| self.in_room(room, seat(room))).collect()
    }

    pub(super) fn by_name(&self, name: &RoomName) -> Option<&Room> {
        self.rooms.get(self.names.get(name)?)
    }

    /// Counts rooms that are being created, and those that are being deleted twice, for a moment.
    pub(super) fn len(&self) -> usize {
        self.rooms.len() + self.changing.len()
    }

    /// Returns figures about the rooms.
    pub fn counts(&self) -> RoomCounts {
        RoomCounts { all: self.len(), in_use: self.in_use.len(), running: self.running.len() }
    }

    /// Counts again what is counted as it changes.
    #[cfg(test)]
    pub fn recount(&self) -> (RoomCounts, usize) {
        let in_use = self.all().filter(|room| room.live.is_some()).count();
        let is_running = |room: &&Room| room.content.table().is_some_and(|table| table.game.turn().is_some());
        let running = self.all().filter(is_running).count();
        let listed = self.all().filter(|room| !room.is_unlisted).count();
        assert_eq!(listed, self.listed.len());
        (RoomCounts { all: self.len(), in_use, running }, listed)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Room> {
        self.names.values().filter_map(|room| self.rooms.get(room))
    }

    /// Visits listed rooms by name, as long as `goes_on`.
    pub(super) fn each_listed_after(&mut self, after: Option<&RoomName>, mut goes_on: impl FnMut(&mut Room) -> bool) {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        for (_, room) in self.listed.range::<RoomName, _>((from, Bound::Unbounded)) {
            if let Some(room) = self.rooms.get_mut(room)
                && !goes_on(room)
            {
                return;
            }
        }
    }

    pub(super) fn next_id(&mut self) -> RoomId {
        self.next += 1;
        RoomId(self.next)
    }

    /// Returns the table that a key may be of.
    pub(super) fn by_key(&self, key: &Secret) -> Option<&Room> {
        self.rooms.get(self.locators.get(locator(key)?)?)
    }

    pub(super) fn add(&mut self, room: Room) {
        if let Some(table) = room.content.table() {
            self.locators.insert(table.keys.locator.clone(), room.id);
        }
        if !room.is_unlisted {
            self.listed.insert(room.name.clone(), room.id);
        }
        if room.live.is_some() {
            self.in_use.insert(room.id);
        }
        self.names.insert(room.name.clone(), room.id);
        self.rooms.insert(room.id, room);
    }

    pub(super) fn remove(&mut self, room: RoomId) -> Option<Room> {
        let room = self.rooms.remove(&room)?;
        self.names.remove(&room.name);
        self.listed.remove(&room.name);
        self.in_use.remove(&room.id);
        self.running.remove(&room.id);
        self.places.free(room.made_by);
        if let Some(table) = room.content.table() {
            self.locators.remove(&table.keys.locator);
        }
        Some(room)
    }

    /// Makes a room one in use.
    pub(super) fn wake(&mut self, room: RoomId) -> Option<&mut Live> {
        let found = self.rooms.get_mut(&room)?;
        self.in_use.insert(room);
        Some(found.wake())
    }

    /// Unloads a room if nobody is in it or about to be.
    pub(super) fn rest(&mut self, room: RoomId, now: Steady) {
        let now = RoomClock::at(now);
        if let Some(found) = self.rooms.get_mut(&room) {
            found.rest(now);
            if found.live.is_none() {
                self.in_use.remove(&room);
            }
        }
    }

    /// Notes whether it is somebody's turn in a room's game.
    pub(super) fn set_running(&mut self, room: RoomId, is_running: bool) {
        if is_running {
            self.running.insert(room);
        } else {
            self.running.remove(&room);
        }
    }

    /// A room of that name is about to be created or deleted: until [`settle`](Rooms::settle) requests for it wait.
    pub(super) fn begin_change(&mut self, name: RoomName) {
        self.changing.entry(name).or_default();
    }

    /// Returns whether a room of that name is being created or deleted.
    pub(super) fn is_changing(&self, name: &RoomName) -> bool {
        self.changing.contains_key(name)
    }

    /// A request waits until the room of that name is created or deleted.
    pub(super) fn wait_for_change(
        &mut self,
        name: RoomName,
        mut asker: Asker,
        wanted: Wanted,
        cx: &mut Context<'_, '_>,
    ) {
        cx.block(&mut asker);
        self.changing.entry(name).or_default().push((asker, wanted));
    }

    /// The change is done, or has failed. Returns the requests that waited for it.
    pub(super) fn settle(&mut self, name: &RoomName) -> Vec<(Asker, Wanted)> {
        self.changing.remove(name).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Signer;
    use crate::rooms::content::{About, Content};

    #[test]
    fn a_list_visits_what_it_shows() {
        let mut rooms = Rooms::new(&LoungeSettings::new(Signer::new(b"a secret for tests")));
        for n in 0..1000 {
            let id = rooms.next_id();
            let name = RoomName::parse(&format!("room {n:04}")).unwrap();
            let about = About { is_unlisted: n % 100 != 7, ..About::default() };
            rooms.add(Room::new(id, name, String::new(), Content::Chat, about));
        }
        let mut visited = Vec::new();
        rooms.each_listed_after(Some(&RoomName::parse("room 0300").unwrap()), |room| {
            visited.push(room.name.as_str().to_owned());
            visited.len() < 3
        });
        assert_eq!(visited, ["room 0307", "room 0407", "room 0507"]);
        assert_eq!(rooms.recount().1, 10);
        let hidden = rooms.id(&RoomName::parse("room 0001").unwrap()).unwrap();
        let shown = rooms.id(&RoomName::parse("room 0007").unwrap()).unwrap();
        rooms.remove(hidden);
        rooms.remove(shown);
        assert_eq!((rooms.recount().1, rooms.counts().all), (9, 998));
    }
}
