//! `tell`: a private message, into both inboxes at once.

use uuid::Uuid;

use crate::Lounge;
use crate::identity::dedup::{Answer, Digest};
use crate::identity::retention::{Before, Keep, Kept};
use crate::inbox::state::log_name;
use crate::pending::Pending;
use crate::person::Person;
use crate::protocol::client::{Addressee, DedupKey};
use crate::protocol::error::Refused;
use crate::protocol::record::Record;
use crate::protocol::server::{events, replies::Told};
use crate::refusals;
use crate::rooms::join::page_of;
use crate::waiters::Asker;
use parlor_core::Hub;
use parlor_core::journal::{Append, Commit, End, Expect, Load, Loaded, Outcome, PageOf, Placed, Put};

/// A message whose addressee is being looked up.
pub struct Addressing {
    asker: Asker,
    to: Uuid,
    body: String,
    key: Option<Digest>,
}

/// A message that is being written.
pub struct Sending {
    asker: Asker,
    from: Uuid,
    to: Uuid,
    record: Record,
    told: Told,
    key: Option<(u64, Digest)>,
    keeps: Vec<Keep>,
}

/// A message sent before, looked for in its sender's inbox.
pub struct Searching {
    asker: Asker,
    user: Uuid,
    key: Digest,
    told: Told,
}

impl Lounge {
    pub(crate) fn tell(
        &mut self,
        asker: Asker,
        to: Addressee,
        body: String,
        key: Option<&DedupKey>,
        hub: &mut Hub<'_>,
    ) {
        let Some(user) = self.user_of(asker.client).map(|user| user.person.id) else { return };
        let key = key.map(Digest::of_tell);
        if let Some(key) = key {
            match self.asked_before(&asker, user, key, hub) {
                Some(Before::Answered(Answer::Told(told))) if told.seq == 0 => {
                    return self.search(Searching { asker, user, key, told }, u64::MAX, hub);
                }
                Some(Before::Answered(answer)) => return self.ok_again(&asker, answer, hub),
                Some(Before::UnderWay) => return,
                None => {}
            }
        }
        if let Err(refused) = self.check_body(&body).and_then(|()| self.may_last(asker.client, hub)) {
            return self.refuse(&asker, &refused, hub);
        }
        let to = match to {
            Addressee::Name(name) => match self.people.by_name(&name) {
                Some(user) => user.person.id,
                None => return self.refuse(&asker, &refusals::no_such_user(), hub),
            },
            Addressee::Id(id) => id,
        };
        match self.people.get(to).map(|user| user.person.clone()) {
            Some(person) => self.send_private(asker, person, &body, key, hub),
            None => {
                // Those after it must not overtake it.
                self.wait(asker.client);
                let ticket = hub.load(Load::Values(vec![Kept::key(to)]));
                self.pending.insert(ticket, Pending::Addressee(Box::new(Addressing { asker, to, body, key })));
            }
        }
    }

    pub(crate) fn addressee_loaded(&mut self, addressing: Addressing, loaded: Loaded, hub: &mut Hub<'_>) {
        let Addressing { asker, to, body, key } = addressing;
        let client = asker.client;
        let here = self.people.get(to).map(|user| user.person.clone());
        let kept = match loaded {
            Loaded::Values(values) => Ok(values.first().and_then(|(_, value)| Kept::read(value))),
            Loaded::Page(_) | Loaded::Unavailable(_) => Err(refusals::unavailable()),
        };
        let person =
            kept.map(|kept| here.or_else(|| kept.map(|kept| Person { id: to, name: kept.name.as_str().to_owned() })));
        match person {
            Ok(Some(person)) => self.send_private(asker, person, &body, key, hub),
            Ok(None) => self.refuse(&asker, &refusals::no_such_user(), hub),
            Err(refused) => self.refuse(&asker, &refused, hub),
        }
        self.go_on(client, hub);
    }

