//! The writer of a room: requests become events. They are decided on what is committed, written in one commit, then
//! applied, shown and answered.
//!
//! A room has one append under way at a time. Requests that come meanwhile wait, and go into one commit when the journal
//! has answered: so every decision is made on a state that stays, and nothing has ever to be taken back. Other servers may
//! write to the same log: talk stands behind theirs, and what was decided on a content that is not the newest is decided
//! again. The journal adds a message's number to the answer to its idempotency key, which is written with it.

use super::command::{Command, Decided, Done, RoomBatch, What, forfeit};
use super::content::{Content, stored};
use super::continuation::RoomCommit;
use super::id::RoomId;
use super::index::Rooms;
use super::room::Room;
use super::room_clock::RoomClock;
use crate::context::Context;
use crate::identity::dedup::Answer;
use crate::identity::directory::Identity;
use crate::protocol::record::Record;
use crate::protocol::server::replies::Said;
use crate::refusals;
use crate::timers::Due;
use parlor_core::Bytes;
use parlor_core::journal::{Append, Commit, Expect, Outcome, Placed, RecordOf};

/// Time until a forfeit that could not be written is tried again.
const FORFEIT_AGAIN: std::time::Duration = std::time::Duration::from_secs(1);

impl Rooms {
    /// Puts a command behind the others that wait in its room, and writes them if nothing is being written there.
    pub(super) fn command(
        &mut self,
        room: RoomId,
        mut command: Command,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Some(found) = self.get_mut(room) else { return cx.refuse(command.asker, &refusals::no_such_room()) };
        if found.waiting.len() >= cx.settings.room_queue {
            return cx.refuse(command.asker, &refusals::busy());
        }
        cx.hold(&mut command.asker);
        found.waiting.push_back(command);
        self.write(room, identity, cx);
    }

    /// Decides what waits, and writes it. A forfeit that is due comes first, and is in no queue: however much is asked of
    /// the room, it can't be crowded out.
    pub fn write(&mut self, room: RoomId, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        while let Some(found) = self.get_mut(room)
            && found.in_flight.is_none()
            && !found.is_looking
            && !found.turn.is_others()
        {
            let many = found.waiting.len().min(cx.settings.room_batch);
            let commands: Vec<Command> = found.waiting.drain(..many).collect();
            let (batch, commit) = decide(found, commands, identity, cx);
            match commit {
                Some(commit) => {
                    batch.lasting.iter().for_each(|user| identity.keep(*user, cx));
                    found.in_flight = Some(batch);
                    return cx.commit(commit, RoomCommit::Batch(room));
                }
                None if batch.decided.is_empty() => return,
                None => {
                    for decided in batch.decided {
                        self.answer(room, decided, identity, cx);
                    }
                }
            }
        }
    }

    /// The journal has answered.
    pub fn written(&mut self, room: RoomId, outcome: Outcome, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let Some(found) = self.get_mut(room) else { return };
        let Some(batch) = found.in_flight.take() else { return };
        match outcome {
            Outcome::Committed(places) => self.apply(room, batch, &places, identity, cx),
            Outcome::Conflict => {
                for decided in &batch.decided {
                    found.seating.break_promise(decided.command.asker.client());
                }
                self.decide_again(room, batch, cx);
            }
            Outcome::Unavailable(_) | Outcome::Unknown(_) => {
                for decided in &batch.decided {
                    found.seating.break_promise(decided.command.asker.client());
                }
                let is_unknown = matches!(outcome, Outcome::Unknown(_)); // if it is written, it is followed
                for Decided { command: Command { asker, .. }, .. } in batch.decided {
                    if is_unknown { cx.lose(asker) } else { cx.refuse(asker, &refusals::unavailable()) }
                }
                self.put_off_forfeit(room, cx);
            }
        }
        self.write(room, identity, cx);
    }

    fn apply(
        &mut self,
        room: RoomId,
        batch: RoomBatch,
        places: &[Placed],
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let now = RoomClock::at(cx.steady());
        cx.happened_at = batch.at;
        let mut shift = 0;
        if let Some(found) = self.get_mut(room) {
            (found.used_at, found.written_at) = (now, now);
            let first = places.first().map_or(found.head + 1, |placed| placed.first);
            shift = first.saturating_sub(batch.decided_at + 1);
            found.version = places.first().map_or(found.version, |placed| placed.version);
            found.turn.refused = 0;
            found.show(&batch.records, first, cx.settings, cx.hub);
            found.last_at = batch.at;
            if let Some(content) = batch.content {
                found.content = content;
            }
        }
        for decided in batch.decided {
            let result = decided.result.map(|done| done.shifted(shift));
            self.answer(room, Decided { result, ..decided }, identity, cx);
        }
        self.check_turn(room, cx);
    }

