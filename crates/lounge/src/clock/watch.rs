//! `watch_time`: the clock.

use std::time::Duration;

use crate::Lounge;
use crate::clock::interval::{Every, Watch};
use crate::protocol::client::TickMode;
use crate::protocol::server::{self, events::Tick, replies};
use crate::timers::Due;
use crate::waiters::Asker;
use parlor_core::ClientId;
use parlor_core::Hub;
use parlor_core::Time;

impl Lounge {
    pub(crate) fn watch_time(&mut self, asker: &Asker, every_ms: Option<u64>, mode: TickMode, hub: &mut Hub<'_>) {
        self.stop_watching(asker.client, hub);
        let every = every_ms.map_or_else(Every::default, Every::at_least);
        let mut watch = Watch { every, mode, ticks: 0, next_at: None };
        if self.clock.add(&watch) {
            self.timers.set(every.begin(every.count(hub.now()) + 1), Due::Tick(every));
        }
        match mode {
            TickMode::Regular => hub.join(asker.client, every.group()),
            TickMode::Random => watch.next_at = Some(self.set_random_tick(asker.client, hub)),
        }
        if let Some(session) = self.sessions.get_mut(&asker.client) {
            session.watch = Some(watch);
        }
        self.ok(asker, &replies::Watching { every_ms: every.millis(), mode }, hub);
    }

    pub(crate) fn unwatch_time(&mut self, asker: &Asker, hub: &mut Hub<'_>) {
        self.stop_watching(asker.client, hub);
        self.ok(asker, &replies::Done {}, hub);
    }

    /// An interval has begun: the same tick for all who watch it, however late the timer is.
    pub(crate) fn tick(&mut self, every: Every, hub: &mut Hub<'_>) {
        if !self.clock.goes_on(every) {
            return;
        }
        let n = every.count(hub.now());
        let tick = Tick { n, at: every.begin(n).into(), every_ms: every.millis() };
        hub.broadcast(every.group(), server::event(&tick));
        self.timers.set(every.begin(n + 1), Due::Tick(every));
    }

    /// `n` counts from 1, `at` is now, `every_ms` is what was asked for and says nothing.
    pub(crate) fn random_tick(&mut self, client: ClientId, due_at: Time, hub: &mut Hub<'_>) {
        let watch = self.sessions.get_mut(&client).and_then(|session| session.watch.as_mut());
        let Some(watch) = watch.filter(|watch| watch.next_at == Some(due_at)) else { return };
        watch.ticks += 1;
        let tick = Tick { n: watch.ticks, at: hub.now().into(), every_ms: watch.every.millis() };
        hub.send(client, server::event(&tick));
        let next_at = self.set_random_tick(client, hub);
        if let Some(watch) = self.sessions.get_mut(&client).and_then(|session| session.watch.as_mut()) {
            watch.next_at = Some(next_at);
        }
    }

    fn set_random_tick(&mut self, client: ClientId, hub: &mut Hub<'_>) -> Time {
        let at = hub.now() + Duration::from_millis(1000 + hub.random_below(2001));
        self.timers.set(at, Due::RandomTick(client));
        at
    }

    fn stop_watching(&mut self, client: ClientId, hub: &mut Hub<'_>) {
        let watch = self.sessions.get_mut(&client).and_then(|session| session.watch.take());
        if let Some(watch) = watch {
            self.clock.remove(&watch);
            if watch.mode == TickMode::Regular {
                hub.leave(client, watch.every.group());
            }
        }
    }
}