    fn send_private(&mut self, asker: Asker, to: Person, body: &str, key: Option<Digest>, hub: &mut Hub<'_>) {
        let Some(from) = self.user_of(asker.client).map(|user| user.person.clone()) else { return };
        let (id, at) = (hub.uuid_by_time(), hub.now());
        let private = events::Private { id, at: at.into(), from: &from, to: &to, body };
        let record = match Record::new(&private) {
            Ok(record) => record,
            Err(error) => return self.refuse(&asker, &Refused::from(error), hub),
        };
        let told = Told { id, seq: 0, at: at.into(), delivered: 0 };
        let mut commit = Commit::default();
        let keeps: Vec<Keep> = self.keep(from.id, at, &mut commit.puts).into_iter().collect();
        let key = key.and_then(|key| {
            let dedup = &mut self.people.get_mut(from.id)?.dedup;
            dedup.begin(key);
            let (number, name, value) = dedup.write(from.id, key, Answer::Told(told));
            let expires_at = Some(at + self.settings.user_retention);
            commit.puts.push(Put { key: name, value: Some(value.into()), expires_at });
            Some((number, key))
        });
        let owners = if from.id == to.id { vec![from.id] } else { vec![from.id, to.id] };
        for owner in owners {
            let epoch = hub.uuid().simple().to_string();
            let inbox = self.inbox(owner);
            inbox.in_flight += 1;
            commit.appends.push(Append {
                log: log_name(owner),
                expect: Expect::Anything,
                epoch: inbox.epoch.clone().unwrap_or(epoch),
                at,
                records: vec![record.bytes()],
                state: None,
                expires_at: Some(at + self.settings.user_retention),
            });
        }
        let ticket = hub.commit(commit);
        let sending = Sending { asker, from: from.id, to: to.id, record, told, key, keeps };
        self.pending.insert(ticket, Pending::Tell(Box::new(sending)));
    }

    pub(crate) fn sent(&mut self, sending: Sending, outcome: Outcome, hub: &mut Hub<'_>) {
        let Sending { asker, from, to, record, mut told, key, keeps } = sending;
        self.inbox(from).in_flight -= 1;
        if from != to {
            self.inbox(to).in_flight -= 1;
        }
        match outcome {
            Outcome::Committed(places) => {
                self.kept(&keeps);
                if let Some(place) = places.first() {
                    told.seq = place.first;
                    told.delivered = self.deliver(from, place, &record, hub);
                }
                if let Some(place) = places.get(1) {
                    told.delivered = self.deliver(to, place, &record, hub);
                }
                self.ok(&asker, &told, hub);
                if let Some((number, key)) = key {
                    self.answered(from, number, key, Answer::Told(told), hub);
                }
            }
            Outcome::Unavailable(_) | Outcome::Conflict => {
                self.refuse(&asker, &refusals::unavailable(), hub);
                if let Some((_, key)) = key {
                    self.unanswered(from, key, &refusals::unavailable(), hub);
                }
            }
        }
        self.settle_inbox(from, hub);
        self.settle_inbox(to, hub);
    }

    /// To every session of an inbox's owner, by `send`: it stands in order with the replies to `join`. How many there are.
    fn deliver(&mut self, owner: Uuid, place: &Placed, record: &Record, hub: &mut Hub<'_>) -> usize {
        let event = record.private_event(place.first);
        let (events_max, bytes_max) = (self.settings.recover_events, self.settings.recover_bytes);
        self.inbox(owner).push(&place.epoch, place.first, event.clone(), events_max, bytes_max);
        let sessions = self.people.get(owner).map(|user| user.sessions.as_slice()).unwrap_or_default();
        for session in sessions {
            hub.send(*session, event.frame());
        }
        sessions.len()
    }

    fn settle_inbox(&mut self, owner: Uuid, hub: &mut Hub<'_>) {
        if let Some(inbox) = self.inboxes.get(&owner).filter(|inbox| !inbox.parked.is_empty()) {
            if inbox.window.is_some() {
                self.unpark(owner, hub);
            } else {
                self.probe(owner, hub);
            }
        }
        self.rest_inbox(owner);
    }

    /// Looks for a message sent before the server started, to say where it stands.
    fn search(&mut self, searching: Searching, before: u64, hub: &mut Hub<'_>) {
        let log = log_name(searching.user);
        let page = PageOf { log, after: 0, before, end: End::Newest, limit: 1000, bytes: 1024 * 1024 };
        self.wait(searching.asker.client);
        let ticket = hub.load(Load::Page(page));
        self.pending.insert(ticket, Pending::Search(Box::new(searching)));
    }

    pub(crate) fn search_loaded(&mut self, searching: Searching, loaded: Loaded, hub: &mut Hub<'_>) {
        let client = searching.asker.client;
        let Ok(page) = page_of(loaded) else {
            self.refuse(&searching.asker, &refusals::unavailable(), hub);
            return self.go_on(client, hub);
        };
        let id = searching.told.id.to_string();
        let found = page.records.iter().find(|(_, record)| {
            let record = serde_json::from_slice::<serde_json::Value>(record).unwrap_or_default();
            record.get("id").and_then(|id| id.as_str()) == Some(&id)
        });
        if let (None, true, Some((first, _))) = (found, page.more, page.records.first()) {
            return self.search(searching, *first, hub);
        }
        // 0 if the inbox does not reach back to it any more.
        let told = Told { seq: found.map_or(0, |(seq, _)| *seq), ..searching.told };
        if let Some(user) = self.people.get_mut(searching.user) {
            user.dedup.mend(searching.key, Answer::Told(told));
        }
        self.ok(&searching.asker, &told, hub);
        self.go_on(client, hub);
    }
}
