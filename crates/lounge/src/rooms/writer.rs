//! How what is asked of a room becomes events: decided on what is committed, written in one go, then applied, shown and
//! answered.
//!
//! A room has one append under way at a time. What is asked meanwhile waits, and goes into one commit when the journal has
//! answered: so every decision is made on a state that stays, every event's number is known when it is written (a dedup
//! key's answer can be written with it), nothing has ever to be taken back, and where others write to the same log an
//! `Expect::Head` finds out.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::Lounge;
use crate::games::game;
use crate::games::host::SeatName;
use crate::identity::dedup::{Answer, Digest};
use crate::identity::retention::Keep;
use crate::pending::Pending;
use crate::person::Person;
use crate::protocol::client::Join;
use crate::protocol::error::Refused;
use crate::protocol::record::Record;
use crate::protocol::server::replies::Said;
use crate::refusals;
use crate::rooms::decide::{Done, decide};
use crate::rooms::room::{Content, Room, RoomId, stored};
use crate::secret::Secret;
use crate::settings::LoungeSettings;
use crate::waiters::Asker;
use parlor_core::Hold;
use parlor_core::Hub;
use parlor_core::Time;
use parlor_core::journal::{Append, Commit, Expect, Outcome, Placed, Put};

/// Something asked of a room.
pub struct Command {
    /// `None`: the lounge itself.
    pub asker: Option<Asker>,
    /// Who asks, or whose doing it counts as, by the name they had then.
    pub by: Person,
    pub hold: Option<Hold>,
    pub what: What,
}

pub enum What {
    /// Written down already; the `seq` of `said` is still to come.
    Say {
        record: Record,
        said: Said,
        key: Option<Digest>,
    },
    Count {
        by: i8,
    },
    /// `seat`: the one its session plays.
    Move {
        seat: Option<SeatName>,
        command: game::Command<Map<String, Value>>,
    },
    /// The countdown that was to end at `at` has ended.
    Forfeit {
        seat: SeatName,
        at: Time,
    },
    /// `secret` is to prove the seat. Then the join goes on.
    Sit {
        secret: Secret,
        join: Box<Join>,
    },
}

/// Commands that were decided together.
pub struct Batch {
    at: Time,
    decided: Vec<Decided>,
    records: Vec<Record>,
    /// The content after all of them, if it changes.
    content: Option<Content>,
    keeps: Vec<Keep>,
}

struct Decided {
    command: Command,
    result: Result<Done, Refused>,
    /// The number of its dedup key.
    key: Option<(u64, Digest)>,
}

impl Lounge {
    /// Puts a command to the others that wait in its room, and writes them if nothing is being written there.
    pub(crate) fn command(&mut self, room: RoomId, command: Command, hub: &mut Hub<'_>) {
        let Some(found) = self.rooms.get_mut(room) else {
            self.give_up(command, &refusals::no_such_room(), hub);
            return;
        };
        if found.waiting.len() >= self.settings.room_queue {
            self.give_up(command, &refusals::busy(), hub);
            return;
        }
        found.waiting.push_back(command);
        self.write_room(room, hub);
    }

    /// Decides what waits, and writes it.
    pub(crate) fn write_room(&mut self, room: RoomId, hub: &mut Hub<'_>) {
        while let Some(found) = self.rooms.get_mut(room)
            && found.in_flight.is_none()
            && !found.is_following
            && !found.waiting.is_empty()
        {
            let many = found.waiting.len().min(self.settings.room_batch);
            let commands: Vec<Command> = found.waiting.drain(..many).collect();
            let (batch, commit) = self.decide_all(room, commands, hub);
            match commit {
                Some(commit) => {
                    let ticket = hub.commit_detached(commit);
                    self.pending.insert(ticket, Pending::Batch(room));
                    if let Some(found) = self.rooms.get_mut(room) {
                        found.in_flight = Some(batch);
                    }
                }
                None => batch.decided.into_iter().for_each(|decided| self.answer(room, decided, hub)),
            }
        }
    }

