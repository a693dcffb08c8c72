//! Figures for a page like `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

use parlor_core::Gauge;

/// One figure of a running server, in the terms of Prometheus.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sample {
    /// The name without a prefix; that of a counter ends with `_total`.
    pub name: &'static str,
    /// The meaning, in one sentence.
    pub help: &'static str,
    /// Tells a count from a figure that goes up and down.
    pub kind: SampleKind,
    /// Tells apart several figures of one name.
    pub label: Option<(&'static str, String)>,
    /// The figure now.
    pub value: f64,
}

/// The kind of a [`Sample`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleKind {
    /// Only grows, from the start of the server.
    Counter,
    /// Goes up and down.
    Gauge,
}

impl Sample {
    pub(crate) fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Sample { name, help, kind: SampleKind::Counter, label: None, value: value as f64 }
    }

    pub(crate) fn gauge(name: &'static str, help: &'static str, value: f64) -> Self {
        Sample { name, help, kind: SampleKind::Gauge, label: None, value }
    }
}

impl From<Gauge> for Sample {
    fn from(Gauge { name, help, value }: Gauge) -> Self {
        Sample::gauge(name, help, value)
    }
}

/// A number that only grows, counted from any thread.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
