//! The state of one worker thread for one app.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Instant;

use crate::moment::{Moment, steady_now};
use crate::server::metrics::Metrics;
use crate::server::slots::Slots;
use parlor_core::Limits;

/// A worker's clients and what they share: used by the fan-out, the sessions and the sweep of one thread.
pub struct WorkerState {
    pub index: u16,
    pub slots: RefCell<Slots>,
    pub limits: Arc<Limits>,
    pub metrics: Arc<Metrics>,
    started: Instant,
}

impl WorkerState {
    pub fn new(index: u16, limits: Arc<Limits>, metrics: Arc<Metrics>) -> Self {
        WorkerState { index, slots: RefCell::default(), limits, metrics, started: steady_now() }
    }

    /// Reads the clock.
    pub fn now(&self) -> Moment {
        let passed = steady_now().saturating_duration_since(self.started);
        Moment(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
    }
}
