//! Somebody else has written to a room's log: what they wrote is taken in, then what was asked here is decided anew.

use std::collections::VecDeque;

use bytes::Bytes;
use log::error;
use serde::Deserialize;

use crate::Lounge;
use crate::pending::Pending;
use crate::protocol::record::Record;
use crate::refusals;
use crate::rooms::join::page_of;
use crate::rooms::room::{Content, RoomId};
use crate::rooms::writer::{Command, show};
use parlor_core::Hub;
use parlor_core::journal::{End, Load, Loaded, PageOf};

impl Lounge {
    /// Reads on from the newest event that is shown. Until that has come, nothing is written.
    pub(crate) fn follow(&mut self, room: RoomId, again: VecDeque<Command>, hub: &mut Hub<'_>) {
        let Some(found) = self.rooms.get_mut(room) else { return };
        let waiting = std::mem::replace(&mut found.waiting, again);
        found.waiting.extend(waiting);
        found.is_following = true;
        let page = PageOf {
            log: found.log.clone(),
            after: found.head,
            before: u64::MAX,
            end: End::Oldest,
            limit: self.settings.recover_events,
            bytes: self.settings.recover_bytes,
        };
        let ticket = hub.load(Load::Page(page));
        self.pending.insert(ticket, Pending::Follow(room));
    }

    pub(crate) fn followed(&mut self, room: RoomId, loaded: Loaded, hub: &mut Hub<'_>) {
        let Some(found) = self.rooms.get_mut(room) else { return };
        found.is_following = false;
        let next = found.head + 1;
        let page = page_of(loaded).ok().filter(|page| page.epoch == found.epoch);
        let records: Option<Vec<Record>> = page
            .filter(|page| page.records.first().is_some_and(|(seq, _)| *seq == next))
            .and_then(|page| page.records.into_iter().map(|(_, record)| Record::from_bytes(record).ok()).collect());
        let Some(records) = records else {
            error!("{}: the log is not what it was, and can't be followed", found.log);
            let waiting = std::mem::take(&mut found.waiting);
            for command in waiting {
                self.give_up(command, &refusals::unavailable(), hub);
            }
            return;
        };
        for record in &records {
            take_in(&mut found.content, &record.bytes());
        }
        show(found, &records, next, &self.settings, hub);
        found.last_at = hub.now();
        self.mind_seats(room, hub);
        self.write_room(room, hub);
    }
}

/// What an event that was decided elsewhere makes of a room.
fn take_in(content: &mut Content, record: &Bytes) {
    #[derive(Deserialize)]
    struct Counted {
        value: i64,
    }
    match content {
        Content::Chat => {}
        Content::Counter(value) => {
            if let Ok(counted) = serde_json::from_slice::<Counted>(record) {
                *value = counted.value;
            }
        }
        Content::Table(table) => {
            if let Ok(event) = std::str::from_utf8(record) {
                // Talk is no event of the game: that is no error here.
                let _ = table.game.apply(event);
            }
        }
    }
}
