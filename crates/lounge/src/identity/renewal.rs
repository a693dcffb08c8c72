//! Taking and renewing the [leases](super::lease) of names.

use std::sync::Arc;

use log::info;
use uuid::Uuid;

use super::continuation::IdentityCommit;
use super::directory::Identity;
use super::lease::{self, BETWEEN_BATCHES, set_timer};
use super::name::Name;
use super::user::User;
use crate::context::Context;
use crate::timers::Due;
use parlor_core::journal::{Commit, Outcome, Put};

/// Leases that are renewed in one commit, so that nobody waits long behind it.
const BATCH: usize = 64;

impl Identity {
    /// Returns the name by which this server is known in leases.
    pub(super) fn server(&mut self, cx: &mut Context<'_, '_>) -> Arc<str> {
        let random = || cx.hub.random_bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
        self.server.get_or_insert_with(random).clone()
    }

    /// Takes the lease of the name of a user who has come back.
    pub(super) fn take_lease(&mut self, user: Uuid, cx: &mut Context<'_, '_>) {
        let server = self.server(cx);
        let Some(found) = self.people.get_mut(user).filter(|user| !user.name.is_guest()) else { return };
        found.has_lease = true;
        set_timer(cx);
        let puts = vec![lease::take(&found.name, user, &server, cx)];
        cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::Lease(user));
    }

    /// The journal has answered to a lease.
    pub fn leased(&mut self, user: Uuid, outcome: &Outcome, cx: &mut Context<'_, '_>) {
        if *outcome == Outcome::Conflict {
            let name = self.people.get(user).map(|user| user.name.clone());
            name.into_iter().for_each(|name| self.lose_name(user, &name, cx));
        }
    }

    /// Somebody else has the lease of a name. If it is still this user's, they are a guest again.
    pub(super) fn lose_name(&mut self, user: Uuid, name: &Name, cx: &mut Context<'_, '_>) {
        let has_it = |user: &&mut User| user.has_lease && user.name.key() == name.key();
        let Some(found) = self.people.get_mut(user).filter(has_it) else { return };
        found.has_lease = false;
        info!("a user who came back is a guest: their name is somebody else's by now");
        let guest = self.people.guest_name(user);
        self.people.hold(&guest, user);
        self.set_name(user, guest, cx);
    }

    /// Renews the leases of users who are online, a batch at a time, and sets the timer for the next one.
    pub fn renew_leases(&mut self, cx: &mut Context<'_, '_>) {
        let server = self.server(cx);
        let leases = self.people.online_after(self.renewed).filter(|user| user.has_lease && user.is_here()).take(BATCH);
        let (due, puts): (Vec<Uuid>, Vec<Put>) =
            leases.map(|user| (user.person.id, lease::renew(&user.name, user.person.id, &server, cx))).unzip();
        self.renewed = due.last().copied().filter(|_| due.len() == BATCH);
        if due.is_empty() {
            return; // the next lease that is taken sets the timer
        }
        match self.renewed {
            Some(_) => cx.timers.set(cx.steady() + BETWEEN_BATCHES, Due::Leases),
            None => set_timer(cx),
        }
        cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::Renewal(due));
    }

    /// The journal has answered to a renewal. If one of a batch can't be renewed, each is tried by itself.
    pub fn renewed(&mut self, users: &[Uuid], outcome: &Outcome, cx: &mut Context<'_, '_>) {
        if *outcome == Outcome::Conflict {
            for user in users {
                if self.people.get(*user).is_some_and(|user| user.has_lease) {
                    self.take_lease(*user, cx);
                }
            }
        }
    }
}
