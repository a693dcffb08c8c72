//! Messages that another server has put into inboxes.

use super::inbox_log::owner_of;
use super::inboxes::Inboxes;
use crate::context::Context;
use crate::identity::directory::Identity;
use crate::protocol::record::Record;
use log::error;
use parlor_core::journal::{FollowedAppend, LogName};

impl Inboxes {
    /// Another server has written to a log.
    pub fn follow(&mut self, append: &FollowedAppend, identity: &Identity, cx: &mut Context<'_, '_>) {
        let Some(owner) = owner_of(&append.log) else { return };
        if let Some(state) = &append.state {
            self.quota.restore(owner, state, cx.steady());
        }
        if !identity.is_here(owner) && self.get(owner).is_none() {
            return;
        }
        for (record, seq) in append.records.iter().zip(append.placed.first..) {
            match Record::from_bytes(record.clone()) {
                Ok(record) => {
                    let mut placed = append.placed.clone();
                    placed.first = seq;
                    self.deliver(owner, &placed, &record, identity, cx);
                }
                Err(error) => error!("{}: a message that another server wrote can't be read: {error}", append.log),
            }
        }
        self.rest(owner, identity);
    }

    /// Another server has deleted a log: what is written next begins another.
    pub fn disappear(&mut self, log: &LogName) {
        if let Some(owner) = owner_of(log)
            && self.get(owner).is_some()
        {
            self.inbox(owner).end = None;
        }
    }
}
