//! Private messages: a log for each user.

use uuid::Uuid;

use crate::Lounge;
use crate::pending::Pending;
use crate::protocol::client::Since;
use crate::protocol::codec::INBOX;
use crate::protocol::record::{Event, Record};
use crate::protocol::server::{List, replies};
use crate::refusals;
use crate::rooms::catch_up::{CatchUp, Step};
use crate::rooms::join::{Joining, Place, page_of};
use crate::rooms::window::Window;
use crate::waiters::Asker;
use parlor_core::Hub;
use parlor_core::journal::{End, Load, Loaded, LogName, PageOf};

/// An inbox in use: somebody reads it, or something is on its way to it.
///
/// There for users who are on, and as long as something is under way.
#[derive(Default)]
pub struct Inbox {
    /// The log's own; made up beforehand for a log that is not there yet.
    pub epoch: Option<String>,
    /// The newest events that were shown; none of them if nobody reads. `None`: it is not known where the log ends.
    pub window: Option<Window>,
    /// Messages on their way to it.
    pub in_flight: usize,
    /// Joins that wait for a page.
    pub loading: usize,
    /// Joins that wait until it is known where the log ends. Bounded: a client waits for its own.
    pub parked: Vec<(Asker, Option<Since>, usize)>,
    pub is_probing: bool,
}

/// The end of an inbox is being looked up.
pub struct Probe {
    user: Uuid,
}

pub fn log_name(user: Uuid) -> LogName {
    LogName::new(&format!("inbox/{user}"))
}

impl Inbox {
    /// A message has come to stand in the log, and is shown.
    pub fn push(&mut self, epoch: &str, seq: u64, event: Event, events_max: usize, bytes_max: usize) {
        self.epoch = Some(epoch.to_owned());
        let (events_max, bytes_max) = if self.loading > 0 { (events_max, bytes_max) } else { (0, 0) };
        match &mut self.window {
            Some(window) if window.head() + 1 == seq => window.push(event, events_max, bytes_max),
            Some(_) | None => self.window = Some(Window::at(seq)),
        }
    }

    fn is_idle(&self) -> bool {
        self.in_flight == 0 && self.loading == 0 && self.parked.is_empty() && !self.is_probing
    }
}

impl Lounge {
    pub(crate) fn inbox(&mut self, user: Uuid) -> &mut Inbox {
        self.inboxes.entry(user).or_default()
    }

    /// Forgets about the inbox of somebody who is not on, unless something is under way.
    pub(crate) fn rest_inbox(&mut self, user: Uuid) {
        let is_online = self.people.get(user).is_some_and(|user| user.is_online());
        if !is_online && self.inboxes.get(&user).is_some_and(Inbox::is_idle) {
            self.inboxes.remove(&user);
        }
    }

    pub(crate) fn join_inbox(&mut self, asker: Asker, since: Option<Since>, limit: usize, hub: &mut Hub<'_>) {
        let Some(user) = self.sessions.get(&asker.client).map(|session| session.user) else { return };
        let inbox = self.inbox(user);
        match (&inbox.window, &inbox.epoch) {
            (Some(window), Some(epoch)) => {
                let head = window.head();
                let epoch = epoch.clone();
                let catch_up = CatchUp::new(since.as_ref(), limit, &self.epoch(&epoch), head, &self.settings);
                self.catch_up(Joining { asker, place: Place::Inbox(user), catch_up, seat: None, proof: None }, hub);
            }
            (None, _) | (_, None) => {
                let client = asker.client;
                inbox.parked.push((asker, since, limit));
                self.wait(client);
                self.probe(user, hub);
            }
        }
    }

    /// Finds out where an inbox ends, unless a message on its way to it is going to tell.
    pub(crate) fn probe(&mut self, user: Uuid, hub: &mut Hub<'_>) {
        let inbox = self.inbox(user);
        if inbox.is_probing || inbox.in_flight > 0 {
            return;
        }
        inbox.is_probing = true;
        let page = PageOf { log: log_name(user), after: 0, before: u64::MAX, end: End::Newest, limit: 1, bytes: 0 };
        let ticket = hub.load(Load::Page(page));
        self.pending.insert(ticket, Pending::Probe(Probe { user }));
    }

    pub(crate) fn inbox_probed(&mut self, probe: &Probe, loaded: Loaded, hub: &mut Hub<'_>) {
        let epoch = hub.uuid().simple().to_string();
        let inbox = self.inbox(probe.user);
        inbox.is_probing = false;
        match page_of(loaded) {
            // What is on its way may stand in the page and is not shown yet: its outcome will tell.
            Ok(_) if inbox.in_flight > 0 => {}
            Ok(page) => {
                if inbox.window.is_none() {
                    inbox.window = Some(Window::at(page.head));
                    inbox.epoch = Some(page.epoch).filter(|epoch| !epoch.is_empty()).or(Some(epoch));
                }
                self.unpark(probe.user, hub);
            }
            Err(()) => {
                for (asker, ..) in std::mem::take(&mut inbox.parked) {
                    self.refuse(&asker, &refusals::unavailable(), hub);
                    self.go_on(asker.client, hub);
                }
            }
        }
        self.rest_inbox(probe.user);
    }

    /// It is known where the inbox ends, or no message is on its way that will tell: on with the joins.
    pub(crate) fn unpark(&mut self, user: Uuid, hub: &mut Hub<'_>) {
        let parked = self.inboxes.get_mut(&user).map(|inbox| std::mem::take(&mut inbox.parked));
        for (asker, since, limit) in parked.unwrap_or_default() {
            let client = asker.client;
            if let Some(session) = self.sessions.get_mut(&client) {
                session.is_busy = false;
                self.join_inbox(asker, since, limit, hub);
                self.handle_waiting(client, hub);
            }
        }
    }

    pub(crate) fn inbox_step(&mut self, user: Uuid, catch_up: &mut CatchUp) -> Step {
        match self.inboxes.get(&user).and_then(|inbox| inbox.window.as_ref()) {
            Some(window) => catch_up.step(&log_name(user), window, &self.settings),
            None => Step::GiveUp,
        }
    }

    pub(crate) fn take_inbox_page(&mut self, user: Uuid, catch_up: &mut CatchUp, loaded: Loaded) -> Result<(), ()> {
        let inbox = self.inboxes.get_mut(&user).ok_or(())?;
        inbox.loading -= 1;
        let (Some(window), Some(epoch)) = (&inbox.window, &inbox.epoch) else { return Err(()) };
        let event = |seq, record: &bytes::Bytes| {
            Record::from_bytes(record.clone()).ok().map(|record| record.private_event(seq))
        };
        catch_up.take(&page_of(loaded)?, epoch, window.head(), event)
    }

    pub(crate) fn joined_inbox(&self, asker: &Asker, user: Uuid, recovered: bool, events: &[Event], hub: &mut Hub<'_>) {
        let Some(user) = self.people.get(user) else { return };
        let Some(inbox) = self.inboxes.get(&user.person.id) else { return };
        let (Some(window), Some(epoch)) = (&inbox.window, &inbox.epoch) else { return };
        let mut members = List::new();
        let _ = members.try_push(&user.person); // one always fits
        let reply = |re: &_| {
            replies::Joined::<()> {
                room: INBOX,
                kind: replies::LogKind::Inbox,
                epoch: &self.epoch(epoch),
                seq: window.head(),
                recovered,
                events: &List::of_events(events),
                members: &members,
                online: 1,
                value: None,
                game: None,
            }
            .frame(re)
        };
        self.ok_frame(asker, reply, hub);
    }
}
