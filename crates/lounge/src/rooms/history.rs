//! `history` of a room: older events.

use super::continuation::{Reading, RoomLoad};
use super::index::Rooms;
use super::name::RoomName;
use super::page::{answer_history, history_load, page_limit, page_of, room_event};
use crate::context::Context;
use crate::identity::directory::Identity;
use crate::protocol::record::Event;
use crate::refusals;
use crate::waiters::Asker;
use parlor_core::journal::Loaded;

impl Rooms {
    /// Answers with a page of a room's events. One need not be in a listed room: its talk is for everybody.
    pub fn history(
        &mut self,
        mut asker: Asker,
        room: &RoomName,
        before: Option<u64>,
        limit: Option<u32>,
        identity: &Identity,
        cx: &mut Context<'_, '_>,
    ) {
        let limit = page_limit(limit, cx.settings);
        let before = before.unwrap_or(u64::MAX);
        let Some(room) = self.id(room).and_then(|room| self.get_mut(room)) else {
            return cx.refuse(asker, &refusals::no_such_room());
        };
        room.forget_old(cx.hub.now(), cx.settings);
        if room.is_unlisted && !identity.is_in(asker.client(), room.id) {
            return cx.refuse(asker, &refusals::not_in_room());
        }
        if let Some((events, more)) = room.live.as_ref().and_then(|live| live.window.page(before, limit)) {
            return answer_history(asker, &events, more, limit, cx);
        }
        cx.hold(&mut asker);
        // No further than what is shown.
        let load = history_load(room.log.clone(), before.min(room.head + 1), limit);
        cx.load(load, RoomLoad::History(Box::new(Reading { asker, room: room.name.clone(), limit })));
    }

    /// The journal has brought a page of history, or not.
    pub fn history_loaded(&self, reading: Reading, loaded: Loaded, cx: &mut Context<'_, '_>) {
        let Reading { asker, room, limit } = reading;
        let Ok(page) = page_of(loaded) else { return cx.refuse(asker, &refusals::unavailable()) };
        let events: Option<Vec<Event>> =
            page.records.iter().map(|(seq, record)| room_event(room.as_str(), *seq, record)).collect();
        match events {
            Some(events) => answer_history(asker, &events.iter().collect::<Vec<_>>(), page.more, limit, cx),
            None => cx.refuse(asker, &refusals::internal("an event of that log can't be read")),
        }
    }
}
