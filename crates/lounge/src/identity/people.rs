//! Who is here, and whose names are taken.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;

use uuid::Uuid;

use crate::identity::dedup::Dedup;
use crate::identity::name::{Name, NameKey};
use crate::person::Person;
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::Time;

/// Somebody who is on, or was a short while ago.
pub struct User {
    pub person: Person,
    pub name: Name,
    /// Bounded by the clients there are.
    pub sessions: Vec<ClientId>,
    pub online_since: Time,
    /// Since when they have no session.
    pub absent_since: Option<Time>,
    /// A timer is set to look whether they can be forgotten.
    pub is_absence_due: bool,
    /// Until when the journal keeps them; `None` for mere guests.
    pub kept_until: Option<Time>,
    /// Counted among those from their address who do something lasting; once is enough, whatever came of it.
    pub is_admitted: bool,
    pub dedup: Dedup,
    /// The first one is under way. Bounded by the sessions, each of which waits for its own.
    pub renames: VecDeque<(Asker, Name)>,
}

impl User {
    pub fn new(id: Uuid, name: Name) -> Self {
        User {
            person: Person { id, name: name.as_str().to_owned() },
            name,
            sessions: Vec::new(),
            online_since: Time::default(),
            absent_since: None,
            is_absence_due: false,
            kept_until: None,
            is_admitted: false,
            dedup: Dedup::default(),
            renames: VecDeque::new(),
        }
    }

    pub fn is_online(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Whether the user has done something lasting, or is about to.
    pub fn is_lasting(&self) -> bool {
        self.kept_until.is_some() || self.is_admitted
    }

    pub fn set_name(&mut self, name: Name) {
        name.as_str().clone_into(&mut self.person.name);
        self.name = name;
    }
}

/// Users by id, names by key.
///
/// Bounded by the clients there are, and by those who left within the reservation of their names: they were kept, which is
/// limited by address.
#[derive(Default)]
pub struct People {
    users: BTreeMap<Uuid, User>,
    /// Names held or reserved. A user holds one, and the one wanted while a rename is under way.
    names: HashMap<NameKey, Uuid>,
    guests: u64,
    online: usize,
}

impl People {
    pub fn get(&self, user: Uuid) -> Option<&User> {
        self.users.get(&user)
    }

    pub fn get_mut(&mut self, user: Uuid) -> Option<&mut User> {
        self.users.get_mut(&user)
    }

    pub fn by_name(&self, name: &Name) -> Option<&User> {
        self.names.get(&name.key()).and_then(|user| self.users.get(user))
    }

    /// Users with a session.
    pub fn online(&self) -> usize {
        self.online
    }

    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Those who are on, by id.
    pub fn online_after(&self, after: Option<Uuid>) -> impl Iterator<Item = &User> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.users.range((from, Bound::Unbounded)).map(|(_, user)| user).filter(|user| user.is_online())
    }

    /// Somebody new, by the next free guest name.
    pub fn add_guest(&mut self, id: Uuid) {
        let name = self.guest_name();
        self.add(User::new(id, name));
    }

    /// Somebody who was here before, by their name unless another has it by now.
    pub fn add_back(&mut self, id: Uuid, name: Name, kept_until: Option<Time>, dedup: Dedup) {
        let is_free = !self.names.contains_key(&name.key());
        let name = if is_free { name } else { self.guest_name() };
        self.add(User { kept_until, dedup, ..User::new(id, name) });
    }

    pub fn attach(&mut self, user: Uuid, client: ClientId, now: Time) {
        let Some(user) = self.users.get_mut(&user) else { return };
        if !user.is_online() {
            self.online += 1;
            user.online_since = now;
        }
        user.absent_since = None;
        user.sessions.push(client);
    }

    pub fn detach(&mut self, user: Uuid, client: ClientId, now: Time) {
        let Some(user) = self.users.get_mut(&user) else { return };
        user.sessions.retain(|session| *session != client);
        if !user.is_online() && user.absent_since.is_none() {
            self.online -= 1;
            user.absent_since = Some(now);
        }
    }

    /// Drops a user who has no session; their names are free.
    pub fn forget(&mut self, user: Uuid) {
        if let Some(user) = self.users.remove(&user) {
            self.let_go(&user.name, user.person.id);
            for (_, name) in user.renames {
                self.let_go(&name, user.person.id);
            }
        }
    }

    /// Takes a name for `user`; false if somebody else has it.
    pub fn hold(&mut self, name: &Name, user: Uuid) -> bool {
        *self.names.entry(name.key()).or_insert(user) == user
    }

    pub fn let_go(&mut self, name: &Name, user: Uuid) {
        let key = name.key();
        if self.names.get(&key) == Some(&user) {
            self.names.remove(&key);
        }
    }

    /// Guests are numbered from here.
    pub fn number_guests_from(&mut self, number: u64) {
        self.guests = number;
    }

    fn add(&mut self, user: User) {
        self.names.insert(user.name.key(), user.person.id);
        self.users.insert(user.person.id, user);
    }

    fn guest_name(&mut self) -> Name {
        loop {
            self.guests += 1;
            let name = Name::guest(self.guests);
            if !self.names.contains_key(&name.key()) {
                return name;
            }
        }
    }
}
