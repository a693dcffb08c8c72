//! `join` of one's own inbox.

use uuid::Uuid;

use super::continuation::{InboxCommit, InboxLoad, Joining, Probed};
use super::inbox_log::{LogEnd, ParkedJoin, log_name};
use super::inboxes::Inboxes;
use crate::context::Context;
use crate::identity::directory::Identity;
use crate::protocol::client::Join;
use crate::protocol::codec::INBOX;
use crate::protocol::record::Event;
use crate::protocol::server::{List, replies};
use crate::refusals;
use crate::rooms::catch_up::{CatchUp, Step};
use crate::rooms::page::{page_limit, page_of, private_event};
use crate::rooms::window::Window;
use crate::waiters::Asker;
use parlor_core::journal::{Append, Commit, End, Expect, Load, Loaded, Outcome, PageOf};

impl Inboxes {
    /// Joins the inbox of the client's user.
    pub fn join(&mut self, asker: Asker, join: Join, identity: &Identity, cx: &mut Context<'_, '_>) {
        let limit = page_limit(join.limit, cx.settings);
        self.join_at(ParkedJoin { asker, since: join.since, limit }, identity, cx);
    }

    fn join_at(&mut self, mut join: ParkedJoin, identity: &Identity, cx: &mut Context<'_, '_>) {
        let Some(user) = identity.client(join.asker.client()).map(|client| client.user) else {
            return cx.refuse(join.asker, &refusals::no_such_user());
        };
        let inbox = self.inbox(user);
        match &inbox.end {
            Some(LogEnd { epoch, window }) => {
                let (since, epoch) = (join.since.as_ref(), cx.epoch(epoch));
                let catch_up = CatchUp::new(since, join.limit, &epoch, window.head(), cx.settings);
                if self.quota.read(user) {
                    self.write_read(user, cx);
                }
                self.catch_up(Joining { join, user, catch_up }, identity, cx);
            }
            None => {
                cx.block(&mut join.asker);
                inbox.parked.push(join);
                self.probe(user, cx);
            }
        }
    }

    /// Writes down that an owner has read what came in their absence. If that fails, it counts as unread after a restart, until
    /// they come again.
    fn write_read(&self, user: Uuid, cx: &mut Context<'_, '_>) {
        let at = cx.now();
        let append = Append {
            log: log_name(user),
            expect: Expect::Anything,
            epoch: cx.hub.uuid().simple().to_string(),
            at,
            records: Vec::new(),
            state: Some(self.quota.state(user)),
            expires_at: Some(at + cx.settings.user_retention),
        };
        cx.commit(Commit { appends: vec![append], ..Commit::default() }, InboxCommit::Read);
    }

    fn catch_up(&mut self, mut joining: Joining, identity: &Identity, cx: &mut Context<'_, '_>) {
        let inbox = self.inbox(joining.user);
        let step = match &inbox.end {
            Some(end) => joining.catch_up.step(&log_name(joining.user), &end.window, cx.settings),
            None => Step::GiveUp,
        };
        match step {
            Step::Ready { recovered, events } => self.answer_join(joining, recovered, &events, identity, cx),
            Step::Load(page) => {
                inbox.loading += 1;
                cx.block(&mut joining.join.asker);
                cx.load(Load::Page(page), InboxLoad::Join(Box::new(joining)));
            }
            Step::GiveUp => cx.refuse(joining.join.asker, &refusals::unavailable()),
        }
    }

    /// The journal has brought a page for a join, or not.
    pub fn join_loaded(&mut self, mut joining: Joining, loaded: Loaded, identity: &Identity, cx: &mut Context<'_, '_>) {
        let user = joining.user;
        let inbox = self.inbox(user);
        inbox.loading -= 1;
        let taken = match (&inbox.end, page_of(loaded)) {
            (_, Err(_)) => Err(()),
            (Some(end), Ok(page)) if end.epoch == page.epoch => {
                joining.catch_up.take(&page, &end.epoch, end.window.head(), private_event)
            }
            // The log has expired, although its owner is on: what is known of its end is of no use.
            (_, Ok(_)) => {
                inbox.end = None;
                self.join_at(joining.join, identity, cx);
                return self.rest(user, identity);
            }
        };
        match taken {
            Ok(()) => self.catch_up(joining, identity, cx),
            Err(()) => cx.refuse(joining.join.asker, &refusals::unavailable()),
        }
        self.rest(user, identity);
    }

