//! Figures of a journal, for metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Counts since the journal was opened, and what is the case now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// The number of the newest entry of the feed that is known of.
    pub feed_head: u64,
    /// The number of the newest entry that was received.
    pub feed_followed: u64,
    /// Entries that were received and that the app has not taken yet.
    pub feed_waiting: u64,
    /// Entries of other writers that were received.
    pub entries: u64,
    /// Commits that were written.
    pub commits: u64,
    /// Commits whose conditions did not hold.
    pub conflicts: u64,
    /// Commits that could not be written.
    pub unavailable: u64,
    /// Commits whose answers were lost.
    pub unknown: u64,
    /// Batches that were answered.
    pub batches: u64,
    /// Batches that were asked for again.
    pub retries: u64,
    /// Times that a batch was answered, in seconds.
    pub round_trip_seconds_sum: f64,
    /// Times that Redis could not be reached, or did not answer in time, or could take no commands.
    pub failures: u64,
    /// Connections that were opened in the place of broken ones.
    pub reconnects: u64,
    /// Renewals of the lease.
    pub renewals: u64,
    /// Times that the journal had to be restored, since the writer had fallen behind.
    pub fallen_behind: u64,
    /// Changes of the generation that were seen.
    pub generations: u64,
    /// Redis answers.
    pub is_connected: bool,
}

/// A count that all threads may raise.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Relaxed);
    }

    pub fn raise_to(&self, value: u64) {
        self.0.fetch_max(value, Relaxed);
    }

    pub fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    pub fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// The counts behind [`Figures`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub feed_head: Counter,
    pub entries: Counter,
    pub commits: Counter,
    pub conflicts: Counter,
    pub unavailable: Counter,
    pub unknown: Counter,
    pub batches: Counter,
    pub retries: Counter,
    pub round_trip_micros: Counter,
    pub failures: Counter,
    pub reconnects: Counter,
    pub renewals: Counter,
    pub fallen_behind: Counter,
    pub generations: Counter,
}

impl Counters {
    pub fn answered(&self, after: Duration) {
        self.batches.add(1);
        self.round_trip_micros.add(u64::try_from(after.as_micros()).unwrap_or(u64::MAX));
    }

    /// All of them, without what the feed knows.
    pub fn figures(&self) -> Figures {
        Figures {
            feed_head: self.feed_head.value(),
            entries: self.entries.value(),
            commits: self.commits.value(),
            conflicts: self.conflicts.value(),
            unavailable: self.unavailable.value(),
            unknown: self.unknown.value(),
            batches: self.batches.value(),
            retries: self.retries.value(),
            round_trip_seconds_sum: self.round_trip_micros.value() as f64 / 1e6,
            failures: self.failures.value(),
            reconnects: self.reconnects.value(),
            renewals: self.renewals.value(),
            fallen_behind: self.fallen_behind.value(),
            generations: self.generations.value(),
            ..Figures::default()
        }
    }
}
