//! `watch_time`: ticks at the wall clock's intervals, or at random.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::interval::Every;
use crate::context::Context;
use crate::protocol::client::TickMode;
use crate::protocol::server::{self, events::Tick, replies};
use crate::timers::Due;
use crate::waiters::Asker;
use parlor_core::ClientId;

/// Clients that watch the time.
#[derive(Default)]
pub struct Clock {
    /// Bounded by the clients there are.
    watches: HashMap<ClientId, Watch>,
    /// Watchers by interval, in regular mode. Bounded: there are few intervals. One that nobody watches any more stays
    /// until its next tick, for which a timer is set.
    regular: BTreeMap<Every, Regular>,
}

/// The watchers of one interval.
#[derive(Default)]
struct Regular {
    watchers: usize,
    /// The number of the interval that the timer waits for.
    next: u64,
}

struct Watch {
    every: Every,
    mode: TickMode,
    /// Ticks so far, in random mode.
    ticks: u64,
}

impl Clock {
    /// Returns the number of clients that watch the time.
    pub fn watchers(&self) -> usize {
        self.watches.len()
    }

    /// Begins to send ticks to a client; a watch that it had ends.
    pub fn watch_time(&mut self, asker: Asker, every_ms: Option<u64>, mode: TickMode, cx: &mut Context<'_, '_>) {
        let client = asker.client();
        self.stop(client, cx);
        let every = every_ms.map_or_else(Every::default, Every::at_least);
        self.watches.insert(client, Watch { every, mode, ticks: 0 });
        match mode {
            TickMode::Regular => {
                let regular = self.regular.entry(every).or_default();
                regular.watchers += 1;
                if regular.next == 0 {
                    regular.wait(every, cx);
                }
                cx.hub.join(client, every.group());
            }
            TickMode::Random => set_random_tick(client, cx),
        }
        cx.ok(asker, &replies::Watching { every_ms: every.millis(), mode });
    }

    /// Ends a client's watch.
    pub fn unwatch_time(&mut self, asker: Asker, cx: &mut Context<'_, '_>) {
        self.stop(asker.client(), cx);
        cx.ok(asker, &replies::Done {});
    }

    /// Ends the watch of a client that has left.
    pub fn disconnect(&mut self, client: ClientId, cx: &mut Context<'_, '_>) {
        self.end(client, cx);
    }

    /// An interval has begun: the same tick for all who watch it, however late the timer is. The timer counts steady time
    /// from one interval to the next, so that ticks go on when the wall clock is set, and stay on its multiples.
    pub fn tick(&mut self, every: Every, cx: &mut Context<'_, '_>) {
        let Some(regular) = self.regular.get_mut(&every).filter(|regular| regular.watchers > 0) else {
            self.regular.remove(&every);
            return;
        };
        let n = every.count(cx.now());
        // The clocks may differ by a little: then the interval has not begun yet.
        if n + 1 != regular.next {
            let tick = Tick { n, at: every.begin(n).into(), every_ms: every.millis() };
            cx.hub.broadcast(every.group(), server::event(&tick));
        }
        regular.wait(every, cx);
    }

    /// A tick of one client: `n` counts from 1, `at` is now, `every_ms` is what was asked for and means nothing.
    pub fn random_tick(&mut self, client: ClientId, cx: &mut Context<'_, '_>) {
        let Some(watch) = self.watches.get_mut(&client) else { return };
        watch.ticks += 1;
        let tick = Tick { n: watch.ticks, at: cx.now().into(), every_ms: watch.every.millis() };
        cx.hub.send(client, server::event(&tick));
        set_random_tick(client, cx);
    }

    fn stop(&mut self, client: ClientId, cx: &mut Context<'_, '_>) {
        if let Some(every) = self.end(client, cx) {
            cx.hub.leave(client, every.group());
        }
    }

    /// Returns the interval whose group the client was in.
    fn end(&mut self, client: ClientId, cx: &mut Context<'_, '_>) -> Option<Every> {
        let watch = self.watches.remove(&client)?;
        match watch.mode {
            TickMode::Regular => {
                if let Some(regular) = self.regular.get_mut(&watch.every) {
                    regular.watchers -= 1;
                }
                Some(watch.every)
            }
            TickMode::Random => {
                cx.timers.cancel(Due::RandomTick(client));
                None
            }
        }
    }
}

impl Regular {
    /// Sets the timer for the next interval.
    fn wait(&mut self, every: Every, cx: &mut Context<'_, '_>) {
        let now = cx.now();
        self.next = every.count(now) + 1;
        cx.timers.set(cx.steady() + every.begin(self.next).since(now), Due::Tick(every));
    }
}

fn set_random_tick(client: ClientId, cx: &mut Context<'_, '_>) {
    let at = cx.steady() + Duration::from_millis(1000 + cx.hub.random_below(2001));
    cx.timers.set(at, Due::RandomTick(client));
}
