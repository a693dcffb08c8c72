//! The timers of an app and of its clients.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::ClientId;
use crate::time::Time;

/// One timer of the app, and at most one for each client: so bounded by the clients.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    app: Option<Time>,
    by_time: BTreeSet<(Time, ClientId)>,
    by_client: BTreeMap<ClientId, Time>,
}

impl Alarms {
    /// The time of the next alarm.
    pub fn next(&self) -> Option<Time> {
        let client = self.by_time.first().map(|(at, _)| *at);
        self.app.into_iter().chain(client).min()
    }

    /// Sets the app's alarm; of several the earliest is kept.
    pub fn wake_app(&mut self, at: Time) {
        self.app = Some(self.app.map_or(at, |before| before.min(at)));
    }

    /// Sets or moves a client's alarm.
    pub fn wake_client(&mut self, client: ClientId, at: Time) {
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

    /// Takes the app's alarm if it is due.
    pub fn take_app(&mut self, now: Time) -> bool {
        let is_due = self.app.is_some_and(|at| at <= now);
        if is_due {
            self.app = None;
        }
        is_due
    }

    /// Takes the next client's alarm that is due.
    pub fn take_client(&mut self, now: Time) -> Option<ClientId> {
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
        alarms.wake_client(client(1), Time(10));
        alarms.wake_client(client(1), Time(30));
        alarms.wake_client(client(2), Time(20));
        assert_eq!(alarms.next(), Some(Time(20)));
        assert_eq!(alarms.take_client(Time(19)), None);
        assert_eq!(alarms.take_client(Time(40)), Some(client(2)));
        alarms.forget(client(1));
        assert_eq!(alarms.take_client(Time(40)), None);
        assert_eq!(alarms.next(), None);
    }

    #[test]
    fn the_apps_earliest_alarm_is_kept() {
        let mut alarms = Alarms::default();
        alarms.wake_app(Time(20));
        alarms.wake_app(Time(10));
        alarms.wake_app(Time(30));
        assert_eq!(alarms.next(), Some(Time(10)));
        assert!(!alarms.take_app(Time(9)));
        assert!(alarms.take_app(Time(10)));
        assert_eq!(alarms.next(), None);
    }
}
