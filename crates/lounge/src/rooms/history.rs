//! `history`: older events.

use crate::Lounge;
use crate::inbox::state::log_name;
use crate::pending::Pending;
use crate::protocol::client::LogRef;
use crate::protocol::error::Refused;
use crate::protocol::record::{Event, Record};
use crate::protocol::server::{List, replies};
use crate::refusals;
use crate::rooms::join::{event, page_of};
use crate::rooms::name::RoomName;
use crate::settings::LoungeSettings;
use crate::waiters::Asker;
use parlor_core::Hub;
use parlor_core::journal::{End, Load, Loaded, LogName, PageOf};

/// A page of history that is being read.
pub struct Reading {
    asker: Asker,
    /// `None`: the inbox.
    room: Option<RoomName>,
    limit: usize,
}

impl Lounge {
    /// Of a room one need not be in: what was said in it is for all who can name it, or have the key.
    pub(crate) fn history(
        &mut self,
        asker: Asker,
        of: &LogRef,
        before: Option<u64>,
        limit: Option<u32>,
        hub: &mut Hub<'_>,
    ) {
        let limit = self.page_limit(limit);
        let before = before.unwrap_or(u64::MAX);
        let place = match of {
            LogRef::Room(room) => self.room_log(&asker, room, before, limit, hub),
            LogRef::Inbox => self.inbox_log(&asker, before),
        };
        match place {
            Ok(Some((room, log, before))) => {
                let page = PageOf { log, after: 0, before, end: End::Newest, limit, bytes: LoungeSettings::LIST_BYTES };
                let ticket = hub.load(Load::Page(page));
                self.pending.insert(ticket, Pending::History(Box::new(Reading { asker, room, limit })));
            }
            Ok(None) => {}
            Err(refused) => self.refuse(&asker, &refused, hub),
        }
    }

    /// Answers from the window, or says what to read: no further than what is shown.
    fn room_log(
        &self,
        asker: &Asker,
        room: &RoomName,
        before: u64,
        limit: usize,
        hub: &mut Hub<'_>,
    ) -> Result<Option<(Option<RoomName>, LogName, u64)>, Refused> {
        let room = self.rooms.by_name(room).ok_or_else(refusals::no_such_room)?;
        if room.is_closed() && self.room_of(asker.client, &room.name).is_none() {
            return Err(refusals::not_in_room());
        }
        let at_hand = room.live.as_ref().and_then(|live| live.window.page(before, limit));
        match at_hand {
            Some((events, more)) => {
                self.answer_history(asker, &events, more, limit, hub);
                Ok(None)
            }
            None => Ok(Some((Some(room.name.clone()), room.log.clone(), before.min(room.head + 1)))),
        }
    }

    fn inbox_log(&self, asker: &Asker, before: u64) -> Result<Option<(Option<RoomName>, LogName, u64)>, Refused> {
        let user = self.user_of(asker.client).ok_or_else(refusals::no_such_user)?;
        Ok(Some((None, log_name(user.person.id), before)))
    }

    pub(crate) fn history_loaded(&mut self, reading: Reading, loaded: Loaded, hub: &mut Hub<'_>) {
        let Ok(page) = page_of(loaded) else {
            return self.refuse(&reading.asker, &refusals::unavailable(), hub);
        };
        let events: Option<Vec<Event>> = page
            .records
            .iter()
            .map(|(seq, record)| match &reading.room {
                Some(room) => event(room.as_str(), *seq, record),
                None => Record::from_bytes(record.clone()).ok().map(|record| record.private_event(*seq)),
            })
            .collect();
        match events {
            Some(events) => {
                let events: Vec<&Event> = events.iter().collect();
                self.answer_history(&reading.asker, &events, page.more, reading.limit, hub);
            }
            None => self.refuse(&reading.asker, &refusals::internal("an event of that log can't be read"), hub),
        }
    }

    fn answer_history(&self, asker: &Asker, events: &[&Event], more: bool, limit: usize, hub: &mut Hub<'_>) {
        let keep = List::newest(events.iter().copied(), limit);
        let more = more || keep < events.len();
        let events = List::of_events(events[events.len() - keep..].iter().copied());
        self.ok_frame(asker, |re| replies::History { events: &events, more }.frame(re), hub);
    }
}
