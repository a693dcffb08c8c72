//! Users in memory, and the names that are taken.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use uuid::Uuid;

use super::name::{Name, NameKey};
use super::user::{Change, User};
use parlor_core::{ClientId, Steady, Time};

/// Users by id, names by key.
///
/// Bounded by the clients there are, and by the users who left within the reservation of their names: these are kept, which
/// is limited by address.
#[derive(Default)]
pub struct People {
    users: HashMap<Uuid, User>,
    /// Users with a session.
    online: BTreeSet<Uuid>,
    /// Names held or reserved. A user holds one, and the one wanted while a rename is under way.
    names: BTreeMap<NameKey, Uuid>,
    guests: u64,
}

impl People {
    /// Returns a user.
    pub fn get(&self, user: Uuid) -> Option<&User> {
        self.users.get(&user)
    }

    /// Returns a user, to be changed.
    pub fn get_mut(&mut self, user: Uuid) -> Option<&mut User> {
        self.users.get_mut(&user)
    }

    /// Returns the user who holds a name.
    pub fn by_name(&self, name: &Name) -> Option<&User> {
        self.names.get(&name.key()).and_then(|user| self.users.get(user))
    }

    /// Returns the number of users with a session.
    pub fn online(&self) -> usize {
        self.online.len()
    }

    /// Returns the number of users in memory.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Returns the users with a session, by id.
    pub fn online_after(&self, after: Option<Uuid>) -> impl Iterator<Item = &User> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.online.range((from, Bound::Unbounded)).filter_map(|user| self.users.get(user))
    }

    /// Adds somebody new, under the next free guest name.
    pub fn add_guest(&mut self, id: Uuid) {
        let name = self.guest_name();
        self.add(User::new(id, name));
    }

    /// Adds somebody who was here before, under their name unless another user has it by now.
    pub fn add_back(&mut self, user: User) {
        let is_free = !self.names.contains_key(&user.name.key());
        let name = if is_free { user.name.clone() } else { self.guest_name() };
        let mut user = user;
        user.set_name(name);
        self.add(user);
    }

    /// Adds a session to a user.
    pub fn attach(&mut self, user: Uuid, client: ClientId, now: Time) {
        let Some(found) = self.users.get_mut(&user) else { return };
        if self.online.insert(user) {
            found.online_since = now;
        }
        found.absent_since = None;
        found.sessions.push(client);
    }

    /// Takes a session from a user.
    pub fn detach(&mut self, user: Uuid, client: ClientId, now: Steady) {
        let Some(found) = self.users.get_mut(&user) else { return };
        found.sessions.retain(|session| *session != client);
        if !found.is_online() && self.online.remove(&user) {
            found.absent_since = Some(now);
        }
    }

    /// Drops a user who has no session; their names are free.
    pub fn forget(&mut self, user: Uuid) {
        if let Some(found) = self.users.remove(&user) {
            self.let_go(&found.name, user);
            for (_, change) in found.changes {
                match change {
                    Change::Name(name) => self.let_go(&name, user),
                    Change::SignOut => {}
                }
            }
        }
    }

    /// Takes a name for `user`; false if somebody else has it.
    pub fn hold(&mut self, name: &Name, user: Uuid) -> bool {
        *self.names.entry(name.key()).or_insert(user) == user
    }

    /// Takes a name for `user`; returns who else had it.
    pub fn take(&mut self, name: &Name, user: Uuid) -> Option<Uuid> {
        self.names.insert(name.key(), user).filter(|other| *other != user)
    }

    /// Frees a name that `user` held.
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

    /// Returns a guest's name that nobody has.
    pub fn guest_name(&mut self) -> Name {
        loop {
            self.guests += 1;
            let name = Name::guest(self.guests);
            if !self.names.contains_key(&name.key()) {
                return name;
            }
        }
    }
}
