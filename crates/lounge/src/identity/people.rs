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
    /// The last number that this server may give to a guest; `None`: any. See [`guests`](super::guests).
    guests_until: Option<u64>,
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
        let name = self.guest_name(id);
        self.add(User::new(id, name));
    }

    /// Adds somebody new under a name that they [hold](People::hold).
    pub fn add_held(&mut self, id: Uuid, name: Name) {
        self.add(User::new(id, name));
    }

    /// Adds somebody who is on another server, unless they are here. If somebody else has the name here, it is theirs until
    /// the journal says whose it is.
    pub fn add_elsewhere(&mut self, id: Uuid, name: Name) {
        if !self.users.contains_key(&id) {
            self.hold(&name, id);
            self.users.insert(id, User { is_read: false, ..User::new(id, name) });
        }
    }

    /// Adds somebody who was here before, under their name unless another user has it by now. Who is on another server has
    /// their sessions there.
    pub fn add_back(&mut self, user: User) {
        let mut user = user;
        if let Some(known) = self.users.remove(&user.person.id) {
            self.let_go(&known.name, user.person.id);
            let User { sessions, online_since, absent_since, graces, .. } = known;
            user = User { sessions, online_since, absent_since, graces, ..user };
        }
        if self.names.contains_key(&user.name.key()) {
            let name = self.guest_name(user.person.id);
            user.set_name(name);
        }
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

    /// Guests are numbered from the one after `number`.
    pub fn number_guests_from(&mut self, number: u64) {
        self.guests = number;
    }

    /// Guests are numbered from the one after `after` to `until`: no other server gives out these numbers.
    pub fn number_guests_within(&mut self, after: u64, until: u64) {
        (self.guests, self.guests_until) = (after, Some(until));
    }

    /// Returns how many numbers are left; `None`: there is no end of them.
    pub fn guest_numbers_left(&self) -> Option<u64> {
        self.guests_until.map(|until| until.saturating_sub(self.guests))
    }

    fn add(&mut self, user: User) {
        self.names.insert(user.name.key(), user.person.id);
        self.users.insert(user.person.id, user);
    }

    /// Returns a guest's name that nobody has. Beyond the numbers that this server may give, one that follows from the user's
    /// id.
    pub fn guest_name(&mut self, user: Uuid) -> Name {
        while self.guest_numbers_left() != Some(0) {
            self.guests += 1;
            let name = Name::guest(self.guests);
            if !self.names.contains_key(&name.key()) {
                return name;
            }
        }
        Name::guest(LONG_NUMBERS + user.as_u64_pair().1 % LONG_NUMBERS)
    }
}

/// Numbers of guests that follow from an id have 13 digits.
const LONG_NUMBERS: u64 = 1_000_000_000_000;
