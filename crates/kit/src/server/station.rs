//! One worker thread's side of one app: its clients, and what they share.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::Actor;

use crate::server::fanout::Fanout;
use crate::server::handle::{AppHandle, AppId};
use crate::server::messages::Worker;
use crate::server::metrics::Metrics;
use crate::server::slots::Slots;
use parlor_core::app::App;
use parlor_core::close::Close;
use parlor_core::limits::Limits;

/// Shared by the fan-out, the sessions and the sweep of one thread.
pub struct Station {
    pub index: u16,
    pub slots: RefCell<Slots>,
    pub limits: Arc<Limits>,
    pub metrics: Arc<Metrics>,
    started: Instant,
}

/// Milliseconds since the station was set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl Moment {
    /// Zero if `earlier` is not.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

thread_local! {
    static STATIONS: RefCell<Vec<(AppId, Rc<Station>)>> = const { RefCell::new(Vec::new()) };
}

impl Station {
    /// This thread's station of an app. The first call sets it up, with its fan-out and its sweep, and tells the
    /// `ChatServer`. To be called on a worker thread, inside its runtime.
    pub fn here<A: App>(handle: &AppHandle<A>) -> Rc<Self> {
        if let Some(station) = Self::known(handle.id()) {
            return station;
        }
        let station =
            Rc::new(Station::new(handle.next_worker(), Arc::clone(handle.limits()), Arc::clone(handle.metrics())));
        STATIONS.with_borrow_mut(|stations| stations.push((handle.id(), Rc::clone(&station))));
        let fanout = Fanout::new(Rc::clone(&station)).start().recipient();
        handle.attach(Worker { index: station.index, fanout });
        actix_rt::spawn(sweep(Rc::clone(&station), handle.clone()));
        station
    }

    pub(crate) fn new(index: u16, limits: Arc<Limits>, metrics: Arc<Metrics>) -> Self {
        Station { index, slots: RefCell::default(), limits, metrics, started: now() }
    }

    pub fn now(&self) -> Moment {
        let passed = now().saturating_duration_since(self.started);
        Moment(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX))
    }

    fn known(app: AppId) -> Option<Rc<Self>> {
        STATIONS
            .with_borrow(|stations| stations.iter().find(|(id, _)| *id == app).map(|(_, station)| Rc::clone(station)))
    }
}

/// Looks after everyone's heartbeats and stalls, once in a while: one timer for a whole worker, and no actor's, since an
/// actor's timers wait while its mailbox is busy. Ends with the app, when the last client has gone.
async fn sweep<A: App>(station: Rc<Station>, handle: AppHandle<A>) {
    let pause = sweep_every(&station.limits);
    loop {
        actix_rt::time::sleep(pause).await;
        let is_alive = handle.is_alive();
        let mut slot = 0;
        while slot < station.slots.borrow().len() {
            let outbox = station.slots.borrow().at(slot);
            if let Some(outbox) = outbox {
                outbox.sweep(station.now());
                if !is_alive {
                    outbox.close(&Close::new(Close::INTERNAL, "the app is gone"));
                }
            }
            slot += 1;
            if slot % SWEEP_AT_ONCE == 0 {
                actix_rt::task::yield_now().await; // ten thousand pings are not to keep anyone waiting
            }
        }
        if !is_alive && station.slots.borrow().is_empty() {
            STATIONS.with_borrow_mut(|stations| stations.retain(|(id, _)| *id != handle.id()));
            return;
        }
    }
}

const SWEEP_AT_ONCE: usize = 256;

/// A quarter of the shortest time that is looked after, between 10 ms and 1 s.
fn sweep_every(limits: &Limits) -> Duration {
    let rest = limits.heartbeat_timeout.saturating_sub(limits.heartbeat);
    let shortest = limits.heartbeat.min(rest).min(limits.outbox_stall);
    (shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(1))
}

#[expect(clippy::disallowed_methods, reason = "the shell reads the clock and hands it in")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sweep_is_as_fine_as_it_must_be() {
        let with = |heartbeat, timeout| {
            sweep_every(&Limits {
                heartbeat: Duration::from_millis(heartbeat),
                heartbeat_timeout: Duration::from_millis(timeout),
                ..Limits::default()
            })
        };
        assert_eq!(with(25_000, 60_000), Duration::from_secs(1));
        assert_eq!(with(100, 300), Duration::from_millis(25));
        assert_eq!(with(100, 100), Duration::from_millis(10));
    }
}
