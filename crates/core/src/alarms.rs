//! The timers of an app and of its clients.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::ids::ClientId;
use crate::time::{Now, Steady, Time};

/// The timers of the app, and at most one for each client: so bounded by the clients.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    app: Option<Steady>,
    app_at: Option<Time>,
    by_time: BTreeSet<(Steady, ClientId)>,
    by_client: BTreeMap<ClientId, Steady>,
}

/// The times at which the next timers are due, one on each clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextAlarm {
    /// The next delay that is over.
    pub steady: Option<Steady>,
    /// The next time of the wall clock. It may be set: then this comes earlier or later than was computed.
    pub wall: Option<Time>,
}

impl NextAlarm {
    /// Returns how long it is until then, as the clocks stand now; `None` if nothing is waited for.
    pub fn wait(self, now: Now) -> Option<Duration> {
        let steady = self.steady.map(|at| at.since(now.steady));
        let wall = self.wall.map(|at| at.since(now.wall));
        steady.into_iter().chain(wall).min()
    }
}

impl Alarms {
    /// Returns the next alarm.
    pub fn next(&self) -> NextAlarm {
        let client = self.by_time.first().map(|(at, _)| *at);
        NextAlarm { steady: self.app.into_iter().chain(client).min(), wall: self.app_at }
    }

    /// Sets the app's alarm; of several the earliest is kept.
    pub fn wake_app(&mut self, at: Steady) {
        self.app = Some(self.app.map_or(at, |before| before.min(at)));
    }

    /// Sets the app's alarm on the wall clock; of several the earliest is kept.
    pub fn wake_app_at(&mut self, at: Time) {
        self.app_at = Some(self.app_at.map_or(at, |before| before.min(at)));
    }

    /// Sets or moves a client's alarm.
    pub fn wake_client(&mut self, client: ClientId, at: Steady) {
        self.forget(client);
        self.by_client.insert(client, at);
        self.by_time.insert((at, client));
    }

    /// Removes a client's alarm.
    pub fn forget(&mut self, client: ClientId) {
        if let Some(at) = self.by_client.remove(&client) {
            self.by_time.remove(&(at, client));
        }
    }

    /// Takes the app's alarms if one of them is due.
    pub fn take_app(&mut self, now: Now) -> bool {
        let is_due = self.app.is_some_and(|at| at <= now.steady) || self.app_at.is_some_and(|at| at <= now.wall);
        if is_due {
            (self.app, self.app_at) = (None, None);
        }
        is_due
    }

    /// Takes the next client's alarm that is due.
    pub fn take_client(&mut self, now: Steady) -> Option<ClientId> {
        let (_, client) = self.by_time.first().copied().filter(|(at, _)| *at <= now)?;
        self.forget(client);
        Some(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(slot: u32) -> ClientId {
        ClientId { worker: 0, slot, generation: 0 }
    }

    #[test]
    fn a_client_has_one_alarm_and_takes_it_along() {
        let mut alarms = Alarms::default();
        alarms.wake_client(client(1), Steady(10));
        alarms.wake_client(client(1), Steady(30));
        alarms.wake_client(client(2), Steady(20));
        assert_eq!(alarms.next().steady, Some(Steady(20)));
        assert_eq!(alarms.take_client(Steady(19)), None);
        assert_eq!(alarms.take_client(Steady(40)), Some(client(2)));
        alarms.forget(client(1));
        assert_eq!(alarms.take_client(Steady(40)), None);
        assert_eq!(alarms.next().wait(Now::default()), None);
    }

    #[test]
    fn the_apps_earliest_alarm_is_kept() {
        let mut alarms = Alarms::default();
        alarms.wake_app(Steady(20));
        alarms.wake_app(Steady(10));
        alarms.wake_app(Steady(30));
        assert_eq!(alarms.next().steady, Some(Steady(10)));
        assert!(!alarms.take_app(now(9, 0)));
        assert!(alarms.take_app(now(10, 0)));
        assert_eq!(alarms.next().wait(Now::default()), None);
    }

    fn now(steady: u64, wall: u64) -> Now {
        Now { wall: Time(wall), steady: Steady(steady) }
    }

    #[test]
    fn a_time_of_the_wall_clock_moves_when_the_clock_is_set() {
        let mut alarms = Alarms::default();
        alarms.wake_app_at(Time(1_000));
        alarms.wake_app(Steady(500));
        assert_eq!(alarms.next().wait(now(0, 900)), Some(Duration::from_millis(100)));
        assert_eq!(alarms.next().wait(now(10, 0)), Some(Duration::from_millis(490)), "it was set back");
        assert_eq!(alarms.next().wait(now(20, 5_000)), Some(Duration::ZERO), "it was set forward");
        assert!(alarms.take_app(now(20, 5_000)));
        assert_eq!(alarms.next().wait(now(20, 5_000)), None);
    }
}
