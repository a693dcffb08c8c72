//! An app and its hub, turned by hand: inputs in, effects out. Pure, so that a whole server runs in a unit test and a
//! failing run replays from its seed.

use std::collections::HashMap;

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::app::{App, Client};
pub use crate::effect::Effect;
use crate::hub::Hub;
use crate::ids::{ClientId, Hold, Ticket};
use crate::journal::{Loaded, Outcome, Restored};
use crate::time::Time;

/// Everything that can happen to an app.
#[derive(Debug)]
pub enum Input<R> {
    Restored(Restored),
    Connected(Client),
    Request(ClientId, R),
    Left(ClientId),
    Committed(Ticket, Outcome),
    Loaded(Ticket, Loaded),
    Timer,
}

/// Runs an app's callbacks, and knows which requests still wait for the journal.
pub struct Engine<A: App> {
    app: A,
    rng: StdRng,
    now: Time,
    wake_at: Option<Time>,
    next_ticket: u64,
    /// Which request each open ticket belongs to.
    owners: HashMap<Ticket, u64>,
    /// Requests with open tickets: whose, and how many.
    open: HashMap<u64, (ClientId, u32)>,
    next_request: u64,
    /// What a callback has released and drawn detached; empty between callbacks.
    released: Vec<Hold>,
    detached: Vec<Ticket>,
}

impl<A: App> Engine<A> {
    /// `first_ticket`: beyond every ticket that an engine before this one gave out.
    pub fn new(app: A, seed: [u8; 32], first_ticket: u64) -> Self {
        Engine {
            app,
            rng: StdRng::from_seed(seed),
            now: Time::default(),
            wake_at: None,
            next_ticket: first_ticket,
            owners: HashMap::new(),
            open: HashMap::new(),
            next_request: 0,
            released: Vec::new(),
            detached: Vec::new(),
        }
    }

    pub fn app(&self) -> &A {
        &self.app
    }

    /// When a [`Input::Timer`] is wanted.
    pub fn wake_at(&self) -> Option<Time> {
        self.wake_at
    }

    /// Requests that are not done yet, of clients here and gone.
    pub fn open_requests(&self) -> usize {
        self.open.len()
    }

    pub fn next_ticket(&self) -> u64 {
        self.next_ticket
    }

    /// Calls the callback that `input` is for; appends what it asks for to `effects`.
    pub fn step(&mut self, now: Time, input: Input<A::Request>, effects: &mut Vec<Effect>) {
        self.now = self.now.max(now); // a clock that is set back stands still
        let first_ticket = self.next_ticket;
        let request = match &input {
            Input::Request(client, _) => Some(self.begin(*client)),
            Input::Committed(ticket, _) | Input::Loaded(ticket, _) => self.owners.remove(ticket),
            Input::Restored(_) | Input::Connected(_) | Input::Left(_) | Input::Timer => None,
        };
        if matches!(input, Input::Timer) {
            self.wake_at = None;
        }
        self.call(input, effects);
        if let Some(request) = request {
            self.own(request, first_ticket);
            self.settle(request, effects);
        }
        self.detached.clear();
        for Hold(ticket) in std::mem::take(&mut self.released) {
            if let Some(request) = self.owners.remove(&ticket) {
                self.settle(request, effects);
            }
        }
    }

    fn call(&mut self, input: Input<A::Request>, effects: &mut Vec<Effect>) {
        let Engine { app, rng, now, wake_at, next_ticket, released, detached, .. } = self;
        let hub = &mut Hub { now: *now, rng, next_ticket, wake_at, effects, released, detached };
        match input {
            Input::Restored(restored) => app.restored(restored, hub),
            Input::Connected(client) => app.new_client(&client, hub),
            Input::Request(client, request) => app.message_received(client, request, hub),
            Input::Left(client) => app.client_left(client, hub),
            Input::Committed(ticket, outcome) => app.committed(ticket, outcome, hub),
            Input::Loaded(ticket, loaded) => app.loaded(ticket, loaded, hub),
            Input::Timer => app.timer(hub),
        }
    }

    fn begin(&mut self, client: ClientId) -> u64 {
        let request = self.next_request;
        self.next_request += 1;
        self.open.insert(request, (client, 1)); // the 1 is the callback itself
        request
    }

    /// Counts the tickets drawn since `first_ticket` to `request`, but for those drawn detached.
    fn own(&mut self, request: u64, first_ticket: u64) {
        let Some((_, open)) = self.open.get_mut(&request) else { return };
        for ticket in (first_ticket..self.next_ticket).map(Ticket).filter(|ticket| !self.detached.contains(ticket)) {
            self.owners.insert(ticket, request);
            *open += 1;
        }
    }

    /// Counts one step off `request`; with none open it is done.
    fn settle(&mut self, request: u64, effects: &mut Vec<Effect>) {
        let Some((client, open)) = self.open.get_mut(&request) else { return };
        *open -= 1;
        if *open == 0 {
            let client = *client;
            self.open.remove(&request);
            effects.push(Effect::Done { client });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::Harness;
    use crate::journal::Commit;
    use crate::wire::Message;

    /// Says "wait" to be kept waiting until somebody says anything else.
    #[derive(Default)]
    struct Waiting(Vec<Hold>);

    impl App for Waiting {
        type Request = Message;

        fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}

        fn message_received(&mut self, _: ClientId, request: Message, hub: &mut Hub<'_>) {
            match request {
                Message::Text(text) if text == "wait" => self.0.push(hub.hold()),
                Message::Text(text) if text == "detached" => {
                    hub.commit_detached(Commit::default());
                }
                Message::Text(_) | Message::Binary(_) => {
                    hub.commit(Commit::default());
                    self.0.drain(..).for_each(|hold| hub.release(hold));
                }
            }
        }

        fn client_left(&mut self, _: ClientId, _: &mut Hub<'_>) {}
    }

    #[test]
    fn a_held_request_is_open_until_it_is_released() {
        let mut harness = Harness::new(Waiting::default(), 1);
        let (one, other) = (harness.connect(), harness.connect());
        harness.say(one, "wait");
        harness.say(one, "wait");
        assert_eq!(harness.in_flight(one), 2);
        harness.hold_journal();
        harness.say(other, "go");
        assert_eq!((harness.in_flight(one), harness.in_flight(other)), (0, 1));
        harness.release_journal(Ok(()));
        assert_eq!(harness.in_flight(other), 0);
    }

    #[test]
    fn nobody_waits_for_a_commit_detached() {
        let mut harness = Harness::new(Waiting::default(), 1);
        let client = harness.connect();
        harness.hold_journal();
        harness.say(client, "detached");
        assert_eq!(harness.in_flight(client), 0);
        harness.release_journal(Ok(()));
        assert_eq!(harness.in_flight(client), 0);
    }
}
