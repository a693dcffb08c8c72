//! `tell`: a private message, into both inboxes at once.

use uuid::Uuid;

use super::continuation::{Addressing, InboxCommit, InboxLoad, Looking, Message, Sending};
use super::inbox_log::log_name;
use super::inboxes::Inboxes;
use super::quota::Filling;
use crate::context::Context;
use crate::identity::dedup::{Answer, Dedup, Digest};
use crate::identity::directory::Identity;
use crate::identity::keys::{Before, answer_again};
use crate::identity::record::UserRecord;
use crate::identity::user::User;
use crate::person::Person;
use crate::protocol::client::{Addressee, DedupKey};
use crate::protocol::error::Refused;
use crate::protocol::record::Record;
use crate::protocol::server::{events, replies::Told};
use crate::refusals;
use crate::rooms::say::check_body;
use crate::waiters::Asker;
use parlor_core::journal::{Append, Commit, Expect, Load, Loaded, Outcome, Placed, RecordOf};
use parlor_core::{AddressBlock, ClientId};

/// Times that a message is sent again, after something else was written first.
const TRIES: u32 = 16;

impl Inboxes {
    /// Tells somebody something.
    pub fn tell(
        &mut self,
        asker: Asker,
        to: Addressee,
        body: String,
        key: Option<&DedupKey>,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Some(user) = identity.user_of(asker.client()).map(|user| user.person.id) else {
            return cx.refuse(asker, &refusals::no_such_user());
        };
        let key = key.map(Digest::of_tell);
        let mut asker = match key {
            None => asker,
            Some(digest) => match identity.before(asker, user, digest, cx) {
                Before::New(asker) => asker,
                Before::Answered(asker, answer) => return answer_again(asker, answer, cx),
                Before::UnderWay => return,
            },
        };
        let allowed = check_body(&body, cx.settings).and_then(|()| identity.may_last(asker.client(), cx));
        if let Err(refused) = allowed.map(|_| ()) {
            return cx.refuse(asker, &refused);
        }
        let to = match to {
            Addressee::Name(name) => match identity.by_name(&name) {
                Some(user) => user.person.id,
                None => return cx.refuse(asker, &refusals::no_such_user().about("to")),
            },
            Addressee::Id(id) => id,
        };
        if let Some(key) = key {
            cx.waiters.claim(&mut asker, (user, key));
        }
        match identity.user(to).map(|user| user.person.clone()) {
            Some(to) => self.send(asker, Message { to, body, key, conflicts: 0 }, identity, cx),
            None => {
                cx.block(&mut asker); // later requests must not overtake it
                let load = Load::Values(vec![UserRecord::key(to)]);
                cx.load(load, InboxLoad::Addressee(Box::new(Addressing { asker, to, body, key })));
            }
        }
    }

    /// The journal has said whether it knows the addressee.
    pub fn addressed(
        &mut self,
        addressing: Addressing,
        loaded: Loaded,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Addressing { asker, to, body, key } = addressing;
        let Loaded::Values(values) = loaded else { return cx.refuse(asker, &refusals::unavailable()) };
        let here = identity.user(to).map(|user| user.person.clone());
        let person = here.or_else(|| {
            let record = values.first().and_then(|(_, value)| UserRecord::read(value))?;
            Some(Person { id: to, name: record.name.as_str().to_owned() })
        });
        match person {
            Some(to) => self.send(asker, Message { to, body, key, conflicts: 0 }, identity, cx),
            None => cx.refuse(asker, &refusals::no_such_user().about("to")),
        }
    }

    fn send(&mut self, mut asker: Asker, message: Message, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let Message { to, body, key, .. } = &message;
        let Some(from) = identity.person_of(asker.client()) else {
            return cx.refuse(asker, &refusals::no_such_user());
        };
        let filling = match self.may_fill(asker.client(), from.id, to.id, identity, cx) {
            Ok(filling) => filling,
            Err(refused) => return cx.refuse(asker, &refused),
        };
        let (id, at, retention) = (cx.hub.uuid_by_time(), cx.now(), cx.settings.user_retention);
        let private = events::Private { id, at: at.into(), from: &from, to, body };
        let record = match Record::new(&private) {
            Ok(record) => record,
            Err(error) => return cx.refuse(asker, &Refused::from(error)),
        };
        let told = Told { id, seq: 0, at: at.into(), delivered: 0 };
        let mut commit = Commit::default();
        identity.keep(from.id, cx);
        if let Some(key) = *key {
            let record = RecordOf { append: 0, record: 0 };
            identity.write_key(from.id, (key, Answer::Told(told), at), at + retention, record, &mut commit.puts);
        }
        let absence = filling.filter(|filling| !filling.is_there).map(|filling| self.quota.state(filling.owner));
        let owners = if from.id == to.id { vec![from.id] } else { vec![from.id, to.id] };
        for owner in owners {
            let fresh = cx.hub.uuid().simple().to_string();
            let inbox = self.inbox(owner);
            inbox.in_flight += 1;
            commit.appends.push(Append {
                log: log_name(owner),
                expect: Expect::Anything,
                epoch: inbox.first_epoch(fresh),
                at,
                records: vec![record.bytes()],
                state: absence.clone().filter(|_| owner == to.id),
                expires_at: Some(at + retention),
            });
        }
        cx.hold(&mut asker);
        let sending = Sending { asker, from: from.id, message, record, told, filling };
        cx.commit(commit, InboxCommit::Tell(Box::new(sending)));
    }

