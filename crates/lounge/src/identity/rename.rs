//! `rename`.

use uuid::Uuid;

use crate::Lounge;
use crate::identity::name::Name;
use crate::identity::retention::{self, Keep};
use crate::pending::Pending;
use crate::protocol::server::{self, events, replies};
use crate::refusals;
use crate::waiters::Asker;
use parlor_core::GroupId;
use parlor_core::Hub;
use parlor_core::journal::{Commit, Outcome};

impl Lounge {
    /// The renames of a user are done one after the other, from whichever session they come.
    pub(crate) fn rename(&mut self, asker: Asker, name: Name, hub: &mut Hub<'_>) {
        let Some(user) = self.user_of(asker.client).map(|user| user.person.id) else { return };
        if let Err(refused) = self.may_last(asker.client, hub) {
            return self.refuse(&asker, &refused, hub);
        }
        self.wait(asker.client);
        let Some(found) = self.people.get_mut(user) else { return };
        found.renames.push_back((asker, name));
        if found.renames.len() == 1 {
            self.write_name(user, hub);
        }
    }

    /// Begins with the first rename that waits whose name is to be had: from now on nobody else can have it.
    fn write_name(&mut self, user: Uuid, hub: &mut Hub<'_>) {
        while let Some((asker, name)) = self.people.get(user).and_then(|user| user.renames.front().cloned()) {
            if self.people.hold(&name, user) {
                let until = hub.now() + self.settings.user_retention;
                let puts = vec![retention::put(user, &name, until)];
                let ticket = hub.commit(Commit { puts, ..Commit::default() });
                self.pending.insert(ticket, Pending::Rename(user));
                return;
            }
            if let Some(user) = self.people.get_mut(user) {
                user.renames.pop_front();
            }
            self.refuse(&asker, &refusals::name_taken(), hub);
            self.go_on(asker.client, hub);
        }
    }

    pub(crate) fn renamed(&mut self, user: Uuid, outcome: &Outcome, hub: &mut Hub<'_>) {
        let Some(found) = self.people.get_mut(user) else { return };
        let Some((asker, name)) = found.renames.pop_front() else { return };
        let before = found.name.clone();
        let is_same_key = before.key() == name.key();
        match outcome {
            Outcome::Committed(_) => {
                found.set_name(name);
                if !is_same_key {
                    self.people.let_go(&before, user);
                }
                self.kept(&[Keep { user, until: hub.now() + self.settings.user_retention }]);
                self.tell_name(user, &before, hub);
                self.identify(&asker, user, hub);
            }
            Outcome::Unavailable(_) | Outcome::Conflict => {
                if !is_same_key {
                    self.people.let_go(&name, user);
                }
                self.refuse(&asker, &refusals::unavailable(), hub);
            }
        }
        self.go_on(asker.client, hub);
        self.write_name(user, hub);
    }

    /// To everyone who shares a room with a user, and the user's own sessions: once each.
    fn tell_name(&self, user: Uuid, was: &Name, hub: &mut Hub<'_>) {
        let Some(user) = self.people.get(user).filter(|user| user.name != *was) else { return };
        let sessions = user.sessions.iter().filter_map(|client| self.sessions.get(client));
        let mut groups: Vec<GroupId> = sessions.flat_map(|session| &session.rooms).map(|room| room.group()).collect();
        groups.sort_unstable();
        groups.dedup();
        let renamed = events::Renamed { user: &user.person, was: was.as_str() };
        hub.broadcast_to(groups, user.sessions.clone(), None, server::event(&renamed));
    }

    /// Answers with who the client is, and a token for it.
    pub(crate) fn identify(&self, asker: &Asker, user: Uuid, hub: &mut Hub<'_>) {
        let Some(user) = self.people.get(user) else { return };
        let token = self.settings.signer.sign(user.person.id, &user.name, hub.now());
        self.ok(asker, &replies::Identified { user: &user.person, token: &token }, hub);
    }
}
