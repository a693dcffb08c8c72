//! All inboxes in use, and `history` of one's own.

use std::collections::HashMap;

use uuid::Uuid;

use super::continuation::{InboxLoad, Reading};
use super::inbox_log::{Inbox, log_name, owner_of};
use super::quota::InboxQuota;
use crate::context::Context;
use crate::identity::directory::Identity;
use crate::nodes::announcements::is_here;
use crate::nodes::signal::Signal;
use crate::person::Person;
use crate::protocol::record::Event;
use crate::protocol::server::{self, events, replies};
use crate::refusals;
use crate::rooms::page::{answer_history, history_load, page_limit, page_of, private_event};
use crate::settings::LoungeSettings;
use crate::waiters::Asker;
use parlor_core::Steady;
use parlor_core::journal::{Loaded, LogState};

/// Inboxes of users who are online, and those in which something is under way.
pub struct Inboxes {
    inboxes: HashMap<Uuid, Inbox>,
    pub(super) quota: InboxQuota,
}

impl Inboxes {
    /// Returns no inboxes.
    pub fn new(settings: &LoungeSettings) -> Self {
        Inboxes { inboxes: HashMap::new(), quota: InboxQuota::new(settings.addresses) }
    }

    /// Takes in an inbox's state, if the log is one.
    pub fn restore(&mut self, log: &LogState, now: Steady) {
        if let Some(owner) = owner_of(&log.log) {
            self.quota.restore(owner, &log.state, now);
        }
    }

    /// Returns a user's inbox.
    pub(super) fn inbox(&mut self, user: Uuid) -> &mut Inbox {
        self.inboxes.entry(user).or_default()
    }

    /// Returns a user's inbox, if it is in use.
    pub(super) fn get(&self, user: Uuid) -> Option<&Inbox> {
        self.inboxes.get(&user)
    }

    /// Unloads the inbox of a user who is not online, unless something is under way.
    pub fn rest(&mut self, user: Uuid, identity: &Identity) {
        if !identity.is_here(user) && self.get(user).is_some_and(Inbox::is_idle) {
            self.inboxes.remove(&user);
        }
    }

    /// `history` of one's own inbox.
    pub fn history(
        &self,
        mut asker: Asker,
        before: Option<u64>,
        limit: Option<u32>,
        identity: &Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Some(user) = identity.user_of(asker.client()) else { return cx.refuse(asker, &refusals::no_such_user()) };
        let limit = page_limit(limit, cx.settings);
        cx.hold(&mut asker);
        let load = history_load(log_name(user.person.id), before.unwrap_or(u64::MAX), limit);
        cx.load(load, InboxLoad::History(Box::new(Reading { asker, limit })));
    }

    /// The journal has brought a page of history, or not.
    pub fn history_loaded(&self, Reading { asker, limit }: Reading, loaded: Loaded, cx: &mut Context<'_, '_>) {
        let Ok(page) = page_of(loaded) else { return cx.refuse(asker, &refusals::unavailable()) };
        let events: Option<Vec<Event>> = page.records.iter().map(|(seq, record)| private_event(*seq, record)).collect();
        match events {
            Some(events) => answer_history(asker, &events.iter().collect::<Vec<_>>(), page.more, limit, cx),
            None => cx.refuse(asker, &refusals::internal("an event of that log can't be read")),
        }
    }
}

/// Tells all sessions of somebody that the asker is writing to them, or has stopped. The answer does not say whether they
/// are on.
pub fn typing(asker: Asker, to: Uuid, on: bool, identity: &Identity, cx: &mut Context<'_, '_>) {
    if let Some(user) = identity.user_of(asker.client()) {
        show_typing(to, &user.person, on, identity, cx);
        let sessions = identity.user(to).map(|to| to.sessions.as_slice()).unwrap_or_default();
        if sessions.iter().any(|session| !is_here(*session)) {
            cx.announcements.signal(&Signal::TypingTo { to, user: user.person.clone(), on });
        }
    }
    cx.ok(asker, &replies::Done {});
}

/// Shows somebody's sessions that a user is writing to them, or has stopped.
pub fn show_typing(to: Uuid, user: &Person, on: bool, identity: &Identity, cx: &mut Context<'_, '_>) {
    let Some(to) = identity.user(to) else { return };
    let frame = server::event(&events::PrivateTyping { user, on });
    for session in &to.sessions {
        cx.hub.send(*session, frame.clone());
    }
}
