//! Which users the journal keeps: those who did something lasting.

use std::time::Duration;

use uuid::Uuid;

use super::continuation::Keep;
use super::directory::Identity;
use super::user::User;
use crate::context::Context;
use crate::protocol::error::Refused;
use crate::refusals;
use parlor_core::journal::Put;
use parlor_core::{ClientId, Time};

impl Identity {
    /// Checks whether a client's user may do something lasting, and returns the user: those whom the journal does not keep
    /// yet are limited by address.
    ///
    /// # Errors
    /// If too many new users have come from the client's address.
    pub fn may_last(&mut self, client: ClientId, cx: &Context<'_, '_>) -> Result<Option<&User>, Refused> {
        let Some(found) = self.clients.get(&client) else { return Ok(None) };
        let Some(user) = self.people.get_mut(found.user) else { return Ok(None) };
        if !user.is_lasting() {
            let allowed = self.user_creation.take(found.address, cx.steady());
            allowed.map_err(|retry_after_ms| refusals::too_many("new users", retry_after_ms))?;
            user.is_admitted = true;
        }
        Ok(Some(user))
    }

    /// Returns whether a client may make the journal keep an inbox for `owner`: those of mere guests count as new users of the
    /// client's address, once each.
    ///
    /// # Errors
    /// If too many new users have come from the client's address.
    pub fn may_have_inbox(&mut self, owner: Uuid, client: ClientId, cx: &Context<'_, '_>) -> Result<(), Refused> {
        let Some(address) = self.clients.get(&client).map(|client| client.address) else { return Ok(()) };
        if let Some(owner) = self.people.get_mut(owner).filter(|owner| !owner.is_lasting() && !owner.has_inbox) {
            let allowed = self.user_creation.take(address, cx.steady());
            allowed.map_err(|retry_after_ms| refusals::too_many("inboxes", retry_after_ms))?;
            owner.has_inbox = true;
        }
        Ok(())
    }

    /// Adds the user's record to a commit, so that the user is kept from `now` on, unless the journal keeps them for long
    /// enough.
    ///
    /// The record has one writer: while a change of it is being written, it is left out, and written after the change if
    /// that fails.
    pub fn keep(&mut self, user: Uuid, now: Time, retention: Duration, puts: &mut Vec<Put>) -> Option<Keep> {
        let user = self.people.get_mut(user).filter(|user| is_keeping_due(user, now, retention))?;
        if !user.changes.is_empty() {
            user.is_record_due = true;
            return None;
        }
        let until = now + retention;
        puts.push(user.record(until).put(user.person.id));
        Some(Keep { user: user.person.id, until })
    }

    /// Notes that users' records are written.
    pub fn kept(&mut self, keeps: &[Keep]) {
        for keep in keeps {
            if let Some(user) = self.people.get_mut(keep.user) {
                user.kept_until = Some(keep.until); // not the later one: the clock may have been set back
            }
        }
    }
}

/// At most once a day, so that talk does not write the same record again and again. A record that is kept for longer than it
/// would be now was written before the clock was set back: it is written anew, since the journal doesn't count that time.
fn is_keeping_due(user: &User, now: Time, retention: Duration) -> bool {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let full = now + retention;
    user.kept_until.is_none_or(|until| until + DAY.min(retention / 2) < full || until > full)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::name::Name;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn a_record_is_renewed_once_a_day_and_after_the_clock_was_set_back() {
        let (now, retention) = (Time::default() + 1000 * DAY, 90 * DAY);
        let mut user = User::new(uuid::Uuid::from_u128(7), Name::parse("Ann").unwrap());
        assert!(is_keeping_due(&user, now, retention), "it was never kept");
        for (kept_at, is_due) in [(now, false), (now - DAY / 2, false), (now - 2 * DAY, true), (now + 365 * DAY, true)]
        {
            user.kept_until = Some(kept_at + retention);
            assert_eq!(is_keeping_due(&user, now, retention), is_due, "{kept_at}");
        }
    }
}
