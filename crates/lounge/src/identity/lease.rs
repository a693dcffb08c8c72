//! Leases of names: while a user has a name, the journal says so, to every server that writes to it and after a restart.
//!
//! A lease lasts for the time of a reservation and a fifth of it, and is renewed after each tenth while its user is online. So
//! a name that nobody gives back, because a server has died, is free again by itself, and not before the reservation is over.
//! Guests' names have none: they are given out in memory.

use std::time::Duration;

use log::info;
use uuid::Uuid;

use super::continuation::IdentityCommit;
use super::directory::Identity;
use super::name::Name;
use super::user::User;
use crate::context::Context;
use crate::settings::LoungeSettings;
use crate::timers::Due;
use parlor_core::journal::{Commit, ExpectValue, Outcome, Put};

/// Leases that are renewed in one commit, so that nobody waits long behind it.
const BATCH: usize = 64;
const BETWEEN_BATCHES: Duration = Duration::from_millis(100);

/// Returns the time between two renewals of a lease.
fn renewal(settings: &LoungeSettings) -> Duration {
    (settings.name_reservation / 10).max(BETWEEN_BATCHES)
}

/// Returns the write that takes the lease of a name, or renews it. It fails if another user has it.
pub(super) fn put(name: &Name, user: Uuid, cx: &Context<'_, '_>) -> Put {
    let until = cx.now() + cx.settings.name_reservation + 2 * renewal(cx.settings);
    let put = Put::new(key(name), user.to_string()).expires_at(until);
    put.expect(ExpectValue::MissingOr(user.to_string().into()))
}

/// Leases are to be renewed some time.
pub(super) fn set_timer(cx: &mut Context<'_, '_>) {
    cx.timers.set_if_none(cx.steady() + renewal(cx.settings), Due::Leases);
}

/// Gives a lease back.
pub(super) fn release(name: &Name, user: Uuid, cx: &mut Context<'_, '_>) {
    let puts = vec![Put::delete(key(name)).expect(ExpectValue::MissingOr(user.to_string().into()))];
    cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::Release);
}

/// Returns whether this server has the lease of a user's name, and no other has renewed it: the user is not online elsewhere.
pub(super) fn is_alone(user: &User, cx: &Context<'_, '_>) -> bool {
    let is_elsewhere = |at| cx.steady().since(at) < 2 * renewal(cx.settings);
    user.has_lease && !user.leased_elsewhere.is_some_and(is_elsewhere)
}

fn key(name: &Name) -> String {
    format!("{PREFIX}{}", name.key().as_str())
}

/// The beginning of the journal's keys of leases.
pub(super) const PREFIX: &str = "name/";

impl Identity {
    /// Takes the lease of the name of a user who has come back.
    pub(super) fn take_lease(&mut self, user: Uuid, cx: &mut Context<'_, '_>) {
        let Some(found) = self.people.get_mut(user).filter(|user| !user.name.is_guest()) else { return };
        found.has_lease = true;
        set_timer(cx);
        let puts = vec![put(&found.name, user, cx)];
        cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::Lease(user));
    }

    /// The journal has answered to a lease.
    pub fn leased(&mut self, user: Uuid, outcome: &Outcome, cx: &mut Context<'_, '_>) {
        if *outcome == Outcome::Conflict {
            self.lose_name(user, cx);
        }
    }

    /// Somebody else has the name: whoever had it first keeps it, and this user is a guest again.
    fn lose_name(&mut self, user: Uuid, cx: &mut Context<'_, '_>) {
        let Some(found) = self.people.get_mut(user).filter(|user| user.has_lease) else { return };
        found.has_lease = false;
        info!("a user who came back is a guest: their name is somebody else's by now");
        let guest = self.people.guest_name();
        self.people.hold(&guest, user);
        self.set_name(user, guest, cx);
    }

    /// Renews the leases of users who are online, a batch at a time, and sets the timer for the next one.
    pub fn renew_leases(&mut self, cx: &mut Context<'_, '_>) {
        let leases = self.people.online_after(self.renewed).filter(|user| user.has_lease).take(BATCH);
        let (due, puts): (Vec<Uuid>, Vec<Put>) =
            leases.map(|user| (user.person.id, put(&user.name, user.person.id, cx))).unzip();
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