    fn answer(&mut self, room: RoomId, decided: Decided, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let Decided { command: Command { asker, by, what }, result, key } = decided;
        match (result, what) {
            (Ok(Done::Said(said)), _) => {
                if let Some(digest) = key {
                    identity.key_written(by.id, said.at.into(), digest, Answer::Said(said));
                }
                cx.ok(asker, &said);
            }
            (Ok(Done::SaidBefore(said)), _) => cx.ok(asker, &said),
            (Ok(Done::Counted(counted)), _) => cx.ok(asker, &counted),
            (Ok(Done::Moved(moved)), _) => cx.ok(asker, &moved),
            (Ok(Done::Seated(seat)), What::Sit { secret, join }) => {
                let (seat, proof) = seat.map(|seat| (seat, secret)).unzip();
                self.enter_room(asker, room, &join, seat, proof, identity, cx);
            }
            (Ok(Done::Seated(_)), What::Say { .. } | What::Count { .. } | What::Move { .. }) => {
                cx.refuse(asker, &refusals::internal("only a join takes a seat"));
            }
            (Err(refused), _) => cx.refuse(asker, &refused),
        }
    }

    /// A forfeit that is due could not be written: it is tried again soon.
    pub(super) fn put_off_forfeit(&mut self, room: RoomId, cx: &mut Context<'_, '_>) {
        let now = cx.steady();
        let Some(found) = self.get_mut(room) else { return };
        if let Some(table) = found.content.table()
            && found.seating.forfeit_due(&*table.game, now).is_some()
        {
            found.seating.put_off_forfeit(now + FORFEIT_AGAIN);
            cx.timers.set(now + FORFEIT_AGAIN, Due::Forfeit(room));
        }
    }
}

/// Returns the answer to a message that another server has taken meanwhile, under the same key.
fn said_before(command: &Command, refused: u32, identity: &Identity) -> Option<Said> {
    let What::Say { key: Some(digest), .. } = &command.what else { return None };
    let answer = (refused > 0).then(|| identity.key_answer(command.by.id, *digest)).flatten()?;
    match answer {
        Answer::Said(said) => Some(said),
        Answer::Told(_) => None,
    }
}

/// Decides commands one after the other. Without a commit there is nothing to write.
fn decide(
    room: &mut Room,
    commands: Vec<Command>,
    identity: &mut Identity,
    cx: &Context<'_, '_>,
) -> (RoomBatch, Option<Commit>) {
    let (at, retention) = (cx.now(), cx.settings.user_retention);
    let (decided, records, lasting) = (Vec::new(), Vec::new(), Vec::new());
    let mut batch = RoomBatch { at, decided_at: room.head, decided, records, content: None, lasting };
    let mut commit = Commit::default();
    if let Some(table) = room.content.table()
        && let Some(seat) = room.seating.forfeit_due(&*table.game, cx.steady())
        && let Ok((records, table)) = forfeit(table, seat)
    {
        batch.records = records;
        batch.content = Some(Content::Table(Box::new(table)));
    }
    for command in commands {
        let record = batch.records.len();
        let seq = room.head + 1 + record as u64;
        let content = batch.content.as_ref().unwrap_or(&room.content);
        let result = match said_before(&command, room.turn.refused, identity) {
            Some(said) => Ok(Done::SaidBefore(said)),
            None => command.decide(content, &room.seating, seq).map(|decision| {
                batch.records.extend(decision.records);
                batch.content = decision.content.or(batch.content.take());
                decision.done
            }),
        };
        let mut key = None;
        if let (Ok(Done::Said(said)), What::Say { key: Some(digest), .. }) = (&result, &command.what) {
            let answer = (*digest, Answer::Said(Said { seq: 0, ..*said }), said.at.into());
            let record = RecordOf { append: 0, record };
            identity.write_key(command.by.id, answer, at + retention, record, &mut commit.puts);
            key = Some(*digest);
        }
        if let Ok(Done::Seated(Some(seat))) = result {
            room.seating.promise(command.asker.client(), seat);
        }
        if matches!(result, Ok(Done::Said(_) | Done::Seated(Some(_)))) {
            batch.lasting.push(command.by.id);
        }
        batch.decided.push(Decided { command, result, key });
    }
    if batch.records.is_empty() && batch.content.is_none() {
        return (batch, None);
    }
    let Ok(state) = batch.content.as_ref().map(|content| stored(content, room.about(None))).transpose() else {
        for decided in &mut batch.decided {
            room.seating.break_promise(decided.command.asker.client());
            decided.result = Err(refusals::internal("the room can't be written down"));
        }
        return (batch, None);
    };
    // Talk may stand behind whatever others have said meanwhile. What changes the content is decided on this version of it.
    let expect = if state.is_some() { Expect::Version(room.version) } else { Expect::Epoch };
    commit.appends.push(Append {
        log: room.log.clone(),
        expect,
        epoch: room.epoch.clone(),
        at,
        records: batch.records.iter().map(Record::bytes).collect(),
        state: state.map(Bytes::from),
        expires_at: None,
    });
    (batch, Some(commit))
}
