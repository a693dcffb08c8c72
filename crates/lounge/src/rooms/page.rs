//! Pages of a log: what the journal brought, and the answer to `history`.

use crate::context::Context;
use crate::protocol::record::{Event, Record};
use crate::protocol::server::{List, replies};
use crate::settings::LoungeSettings;
use crate::waiters::Asker;
use parlor_core::Bytes;
use parlor_core::journal::{End, Load, Loaded, LogName, Page, PageOf};

/// The journal did not bring the page.
pub struct NoPage;

/// Returns the page that was loaded.
///
/// # Errors
/// If the journal could not read it.
pub fn page_of(loaded: Loaded) -> Result<Page, NoPage> {
    match loaded {
        Loaded::Page(page) => Ok(page),
        Loaded::Values(_) | Loaded::Unavailable(_) => Err(NoPage),
    }
}

/// Returns the load of the newest `limit` events before `before`.
pub fn history_load(log: LogName, before: u64, limit: usize) -> Load {
    Load::Page(PageOf { log, after: 0, before, end: End::Newest, limit, bytes: LoungeSettings::LIST_BYTES })
}

/// Returns an event of a room; `None` if the record is none.
pub fn room_event(room: &str, seq: u64, record: &Bytes) -> Option<Event> {
    Record::from_bytes(record.clone()).ok().map(|record| record.event(room, seq))
}

/// Returns an event of an inbox; `None` if the record is none.
pub fn private_event(seq: u64, record: &Bytes) -> Option<Event> {
    Record::from_bytes(record.clone()).ok().map(|record| record.private_event(seq))
}

/// Returns the number of events that a request asks for.
pub fn page_limit(asked: Option<u32>, settings: &LoungeSettings) -> usize {
    asked.map_or(settings.page_events, |limit| limit as usize)
}

/// Answers `history`.
pub fn answer_history(asker: Asker, events: &[&Event], more: bool, limit: usize, cx: &mut Context<'_, '_>) {
    let keep = List::newest(events.iter().copied(), limit);
    let more = more || keep < events.len();
    let events = List::of_events(events[events.len() - keep..].iter().copied());
    cx.ok_frame(asker, |re| replies::History { events: &events, more }.frame(re));
}