    /// Counts a message to somebody else: one sender, or one address, may fill a quarter of an inbox.
    fn may_fill(
        &mut self,
        client: ClientId,
        sender: Uuid,
        owner: Uuid,
        identity: &mut Identity,
        cx: &Context<'_, '_>,
    ) -> Result<Option<Filling>, Refused> {
        if sender == owner {
            return Ok(None);
        }
        let Some(address) =
            identity.client(client).map(|client| cx.settings.signer.tag(AddressBlock::of(client.address)))
        else {
            return Ok(None);
        };
        identity.may_have_inbox(owner, client, cx)?;
        // Who drops and comes back within the grace is there.
        let is_there =
            |user: &User| user.absent_since.is_none_or(|since| cx.steady().since(since) <= cx.settings.presence_grace);
        let is_there = identity.user(owner).is_some_and(is_there);
        let filling = Filling { owner, is_there, sender, address };
        let quarter = (cx.settings.inbox_events as u64 / 4).max(1);
        match self.quota.take(filling, cx.steady(), quarter) {
            Ok(()) => Ok(Some(filling)),
            Err(full) => Err(refusals::inbox_full(full.retry_after_ms)),
        }
    }

    /// The journal has answered to a message.
    pub fn sent(&mut self, sending: Sending, outcome: Outcome, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let Sending { asker, from, message, record, mut told, filling } = sending;
        let to = message.to.id;
        self.inbox(from).in_flight -= 1;
        if from != to {
            self.inbox(to).in_flight -= 1;
        }
        match outcome {
            Outcome::Committed(places) => {
                if let Some(place) = places.first() {
                    told.seq = place.first;
                    told.delivered = self.deliver(from, place, &record, identity, cx);
                }
                if let Some(place) = places.get(1) {
                    told.delivered = self.deliver(to, place, &record, identity, cx);
                }
                if let Some(key) = message.key {
                    identity.key_written(from, told.at.into(), key, Answer::Told(told));
                }
                cx.ok(asker, &told);
            }
            Outcome::Unavailable(_) | Outcome::Unknown(_) | Outcome::Conflict => {
                if let Some(filling) = filling {
                    self.quota.give_back(filling);
                }
                match message.key {
                    Some(key) if outcome == Outcome::Conflict && message.conflicts < TRIES => {
                        let load = Load::Values(vec![Dedup::key(from, key)]);
                        cx.load(load, InboxLoad::Look(Box::new(Looking { asker, from, message })));
                    }
                    Some(_) | None if matches!(outcome, Outcome::Unknown(_)) => cx.lose(asker),
                    Some(_) | None => cx.refuse(asker, &refusals::unavailable()),
                }
            }
        }
        self.settle(from, identity, cx);
        self.settle(to, identity, cx);
    }

    /// Sends a message to every session of an inbox's owner, in order with the replies to `join`. Returns how many there
    /// are.
    pub(super) fn deliver(
        &mut self,
        owner: Uuid,
        place: &Placed,
        record: &Record,
        identity: &Identity,
        cx: &mut Context<'_, '_>,
    ) -> usize {
        let event = record.private_event(place.first);
        let bounds = (cx.settings.recover_events, cx.settings.recover_bytes);
        self.inbox(owner).push(&place.epoch, place.first, event.clone(), cx.now(), bounds);
        let sessions = identity.user(owner).map(|user| user.sessions.as_slice()).unwrap_or_default();
        for session in sessions {
            cx.hub.send(*session, event.frame());
        }
        sessions.len()
    }

    /// The journal has said whether another server has taken a message under the same key, and what it answered. If not, the
    /// message is sent again.
    pub fn looked(&mut self, looking: Looking, loaded: &Loaded, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let Looking { asker, from, mut message } = looking;
        identity.take_in_loaded(loaded, cx);
        if let Some(answer) = message.key.and_then(|key| identity.key_answer(from, key)) {
            return answer_again(asker, answer, cx);
        }
        message.conflicts += 1;
        self.send(asker, message, identity, cx);
    }
}
