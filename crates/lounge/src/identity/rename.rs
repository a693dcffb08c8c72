//! `rename`, and every other change of a user's record: written one after the other.

use uuid::Uuid;

use super::continuation::{IdentityCommit, Keep};
use super::directory::Identity;
use super::name::Name;
use super::record::UserRecord;
use super::user::Change;
use crate::context::Context;
use crate::protocol::server::{self, events, replies};
use crate::refusals;
use crate::waiters::Asker;
use parlor_core::journal::{Commit, Outcome};
use parlor_core::{GroupId, Hub};

impl Identity {
    /// Gives a user another name.
    pub fn rename(&mut self, asker: Asker, name: Name, cx: &mut Context<'_, '_>) {
        self.change(asker, Change::Name(name), cx);
    }

    fn change(&mut self, mut asker: Asker, change: Change, cx: &mut Context<'_, '_>) {
        if let Err(refused) = self.may_last(asker.client(), cx) {
            return cx.refuse(asker, &refused);
        }
        let Some(user) = self.clients.get(&asker.client()).and_then(|client| self.people.get_mut(client.user)) else {
            return cx.refuse(asker, &refusals::no_such_user());
        };
        cx.block(&mut asker);
        user.changes.push_back((asker, change));
        let user = user.person.id;
        if self.people.get(user).is_some_and(|user| user.changes.len() == 1) {
            self.write_change(user, cx);
        }
    }

    /// Writes the first change that can be made. From now on nobody else can have the name it asks for.
    fn write_change(&mut self, user: Uuid, cx: &mut Context<'_, '_>) {
        while let Some(found) = self.people.get(user)
            && let Some((_, Change::Name(name))) = found.changes.front()
        {
            let name = name.clone();
            if self.people.hold(&name, user) {
                let record = UserRecord { name, until: cx.now() + cx.settings.user_retention };
                let puts = vec![record.put(user)];
                return cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::Change(user));
            }
            if let Some((asker, _)) = self.people.get_mut(user).and_then(|user| user.changes.pop_front()) {
                cx.refuse(asker, &refusals::name_taken());
            }
        }
    }

    /// The journal has answered to a change.
    pub fn changed(&mut self, user: Uuid, outcome: &Outcome, cx: &mut Context<'_, '_>) {
        let Some(found) = self.people.get_mut(user) else { return };
        let Some((asker, Change::Name(name))) = found.changes.pop_front() else { return };
        let is_record_due = std::mem::take(&mut found.is_record_due);
        let before = found.name.clone();
        let is_same_key = before.key() == name.key();
        match outcome {
            Outcome::Committed(_) => {
                found.set_name(name);
                if !is_same_key {
                    self.people.let_go(&before, user);
                }
                self.kept(&[Keep { user, until: cx.now() + cx.settings.user_retention }]);
                self.tell_name(user, &before, cx.hub);
                self.identify(asker, user, cx);
            }
            Outcome::Unavailable(_) | Outcome::Conflict => {
                if !is_same_key {
                    self.people.let_go(&name, user);
                }
                cx.refuse(asker, &refusals::unavailable());
            }
        }
        self.write_change(user, cx);
        if is_record_due {
            self.keep_now(user, cx);
        }
    }

    /// Writes a user's record by itself, if it is due.
    pub(super) fn keep_now(&mut self, user: Uuid, cx: &mut Context<'_, '_>) {
        let mut puts = Vec::new();
        if let Some(keep) = self.keep(user, cx.now(), cx.settings.user_retention, &mut puts) {
            cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::Keep(keep));
        }
    }

    /// To everyone who shares a room with a user, and the user's own sessions: once each.
    fn tell_name(&self, user: Uuid, was: &Name, hub: &mut Hub<'_>) {
        let Some(user) = self.people.get(user).filter(|user| user.name != *was) else { return };
        let clients = user.sessions.iter().filter_map(|client| self.clients.get(client));
        let mut groups: Vec<GroupId> = clients.flat_map(|client| &client.rooms).map(|room| room.group()).collect();
        groups.sort_unstable();
        groups.dedup();
        let renamed = events::Renamed { user: &user.person, was: was.as_str() };
        hub.broadcast_to(groups, user.sessions.clone(), None, server::event(&renamed));
    }

    /// Answers with the user that the client acts for, and a token for it.
    pub(super) fn identify(&self, asker: Asker, user: Uuid, cx: &mut Context<'_, '_>) {
        let Some(user) = self.people.get(user) else { return cx.refuse(asker, &refusals::no_such_user()) };
        let token = cx.settings.signer.sign(user.person.id, &user.name, cx.now());
        cx.ok(asker, &replies::Identified { user: &user.person, token: &token });
    }
}
