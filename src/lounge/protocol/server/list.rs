//! Lists in replies, put together from entries that are encoded already.

use serde::Serialize;

use super::json;
use crate::lounge::protocol::record::Event;

/// The most bytes of list that a reply carries. Only the events of a recovered `join` may be more.
pub const LIST_BYTES_MAX: usize = 256 * 1024;

/// A JSON list, built entry by entry. It is copied, never parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The entries with a comma between each two, without the brackets.
    entries: Vec<u8>,
    count: usize,
}

impl List {
    pub fn new() -> Self {
        Self::default()
    }

    /// Events in order, however many: choose them first, with [`newest`](List::newest) if they are a page.
    pub fn of_events<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut list = List::new();
        for event in events {
            list.push(&event.json());
        }
        list
    }

    /// How many of `events`, counted from the newest (the last), make a page of at most `limit` events and
    /// [`LIST_BYTES_MAX`].
    pub fn newest<'a>(events: impl DoubleEndedIterator<Item = &'a Event>, limit: usize) -> usize {
        let mut bytes = 0;
        events
            .rev()
            .take(limit)
            .take_while(|event| {
                bytes += event.json().len() + 1;
                bytes <= LIST_BYTES_MAX
            })
            .count()
    }

    /// Adds an entry, unless the list would outgrow [`LIST_BYTES_MAX`]: then false, and the reply says `more`.
    #[must_use]
    pub fn try_push(&mut self, entry: &impl Serialize) -> bool {
        let entry = json(entry);
        let fits = self.entries.len() + 1 + entry.len() <= LIST_BYTES_MAX;
        if fits {
            self.push(entry.as_bytes());
        }
        fits
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn push(&mut self, entry: &[u8]) {
        if self.count > 0 {
            self.entries.push(b',');
        }
        self.entries.extend_from_slice(entry);
        self.count += 1;
    }

    /// `[…]`. Entries are JSON, and so UTF-8.
    pub(super) fn text(&self) -> String {
        format!("[{}]", String::from_utf8_lossy(&self.entries))
    }
}
