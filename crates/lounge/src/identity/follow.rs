//! What other servers wrote about users: their records and idempotency keys.

use uuid::Uuid;

use super::dedup::Dedup;
use super::directory::Identity;
use super::record::UserRecord;
use crate::context::Context;
use parlor_core::Bytes;
use parlor_core::journal::Loaded;

impl Identity {
    /// Takes in a value of the journal; `None`: it was deleted. Users who are not in memory are read when they come.
    pub fn take_in_value(&mut self, key: &str, value: Option<&Bytes>, cx: &mut Context<'_, '_>) {
        if let Some(user) = UserRecord::owner(key) {
            self.take_in_record(user, value, cx);
        } else if let Some(user) = Dedup::owner(key).and_then(|user| self.people.get_mut(user))
            && let Some(value) = value
        {
            user.dedup.take_in(value);
        }
    }

    /// Takes in what was read of the journal.
    pub fn take_in_loaded(&mut self, loaded: &Loaded, cx: &mut Context<'_, '_>) {
        if let Loaded::Values(values) = loaded {
            for (key, value) in values {
                self.take_in_value(key, Some(value), cx);
            }
        }
    }

    fn take_in_record(&mut self, user: Uuid, value: Option<&Bytes>, cx: &mut Context<'_, '_>) {
        let Some(found) = self.people.get_mut(user).filter(|user| user.kept.as_ref() != value) else { return };
        let Some(record) = value.and_then(|value| UserRecord::read(value)) else {
            (found.kept, found.kept_until) = (None, None);
            return;
        };
        (found.kept, found.kept_until) = (value.cloned(), Some(record.until));
        if found.sign_outs < record.sign_outs {
            found.sign_outs = record.sign_outs;
            Self::end_other_sessions(found, None, cx);
        }
        if found.name != record.name {
            // Who has it here has lost it, or asks for it in vain: the journal gave its lease to this user.
            let is_here = found.is_here();
            if let Some(other) = self.people.take(&record.name, user) {
                self.lose_name(other, &record.name, cx);
            }
            self.set_name(user, record.name, cx);
            if is_here {
                self.take_lease(user, cx); // the other server gives it back when the user has gone there
            }
        }
    }
}