    /// Decides commands one after the other; `None`: they come to nothing that is to be written.
    fn decide_all(&mut self, room: RoomId, commands: Vec<Command>, hub: &Hub<'_>) -> (Batch, Option<Commit>) {
        let at = hub.now();
        let mut batch = Batch { at, decided: Vec::new(), records: Vec::new(), content: None, keeps: Vec::new() };
        let Some(found) = self.rooms.get(room) else { return (batch, None) };
        let mut commit = Commit::default();
        for command in commands {
            let seq = found.head + 1 + batch.records.len() as u64;
            let content = batch.content.as_ref().unwrap_or(&found.content);
            let decision = decide(&command, found, content, seq);
            let mut key = None;
            let result = decision.map(|decision| {
                batch.records.extend(decision.records);
                batch.content = decision.content.or(batch.content.take());
                decision.done
            });
            if let (Ok(Done::Said(said)), What::Say { key: Some(digest), .. }) = (&result, &command.what)
                && let Some(user) = self.people.get_mut(command.by.id)
            {
                let (number, name, value) = user.dedup.write(command.by.id, *digest, Answer::Said(*said));
                key = Some((number, *digest));
                commit.puts.push(Put {
                    key: name,
                    value: Some(value.into()),
                    expires_at: Some(at + self.settings.user_retention),
                });
            }
            if matches!(result, Ok(Done::Said(_) | Done::Seated(Some(_))))
                && batch.keeps.iter().all(|keep| keep.user != command.by.id)
            {
                batch.keeps.extend(self.keep(command.by.id, at, &mut commit.puts));
            }
            batch.decided.push(Decided { command, result, key });
        }
        if batch.records.is_empty() && batch.content.is_none() {
            return (batch, None);
        }
        let Ok(state) = batch.content.as_ref().map(|content| stored(content, found.is_unlisted)).transpose() else {
            for decided in &mut batch.decided {
                decided.result = Err(refusals::internal("the room can't be written down"));
            }
            return (batch, None);
        };
        commit.appends.push(Append {
            log: found.log.clone(),
            expect: Expect::Head(found.head),
            epoch: found.epoch.clone(),
            at,
            records: batch.records.iter().map(Record::bytes).collect(),
            state: state.map(Bytes::from),
            expires_at: None,
        });
        (batch, Some(commit))
    }

    /// The journal has answered.
    pub(crate) fn room_written(&mut self, room: RoomId, outcome: Outcome, hub: &mut Hub<'_>) {
        let Some(batch) = self.rooms.get_mut(room).and_then(|room| room.in_flight.take()) else { return };
        match outcome {
            Outcome::Committed(places) => self.apply(room, batch, &places, hub),
            Outcome::Conflict => {
                self.follow(room, batch.decided.into_iter().map(|decided| decided.command).collect(), hub);
            }
            Outcome::Unavailable(_) => {
                for decided in batch.decided {
                    if matches!(decided.result, Ok(Done::Forfeited)) {
                        self.forfeit_later(room, hub);
                    }
                    self.give_up(decided.command, &refusals::unavailable(), hub);
                }
            }
        }
        self.write_room(room, hub);
    }

    fn apply(&mut self, room: RoomId, batch: Batch, places: &[Placed], hub: &mut Hub<'_>) {
        self.kept(&batch.keeps);
        if let Some(found) = self.rooms.get_mut(room) {
            let first = places.first().map_or(found.head + 1, |placed| placed.first);
            show(found, &batch.records, first, &self.settings, hub);
            found.last_at = batch.at;
            if let Some(content) = batch.content {
                found.content = content;
            }
        }
        for decided in batch.decided {
            self.answer(room, decided, hub);
        }
        self.mind_seats(room, hub);
    }

    fn answer(&mut self, room: RoomId, decided: Decided, hub: &mut Hub<'_>) {
        let Decided { command, result, key } = decided;
        let done = match result {
            Ok(done) => done,
            Err(refused) => return self.give_up(command, &refused, hub),
        };
        if let Some(hold) = command.hold {
            hub.release(hold);
        }
        let Some(asker) = command.asker else { return };
        match done {
            Done::Said(said) => {
                self.ok(&asker, &said, hub);
                if let Some((number, digest)) = key {
                    self.answered(command.by.id, number, digest, Answer::Said(said), hub);
                }
            }
            Done::Counted(counted) => self.ok(&asker, &counted, hub),
            Done::Moved(moved) => self.ok(&asker, &moved, hub),
            Done::Seated(seat) => {
                if let What::Sit { secret, join } = command.what {
                    self.seated(asker, room, seat.map(|seat| (seat, secret)), &join, hub);
                }
            }
            Done::Forfeited => {}
        }
    }

    /// A command that comes to nothing.
    pub(crate) fn give_up(&mut self, command: Command, refused: &Refused, hub: &mut Hub<'_>) {
        if let Some(hold) = command.hold {
            hub.release(hold);
        }
        let Some(asker) = command.asker else { return };
        self.refuse(&asker, refused, hub);
        match command.what {
            What::Say { key: Some(digest), .. } => self.unanswered(command.by.id, digest, refused, hub),
            What::Sit { .. } => self.go_on(asker.client, hub),
            What::Say { key: None, .. } | What::Count { .. } | What::Move { .. } | What::Forfeit { .. } => {}
        }
    }
}

/// Shows committed events to who is in the room.
pub(crate) fn show(room: &mut Room, records: &[Record], first: u64, settings: &LoungeSettings, hub: &mut Hub<'_>) {
    for (record, seq) in records.iter().zip(first..) {
        room.head = seq;
        let Some(live) = &mut room.live else { continue };
        let event = record.event(room.name.as_str(), seq);
        if !live.presence.is_empty() {
            hub.broadcast(room.id.group(), event.frame());
        }
        let (events_max, bytes_max) = match live.loading {
            0 => (settings.window_events, settings.window_bytes),
            // What a page that is on its way is to be continued with.
            _ => (settings.recover_events, settings.recover_bytes),
        };
        live.window.push(event, events_max, bytes_max);
    }
}
