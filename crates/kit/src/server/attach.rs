//! Sets up a worker thread for an app, on the thread's first client.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::Actor;

use crate::server::fanout::Fanout;
use crate::server::handle::{AppHandle, AppId};
use crate::server::messages::AttachWorker;
use crate::server::protocol::Protocol;
use crate::server::worker::WorkerState;
use parlor_core::{Close, Limits};

thread_local! {
    static WORKERS: RefCell<Vec<(AppId, Rc<WorkerState>)>> = const { RefCell::new(Vec::new()) };
}

/// Returns this thread's state for an app. The first call sets it up, starts its fan-out and its sweep, and announces it to
/// the `ChatServer`. Call it on a worker thread, inside its runtime.
pub fn worker_state<P: Protocol>(handle: &AppHandle<P>) -> Rc<WorkerState> {
    if let Some(worker) = known(handle.id()) {
        return worker;
    }
    let worker =
        Rc::new(WorkerState::new(handle.next_worker(), Arc::clone(handle.limits()), Arc::clone(handle.metrics())));
    WORKERS.with_borrow_mut(|workers| workers.push((handle.id(), Rc::clone(&worker))));
    let fanout = Fanout::new(Rc::clone(&worker)).start().recipient();
    handle.attach(AttachWorker { index: worker.index, fanout });
    actix_rt::spawn(sweep(Rc::clone(&worker), handle.clone()));
    worker
}

fn known(app: AppId) -> Option<Rc<WorkerState>> {
    WORKERS.with_borrow(|workers| workers.iter().find(|(id, _)| *id == app).map(|(_, worker)| Rc::clone(worker)))
}

/// Looks after everyone's heartbeats and stalls, once in a while: one timer for a whole worker, and no actor's, since an
/// actor's timers wait while its mailbox is busy. Ends with the app, when the last client has gone.
async fn sweep<P: Protocol>(worker: Rc<WorkerState>, handle: AppHandle<P>) {
    let pause = sweep_every(&worker.limits);
    loop {
        actix_rt::time::sleep(pause).await;
        let is_alive = handle.is_alive();
        let mut slot = 0;
        while slot < worker.slots.borrow().len() {
            let outbox = worker.slots.borrow().at(slot);
            if let Some(outbox) = outbox {
                outbox.sweep(worker.now());
                if !is_alive {
                    outbox.close(&Close::new(Close::INTERNAL, "the app is gone"));
                }
            }
            slot += 1;
            if slot % SWEEP_AT_ONCE == 0 {
                actix_rt::task::yield_now().await; // ten thousand pings are not to keep anyone waiting
            }
        }
        if !is_alive && worker.slots.borrow().is_empty() {
            WORKERS.with_borrow_mut(|workers| workers.retain(|(id, _)| *id != handle.id()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sweep_is_as_fine_as_it_must_be() {
        let with = |heartbeat, timeout| {
            sweep_every(
                &Limits::default()
                    .heartbeat(Duration::from_millis(heartbeat))
                    .heartbeat_timeout(Duration::from_millis(timeout)),
            )
        };
        assert_eq!(with(25_000, 60_000), Duration::from_secs(1));
        assert_eq!(with(100, 300), Duration::from_millis(25));
        assert_eq!(with(100, 100), Duration::from_millis(10));
    }
}
