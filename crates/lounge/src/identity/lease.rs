//! Leases of names: while a user has a name, the journal says so, to every server that writes to it and after a restart.
//!
//! A lease lasts for the time of a reservation and a fifth of it, and is renewed after each tenth while its user is online. So
//! a name that nobody gives back, because a server has died, is free again by itself, and not before the reservation is over.
//! Guests' names have none: they are given out in memory. The value is the user and the server that renewed the lease last: a
//! server gives back only what no other has renewed since.

use std::time::Duration;

use uuid::Uuid;

use super::continuation::IdentityCommit;
use super::name::Name;
use crate::context::Context;
use crate::settings::LoungeSettings;
use crate::timers::Due;
use parlor_core::journal::{Commit, ExpectValue, Put};

/// The shortest time between two renewals.
pub(super) const BETWEEN_BATCHES: Duration = Duration::from_millis(100);

/// Returns the time between two renewals of a lease.
fn renewal(settings: &LoungeSettings) -> Duration {
    (settings.name_reservation / 10).max(BETWEEN_BATCHES)
}

/// Returns the write that takes the lease of a name. It fails if another user has it.
pub(super) fn take(name: &Name, user: Uuid, server: &str, cx: &Context<'_, '_>) -> Put {
    put(name, user, server, cx).expect(ExpectValue::MissingOrBegins(user.to_string().into()))
}

/// Returns the write that renews a lease. It also fails if another server was the last to renew it: so a server that slept takes
/// none away by what it meant to write before.
pub(super) fn renew(name: &Name, user: Uuid, server: &str, cx: &Context<'_, '_>) -> Put {
    put(name, user, server, cx).expect(ExpectValue::MissingOr(value(user, server).into()))
}

fn put(name: &Name, user: Uuid, server: &str, cx: &Context<'_, '_>) -> Put {
    let until = cx.now() + cx.settings.name_reservation + 2 * renewal(cx.settings);
    Put::new(key(name), value(user, server)).expires_at(until)
}

/// Leases are to be renewed some time.
pub(super) fn set_timer(cx: &mut Context<'_, '_>) {
    cx.timers.set_if_none(cx.steady() + renewal(cx.settings), Due::Leases);
}

/// Gives a lease back, unless another server has renewed it: the user is online there.
pub(super) fn release(name: &Name, user: Uuid, server: &str, cx: &mut Context<'_, '_>) {
    let puts = vec![Put::delete(key(name)).expect(ExpectValue::Is(value(user, server).into()))];
    cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::Release);
}

fn key(name: &Name) -> String {
    format!("name/{}", name.key().as_str())
}

fn value(user: Uuid, server: &str) -> String {
    format!("{user} {server}")
}
