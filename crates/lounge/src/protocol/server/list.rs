//! Lists in replies, put together from entries that are encoded already.

use serde::Serialize;

use super::json;
use crate::protocol::record::Event;

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

    /// Returns how many of `events`, counted from the newest (the last), make a page of at most `limit` events and
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

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.count
    }

    fn push(&mut self, entry: &[u8]) {
        if self.count > 0 {
            self.entries.push(b',');
        }
        self.entries.extend_from_slice(entry);
        self.count += 1;
    }

    /// `[…]`. Entries are JSON, and so UTF-8.
    pub(crate) fn text(&self) -> String {
        format!("[{}]", String::from_utf8_lossy(&self.entries))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::record::Record;

    fn events(count: u64, body_bytes: usize) -> Vec<Event> {
        let record = Record::new(&json!({"type": "message", "body": "x".repeat(body_bytes)})).unwrap();
        (1..=count).map(|seq| record.event("r", seq)).collect()
    }

    #[test]
    fn entries_are_copied_in_order() {
        assert_eq!(List::new().text(), "[]");
        let list = List::of_events(&events(2, 1));
        let text =
            r#"[{"type":"message","room":"r","seq":1,"body":"x"},{"type":"message","room":"r","seq":2,"body":"x"}]"#;
        assert_eq!(list.text(), text);
        assert_eq!(list.len(), 2);
    }

    #[test]
    fn a_list_does_not_outgrow_its_bound() {
        let mut list = List::new();
        let entry = "x".repeat(1000);
        while list.try_push(&entry) {}
        assert_eq!(list.len(), LIST_BYTES_MAX / 1003); // quotes and comma
        assert!(list.text().len() <= LIST_BYTES_MAX);
        assert!(list.try_push(&1), "what still fits is taken");
    }

    #[test]
    fn a_page_is_the_newest_that_fit() {
        let small = events(10, 1);
        assert_eq!(List::newest(small.iter(), 3), 3);
        assert_eq!(List::newest(small.iter(), 100), 10);
        let big = events(100, 16 * 1024);
        let count = List::newest(big.iter(), 100);
        assert_eq!(count, 15);
        assert!(List::of_events(&big[100 - count..]).text().len() <= LIST_BYTES_MAX);
    }
}