    fn answer_join(
        &self,
        joining: Joining,
        recovered: bool,
        events: &[Event],
        identity: &Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let end = self.get(joining.user).and_then(|inbox| inbox.end.as_ref());
        let Some((LogEnd { epoch, window }, user)) = end.zip(identity.user(joining.user)) else {
            return cx.refuse(joining.join.asker, &refusals::unavailable());
        };
        let epoch = cx.epoch(epoch);
        let mut members = List::new();
        let _ = members.try_push(&user.person); // one always fits
        let events = List::of_events(events);
        cx.ok_frame(joining.join.asker, |re| {
            replies::Joined::<()> {
                room: INBOX,
                kind: replies::INBOX_KIND,
                epoch: &epoch,
                seq: window.head(),
                recovered,
                events: &events,
                members: &members,
                online: 1,
                value: None,
                game: None,
            }
            .frame(re)
        });
    }

    /// Looks up where an inbox ends, unless a message on its way to it is going to tell.
    fn probe(&mut self, user: Uuid, cx: &mut Context<'_, '_>) {
        let inbox = self.inbox(user);
        if inbox.is_probing || inbox.in_flight > 0 {
            return;
        }
        inbox.is_probing = true;
        let page = PageOf { log: log_name(user), after: 0, before: u64::MAX, end: End::Newest, limit: 1, bytes: 0 };
        cx.load(Load::Page(page), InboxLoad::Probe(user));
    }

    /// The journal has said where an inbox ends, or not.
    pub fn probed(&mut self, user: Uuid, loaded: Loaded, identity: &Identity, cx: &mut Context<'_, '_>) {
        let page = page_of(loaded);
        if cx.is_shared()
            && let Ok(page) = page
        {
            // What others have written up to there may not be here yet: it would be shown once more.
            let probed = Probed { user, epoch: page.epoch, head: page.head };
            return cx.commit(Commit::default(), InboxCommit::Probed(probed));
        }
        let found = page.map(|page| (page.epoch, page.head)).map_err(|_| ());
        self.end_found(user, found, identity, cx);
    }

    /// All is known here that stood in an inbox when its end was looked up; or that can't be said.
    pub fn probe_followed(&mut self, probed: Probed, outcome: &Outcome, identity: &Identity, cx: &mut Context<'_, '_>) {
        let Probed { user, epoch, head } = probed;
        let is_known = matches!(outcome, Outcome::Committed(_));
        self.end_found(user, if is_known { Ok((epoch, head)) } else { Err(()) }, identity, cx);
    }

    fn end_found(
        &mut self,
        user: Uuid,
        found: Result<(String, u64), ()>,
        identity: &Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let fresh = cx.hub.uuid().simple().to_string();
        let inbox = self.inbox(user);
        inbox.is_probing = false;
        match found {
            // A message on its way may stand in the page and is not shown yet: its outcome will tell.
            Ok(_) if inbox.in_flight > 0 => {}
            Ok((epoch, head)) => {
                let epoch = if epoch.is_empty() { fresh } else { epoch };
                inbox.end.get_or_insert(LogEnd { epoch, window: Window::at(head) });
                self.unpark(user, identity, cx);
            }
            Err(()) => {
                for join in std::mem::take(&mut inbox.parked) {
                    cx.refuse(join.asker, &refusals::unavailable());
                }
            }
        }
        self.rest(user, identity);
    }

    /// The joins that wait go on: the end is known, or no message on its way will tell it.
    pub(super) fn settle(&mut self, user: Uuid, identity: &Identity, cx: &mut Context<'_, '_>) {
        if let Some(inbox) = self.get(user).filter(|inbox| !inbox.parked.is_empty()) {
            if inbox.end.is_some() {
                self.unpark(user, identity, cx);
            } else {
                self.probe(user, cx);
            }
        }
        self.rest(user, identity);
    }

    fn unpark(&mut self, user: Uuid, identity: &Identity, cx: &mut Context<'_, '_>) {
        for join in std::mem::take(&mut self.inbox(user).parked) {
            self.join_at(join, identity, cx);
        }
    }
}
