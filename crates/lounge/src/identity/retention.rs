//! Which users the journal keeps: those who did something lasting.

use std::time::Duration;

use uuid::Uuid;

use super::continuation::{IdentityCommit, IdentityLoad, Keep};
use super::directory::Identity;
use super::record::UserRecord;
use super::user::User;
use crate::context::Context;
use crate::protocol::error::Refused;
use crate::refusals;
use parlor_core::journal::{Commit, Load, Loaded, Outcome};
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

    /// Writes the user's record, so that the user is kept from now on, unless the journal keeps them for long enough. What is
    /// committed after this is not there without it.
    ///
    /// The record has one writer: while a change of it is being written, this waits, and is written after the change if that
    /// fails.
    pub fn keep(&mut self, user: Uuid, cx: &mut Context<'_, '_>) {
        let (now, retention) = (cx.now(), cx.settings.user_retention);
        let found = self.people.get_mut(user).filter(|user| !user.is_keeping && is_keeping_due(user, now, retention));
        let Some(found) = found else { return };
        if !found.changes.is_empty() {
            found.is_record_due = true;
            return;
        }
        found.is_keeping = true;
        found.sessions.iter().for_each(|session| cx.announcements.touch(*session)); // it is lasting from now on
        let until = now + retention;
        let record = found.record(until);
        let puts = vec![record.put(user, found.kept.as_ref())];
        let keep = Keep { user, until, record: record.value() };
        cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::Keep(keep));
    }

    /// The journal has answered to a commit.
    pub fn committed(&mut self, after: IdentityCommit, outcome: &Outcome, cx: &mut Context<'_, '_>) {
        match after {
            IdentityCommit::Change(changing) => self.changed(*changing, outcome, cx),
            IdentityCommit::Keep(keep) => {
                if let Some(user) = self.people.get_mut(keep.user) {
                    user.is_keeping = false;
                }
                match outcome {
                    Outcome::Committed(_) => self.kept(keep),
                    Outcome::Conflict => Self::look_at_record(keep.user, cx),
                    Outcome::Unavailable(_) | Outcome::Unknown(_) => {}
                }
            }
            IdentityCommit::Lease(user) => self.leased(user, outcome, cx),
            IdentityCommit::Renewal(users) => self.renewed(&users, outcome, cx),
            IdentityCommit::Release => {}
            IdentityCommit::GuestNumbers { block, until } => self.took_guest_numbers(block, until, outcome, cx),
            IdentityCommit::Transfer(transferring) => Self::transfer_kept(*transferring, outcome, cx),
            IdentityCommit::Transferred(asker, claims) => self.transfer_used(asker, claims, outcome, cx),
        }
    }

    /// The journal has brought what was asked for.
    pub fn loaded(&mut self, after: IdentityLoad, loaded: Loaded, cx: &mut Context<'_, '_>) {
        match after {
            IdentityLoad::Resume(resuming) => self.resume_loaded(*resuming, loaded, cx),
            IdentityLoad::Record => self.take_in_loaded(&loaded, cx),
            IdentityLoad::GuestNumbers => self.take_guest_numbers(&loaded, cx),
            IdentityLoad::Transfer(asker, token) => self.transfer_loaded(asker, &token, &loaded, cx),
        }
    }

    /// Notes that a user's record is written.
    pub(super) fn kept(&mut self, keep: Keep) {
        if let Some(user) = self.people.get_mut(keep.user) {
            user.kept_until = Some(keep.until); // not the later one: the clock may have been set back
            user.kept = Some(keep.record);
        }
    }

    /// Reads a user's record, which is another than was believed.
    pub(super) fn look_at_record(user: Uuid, cx: &mut Context<'_, '_>) {
        cx.load(Load::Values(vec![UserRecord::key(user)]), IdentityLoad::Record);
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
