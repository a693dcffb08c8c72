//! The end of a server: its clients leave in a stagger, then its journals are closed.

use std::pin::pin;
use std::time::{Duration, Instant};

use actix_rt::time::{sleep, sleep_until, timeout};
use futures_util::future::{Either, select};
use log::{info, warn};
use parlor_core::Close;

use crate::moment::steady_now;
use crate::server::messages::{CloseAll, CloseJournal, Drain, Part, Shutdown};
use crate::server::running::RunningApp;
use crate::server_handle::{ServerHandle, Stop};

/// Closes a second, at most: clients that come back at once are no more than a server can take.
const CLOSES_PER_SECOND: u32 = 5000;

/// The longest time over which closes are spread. A client that waits a second before it comes back, as the lounge asks it to,
/// comes when all others are closed.
const STAGGER_MAX: Duration = Duration::from_secs(1);

/// The time from one part of the clients to the next.
const PART_EVERY: Duration = Duration::from_millis(10);

/// Time for resets to be done: nobody is asked for anything.
const ABORT_WITHIN: Duration = Duration::from_secs(1);

/// Ends all connections, then the journals: in this order, so that what the last requests did is written.
pub async fn retire(handle: &ServerHandle, apps: &[RunningApp], stop: Stop, within: Duration) {
    let until = steady_now() + within;
    apps.iter().for_each(|app| app.admission.shut());
    if let Stop::Gracefully(close) = stop {
        info!("closing: {} clients, within {} s", clients(apps), within.as_secs_f32());
        let leaving = pin!(leave(apps, &close, until));
        if let Either::Left((false, _)) = select(leaving, pin!(handle.stopped_now())).await {
            warn!("some clients did not go within {} s", within.as_secs_f32());
        }
    }
    if clients(apps) > 0 {
        for app in apps {
            let _ = app.close_all.send(CloseAll::Abruptly).await; // an app that is gone has no clients
        }
        let _ = timeout(ABORT_WITHIN, everyone_left(apps)).await;
    }
    for app in apps {
        let _ = app.close_journal.send(CloseJournal).await; // likewise
    }
}

/// Says farewell to all clients, closes them part by part, and waits for them. Those whose requests are not answered in half of
/// the time are closed then. Returns whether all have gone.
async fn leave(apps: &[RunningApp], close: &Close, until: Instant) -> bool {
    for app in apps {
        let _ = app.shutdown.send(Shutdown).await; // an app that is gone has no clients
    }
    let left = until.saturating_duration_since(steady_now());
    let parts = parts(clients(apps), left);
    for index in 0..parts {
        if index > 0 {
            sleep(PART_EVERY).await;
        }
        for app in apps {
            let drain = Drain { close: close.clone(), part: Part { index, of: parts } };
            let _ = app.drain.send(drain).await; // likewise
        }
    }
    let left = until.saturating_duration_since(steady_now());
    if timeout(left / 2, everyone_left(apps)).await.is_ok() {
        return true;
    }
    for app in apps {
        let _ = app.close_all.send(CloseAll::Gracefully(close.clone())).await; // likewise
    }
    match select(pin!(everyone_left(apps)), pin!(sleep_until(until.into()))).await {
        Either::Left(((), _)) => true,
        Either::Right(((), _)) => false,
    }
}

/// The number of parts in which so many clients are closed: as many as keep the rate, in a quarter of the time at most.
fn parts(clients: usize, within: Duration) -> u32 {
    let clients = u32::try_from(clients).unwrap_or(u32::MAX);
    let stagger = Duration::from_secs(clients.into()) / CLOSES_PER_SECOND;
    let parts = stagger.min(STAGGER_MAX).min(within / 4).as_millis() / PART_EVERY.as_millis();
    u32::try_from(parts).unwrap_or(u32::MAX).max(1)
}

fn clients(apps: &[RunningApp]) -> usize {
    apps.iter().map(|app| app.admission.count()).sum()
}

async fn everyone_left(apps: &[RunningApp]) {
    while clients(apps) > 0 {
        sleep(PART_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closes_are_spread_by_the_number_of_clients() {
        let ten = Duration::from_secs(10);
        assert_eq!([0, 1, 50, 100, 2500, 5000, 100_000].map(|clients| parts(clients, ten)), [1, 1, 1, 2, 50, 100, 100]);
        assert_eq!([0, 1, 2].map(|seconds| parts(5000, Duration::from_secs(seconds))), [1, 25, 50]);
    }

    #[test]
    fn every_client_is_in_one_part() {
        let of = parts(5000, Duration::from_secs(10));
        for slot in 0..5000 {
            assert_eq!((0..of).filter(|index| Part { index: *index, of }.has(slot)).count(), 1);
        }
    }
}
