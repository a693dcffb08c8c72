//! `rename` and `sign_out`: changes of a user's record, written one after the other.

use std::collections::VecDeque;

use uuid::Uuid;

use super::continuation::{Changing, IdentityCommit, Keep};
use super::directory::Identity;
use super::lease;
use super::name::Name;
use super::user::{Change, User};
use crate::context::Context;
use crate::protocol::server::{self, events, replies};
use crate::refusals;
use crate::waiters::Asker;
use parlor_core::journal::{Commit, Outcome};
use parlor_core::{ClientId, Close, GroupId, Hub};

impl Identity {
    /// Gives a user another name.
    pub fn rename(&mut self, asker: Asker, name: Name, cx: &mut Context<'_, '_>) {
        self.change(asker, Change::Name(name), cx);
    }

    /// Makes all tokens of a user void, and ends their other sessions.
    pub fn sign_out(&mut self, asker: Asker, cx: &mut Context<'_, '_>) {
        self.change(asker, Change::SignOut, cx);
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
        let (until, server) = (cx.now() + cx.settings.user_retention, self.server(cx));
        while let Some(found) = self.people.get(user)
            && let Some((asker, change)) = found.changes.front()
        {
            // Nobody would get the token of a sign-out whose session is gone, and all others would be void.
            let is_wanted = matches!(change, Change::Name(_)) || self.clients.contains_key(&asker.client());
            let (mut record, before) = (found.record(until), found.kept.clone());
            let mut puts = Vec::new();
            match change {
                Change::Name(name) => {
                    record.name = name.clone();
                    puts.extend((!name.is_guest()).then(|| lease::take(name, user, &server, cx)));
                }
                Change::SignOut => record.sign_outs += 1,
            }
            if is_wanted && self.people.hold(&record.name, user) {
                puts.push(record.put(user, before.as_ref()));
                let keep = Keep { user, until, record: record.value() };
                let changing = Box::new(Changing { keep, before });
                return cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::Change(changing));
            }
            if let Some((asker, _)) = self.people.get_mut(user).and_then(|user| user.changes.pop_front()) {
                cx.refuse(asker, &refusals::name_taken());
            }
        }
    }

    /// The journal has answered to a change.
    pub fn changed(&mut self, changing: Changing, outcome: &Outcome, cx: &mut Context<'_, '_>) {
        let Changing { keep, before } = changing;
        let user = keep.user;
        let Some(found) = self.people.get_mut(user) else { return };
        if *outcome == Outcome::Conflict && found.kept != before {
            return self.write_change(user, cx); // another server has written the record meanwhile: it is known by now
        }
        if *outcome == Outcome::Conflict {
            Self::look_at_record(user, cx); // in case it is not
        }
        let Some((asker, change)) = found.changes.pop_front() else { return };
        if matches!(outcome, Outcome::Unknown(_)) {
            found.is_record_due = false;
            if let Change::Name(name) = change
                && found.name.key() != name.key()
            {
                self.people.let_go(&name, user); // if it is written after all, the record says so
            }
            cx.lose(asker);
            return self.write_change(user, cx);
        }
        let is_record_due = std::mem::take(&mut found.is_record_due);
        if matches!(outcome, Outcome::Committed(_)) {
            match change {
                Change::Name(name) => self.set_name(user, name, cx),
                Change::SignOut => self.end_sessions(user, asker.client(), cx),
            }
            self.kept(keep);
            self.identify(asker, user, cx);
        } else {
            let is_renaming = matches!(change, Change::Name(_));
            if let Change::Name(name) = change
                && self.people.get(user).is_some_and(|user| user.name.key() != name.key())
            {
                self.people.let_go(&name, user);
            }
            let is_taken = is_renaming && *outcome == Outcome::Conflict;
            cx.refuse(asker, &if is_taken { refusals::name_taken() } else { refusals::unavailable() });
        }
        self.write_change(user, cx);
        if is_record_due {
            self.keep(user, cx);
        }
    }

    /// A user has a name, and its lease, from now on.
    pub(super) fn set_name(&mut self, user: Uuid, name: Name, cx: &mut Context<'_, '_>) {
        let Some(found) = self.people.get_mut(user) else { return };
        let before = found.name.clone();
        let has_lease = !name.is_guest() && found.is_read;
        found.sessions.iter().for_each(|session| cx.announcements.touch(*session));
        let had_lease = std::mem::replace(&mut found.has_lease, has_lease);
        let is_same_key = before.key() == name.key();
        found.set_name(name);
        if !is_same_key {
            self.people.let_go(&before, user);
        }
        if has_lease {
            lease::set_timer(cx);
        }
        if had_lease && !is_same_key {
            let server = self.server(cx);
            lease::release(&before, user, &server, cx);
        }
        self.tell_name(user, &before, cx.hub);
    }

    /// A user has signed out everywhere: of their sessions only this one stays. The others do nothing more, although they
    /// count as connected until their sockets are closed: a second sign-out of theirs would void the token that this one gets.
    fn end_sessions(&mut self, user: Uuid, but: ClientId, cx: &mut Context<'_, '_>) {
        let Some(user) = self.people.get_mut(user) else { return };
        user.sign_outs += 1;
        Self::end_other_sessions(user, Some(but), cx);
    }

    /// Ends a user's sessions, but for one.
    pub(super) fn end_other_sessions(user: &mut User, but: Option<ClientId>, cx: &mut Context<'_, '_>) {
        for session in user.sessions.iter().filter(|session| Some(**session) != but) {
            cx.waiters.disconnect(*session, cx.hub);
            cx.hub.close(*session, Close::REMOVED, "you have signed out everywhere from another session");
        }
        let all = std::mem::take(&mut user.changes).into_iter();
        let (kept, ended): (_, VecDeque<_>) = all.partition(|(asker, _)| Some(asker.client()) == but);
        user.changes = kept;
        for (asker, _) in ended {
            cx.refuse(asker, &refusals::unavailable()); // not heard any more
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
    pub fn identify(&self, asker: Asker, user: Uuid, cx: &mut Context<'_, '_>) {
        let Some(user) = self.people.get(user) else { return cx.refuse(asker, &refusals::no_such_user()) };
        let token = cx.settings.signer.sign(user.person.id, &user.name, user.sign_outs, cx.now());
        cx.ok(asker, &replies::Identified { user: &user.person, token: &token });
    }
}
