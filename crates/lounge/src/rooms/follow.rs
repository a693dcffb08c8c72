//! Events that somebody else wrote to a room's log: they are taken in, then what was asked here is decided again.

use std::collections::VecDeque;

use log::error;

use super::command::Command;
use super::continuation::RoomLoad;
use super::id::RoomId;
use super::index::Rooms;
use super::page::page_of;
use super::room_clock::RoomClock;
use crate::context::Context;
use crate::identity::directory::Identity;
use crate::protocol::record::Record;
use crate::refusals;
use parlor_core::journal::{End, Load, Loaded, PageOf};

impl Rooms {
    /// Reads on from the newest event that is shown. Until that has come, nothing is written.
    pub(super) fn follow(&mut self, room: RoomId, again: VecDeque<Command>, cx: &mut Context<'_, '_>) {
        let Some(found) = self.get_mut(room) else { return };
        let waiting = std::mem::replace(&mut found.waiting, again);
        found.waiting.extend(waiting);
        found.is_following = true;
        let page = PageOf {
            log: found.log.clone(),
            after: found.head,
            before: u64::MAX,
            end: End::Oldest,
            limit: cx.settings.recover_events,
            bytes: cx.settings.recover_bytes,
        };
        cx.load(Load::Page(page), RoomLoad::Follow(room));
    }

    /// The journal has brought the events, or not.
    pub fn followed(&mut self, room: RoomId, loaded: Loaded, identity: &mut Identity, cx: &mut Context<'_, '_>) {
        let now = RoomClock::at(cx.steady());
        let Some(found) = self.get_mut(room) else { return };
        (found.used_at, found.written_at) = (now, now);
        found.is_following = false;
        let next = found.head + 1;
        let page = page_of(loaded).ok().filter(|page| page.epoch == found.epoch);
        let records: Option<Vec<Record>> = page
            .filter(|page| page.records.first().is_some_and(|(seq, _)| *seq == next))
            .and_then(|page| page.records.into_iter().map(|(_, record)| Record::from_bytes(record).ok()).collect());
        let Some(records) = records else {
            error!("{}: the log is not what it was, and can't be followed", found.log);
            for command in std::mem::take(&mut found.waiting) {
                cx.refuse(command.asker, &refusals::unavailable());
            }
            return self.put_off_forfeit(room, cx);
        };
        for record in &records {
            found.content.take_in(&record.bytes());
        }
        found.show(&records, next, cx.settings, cx.hub);
        found.last_at = cx.now();
        self.check_turn(room, cx);
        self.write(room, identity, cx);
    }
}
