//! What other servers wrote: events are shown, states are taken in, and what was asked here meanwhile is decided again.

use log::{error, warn};

use super::command::{Decided, RoomBatch, What};
use super::content::restored;
use super::continuation::RoomLoad;
use super::id::RoomId;
use super::index::Rooms;
use super::room::Room;
use super::room_clock::RoomClock;
use super::window::Window;
use crate::context::Context;
use crate::identity::dedup::Dedup;
use crate::identity::directory::Identity;
use crate::protocol::record::Record;
use crate::refusals;
use parlor_core::Close;
use parlor_core::journal::{Amend, FollowedAppend, Load, Loaded, LogName, LogState, WriterName};

/// Times that a batch is decided. Each time but the last, another server was first.
const TRIES: u32 = 16;

impl Rooms {
    /// Another server has written to a log.
    pub fn follow(
        &mut self,
        writer: &WriterName,
        append: FollowedAppend,
        identity: &mut Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let Some(name) = Room::name_of(&append.log) else { return };
        match self.id(&name).filter(|room| self.get(*room).is_some_and(|room| room.epoch == append.placed.epoch)) {
            Some(room) => {
                self.take_in(room, append, cx);
                if self.has_had_turn(room, writer, cx) {
                    self.write(room, identity, cx);
                }
            }
            None => self.appear(append, identity, cx),
        }
    }

    fn take_in(&mut self, room: RoomId, append: FollowedAppend, cx: &mut Context<'_, '_>) {
        let now = RoomClock::at(cx.steady());
        let FollowedAppend { log, placed, at, records, state } = append;
        let Some(found) = self.get_mut(room) else { return };
        (found.used_at, found.written_at) = (now, now);
        found.version = placed.version;
        if let Some(state) = state {
            match restored(&state, &cx.settings.games) {
                Ok((content, about)) => (found.content, found.later) = (content, about.later),
                Err(words) => error!("{log}: a state that another server wrote can't be read: {words}"),
            }
        }
        if !records.is_empty() {
            found.last_at = at;
        }
        match records.into_iter().map(Record::from_bytes).collect::<Result<Vec<_>, _>>() {
            Ok(records) => found.show(&records, placed.first, cx.settings, cx.hub),
            Err(error) => {
                error!("{log}: events that another server wrote can't be read: {error}");
                found.head = placed.head;
                found.live.iter_mut().for_each(|live| live.window = Window::at(placed.head));
            }
        }
        self.check_turn(room, cx);
    }

    /// Another server has created a room, in the place of one that is gone if there was one.
    fn appear(&mut self, append: FollowedAppend, identity: &Identity, cx: &mut Context<'_, '_>) {
        let FollowedAppend { log, placed, at, state, .. } = append;
        let Some(state) = state else { return warn!("{log}: another server's room has no state") };
        self.disappear(&log, identity, cx);
        let (first, idle) = (placed.first, std::time::Duration::ZERO);
        let (head, version) = (placed.head, placed.version);
        self.restore(LogState { log, epoch: placed.epoch, first, head, version, at, idle, state }, cx);
    }

    /// Another server has deleted a log. Whoever is in the room comes back to a new one.
    pub fn disappear(&mut self, log: &LogName, identity: &Identity, cx: &mut Context<'_, '_>) {
        let Some(room) = Room::name_of(log).and_then(|name| self.id(&name)) else { return };
        let Some(gone) = self.forget(room, cx) else { return };
        for command in gone.waiting {
            cx.refuse(command.asker, &refusals::unavailable());
        }
        for decided in gone.in_flight.into_iter().flat_map(|batch| batch.decided) {
            cx.refuse(decided.command.asker, &refusals::unavailable());
        }
        for client in identity.clients_in(room) {
            cx.hub.close(client, Close::RESTART, "the room you were in was removed by another server");
        }
    }

    /// Another server has replaced a record. What is shown from memory is read again.
    pub fn amended(&mut self, amend: &Amend) {
        let found = Room::name_of(&amend.log).and_then(|name| self.id(&name)).and_then(|room| self.get_mut(room));
        if let Some(found) = found {
            found.version += 1;
            let head = found.head;
            found.live.iter_mut().for_each(|live| live.window = Window::at(head));
        }
    }

    /// The journal has refused a batch, since another server was first. What that wrote is known by now, but for keys of
    /// users that are not in memory.
    pub(super) fn decide_again(&mut self, room: RoomId, batch: RoomBatch, cx: &mut Context<'_, '_>) {
        let Some(found) = self.get_mut(room) else { return };
        found.turn.refused += 1;
        if found.turn.refused >= TRIES {
            error!("{}: the journal refused a batch {TRIES} times", found.log);
            found.turn.refused = 0;
            for decided in batch.decided {
                cx.refuse(decided.command.asker, &refusals::unavailable());
            }
            return self.put_off_forfeit(room, cx);
        }
        let keys: Vec<String> = batch.decided.iter().filter_map(key_of).collect();
        let waiting = std::mem::take(&mut found.waiting);
        found.waiting = batch.decided.into_iter().map(|decided| decided.command).chain(waiting).collect();
        if !keys.is_empty() {
            found.is_looking = true;
            cx.load(Load::Values(keys), RoomLoad::Look(room));
        }
        self.ask_for_turn(room, cx);
    }

    /// The journal has brought keys, or not.
    pub fn looked(&mut self, room: RoomId, loaded: &Loaded, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        identity.take_in_loaded(loaded, cx);
        if let Some(found) = self.get_mut(room) {
            found.is_looking = false;
        }
        self.write(room, identity, cx);
    }
}

/// The journal's key of a message's idempotency key.
fn key_of(decided: &Decided) -> Option<String> {
    match &decided.command.what {
        What::Say { key: Some(digest), .. } => Some(Dedup::key(decided.command.by.id, *digest)),
        What::Say { key: None, .. } | What::Count { .. } | What::Move { .. } | What::Sit { .. } => None,
    }
}
