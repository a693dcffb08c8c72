//! The newest events of a log, at hand.

use std::collections::VecDeque;

use crate::protocol::record::Event;
use parlor_core::Time;

/// A stretch of events without a gap that ends with the log's newest: what a room in use keeps so that joins need not ask
/// the journal.
#[derive(Debug, Default)]
pub struct Window {
    events: VecDeque<Event>,
    /// The times at which they were shown.
    times: VecDeque<Time>,
    bytes: usize,
    /// The sequence number of the newest event; of the log's, if the window is empty.
    head: u64,
    /// True if there is nothing before it that the log still has.
    is_all: bool,
}

impl Window {
    /// Empty, at the end of a log with this head.
    pub fn at(head: u64) -> Self {
        Window { head, is_all: head == 0, ..Window::default() }
    }

    pub fn head(&self) -> u64 {
        self.head
    }

    /// The sequence number of the oldest event in it; `head + 1` if it is empty.
    pub fn first(&self) -> u64 {
        self.head + 1 - self.events.len() as u64
    }

    /// Takes in the log's next event; drops the oldest beyond either bound.
    pub fn push(&mut self, event: Event, at: Time, events_max: usize, bytes_max: usize) {
        self.head += 1;
        self.bytes += event.json().len();
        self.events.push_back(event);
        self.times.push_back(at);
        self.trim(events_max, bytes_max);
    }

    /// Puts events before those it has, given newest first; as many as fit. `is_all`: the last of them is the oldest that
    /// the log has.
    pub fn extend_back(
        &mut self,
        older_newest_first: impl Iterator<Item = Event>,
        is_all: bool,
        events_max: usize,
        bytes_max: usize,
    ) {
        let mut fits = true;
        for event in older_newest_first {
            fits = self.events.len() < events_max && self.bytes + event.json().len() <= bytes_max;
            if !fits {
                break;
            }
            self.bytes += event.json().len();
            self.events.push_front(event);
            self.times.push_front(Time::default());
        }
        self.is_all |= is_all && fits;
    }

    /// The events after `seq`, if it has all of them.
    pub fn after(&self, seq: u64) -> Option<impl DoubleEndedIterator<Item = &Event> + Clone> {
        let skip = (seq + 1).checked_sub(self.first())?;
        Some(self.events.iter().skip(usize::try_from(skip).unwrap_or(usize::MAX)))
    }

    /// The newest `limit` events before `before`, or all there are, if it knows that; and whether there are more.
    pub fn page(&self, before: u64, limit: usize) -> Option<(Vec<&Event>, bool)> {
        let until = before.min(self.head + 1).checked_sub(self.first()).and_then(|len| usize::try_from(len).ok())?;
        let from = until.saturating_sub(limit);
        if until < limit && !self.is_all {
            return None;
        }
        let more = from > 0 || !self.is_all;
        Some((self.events.range(from..until).collect(), more))
    }

    fn trim(&mut self, events_max: usize, bytes_max: usize) {
        while self.events.len() > events_max || self.bytes > bytes_max {
            if !self.pop_front() {
                break;
            }
        }
    }

    /// Drops the events that were shown before `at`.
    pub fn forget_before(&mut self, at: Time) {
        while self.times.front().is_some_and(|shown_at| *shown_at < at) {
            self.pop_front();
        }
    }

    fn pop_front(&mut self) -> bool {
        self.times.pop_front();
        let oldest = self.events.pop_front();
        if let Some(oldest) = &oldest {
            self.bytes -= oldest.json().len();
            self.is_all = false;
        }
        oldest.is_some()
    }
}
