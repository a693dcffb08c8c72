//! The lounge, with callbacks that panic when the script says so.

use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parlor_core::journal::Followed;
use parlor_core::{
    Admitted, App, Client, ClientId, Close, Denied, Farewell, Frame, Gauge, Handshake, Hub, Incoming, Limits, Loaded,
    Outcome, Refusal, Reply, Restored, Ticket,
};
use parlor_lounge::Lounge;

/// The payload of a panic that the script asked for.
pub struct Asked;

/// The callbacks that can panic.
pub const CALLBACKS: [&str; 6] = ["new_client", "message_received", "client_left", "timer", "committed", "loaded"];

/// The callback that panics when it is called next, counted from 1 in [`CALLBACKS`]; 0: none.
#[derive(Clone, Default)]
pub struct Fuse(Arc<AtomicUsize>);

impl Fuse {
    pub fn light(&self, callback: usize) {
        self.0.store(callback + 1, Ordering::Relaxed);
    }

    pub fn put_out(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// The callback has done its work, whose effects are lost.
    fn burn(&self, callback: usize) {
        let (lit, out) = (callback + 1, 0);
        if self.0.compare_exchange(lit, out, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            panic_any(Asked);
        }
    }
}

pub struct Shaky {
    pub lounge: Lounge,
    pub fuse: Fuse,
}

impl App for Shaky {
    type Request = <Lounge as App>::Request;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        self.lounge.new_client(client, hub);
        self.fuse.burn(0);
    }

    fn message_received(&mut self, client: ClientId, request: Self::Request, hub: &mut Hub<'_>) {
        self.lounge.message_received(client, request, hub);
        self.fuse.burn(1);
    }

    fn client_left(&mut self, client: ClientId, close: &Close, hub: &mut Hub<'_>) {
        self.lounge.client_left(client, close, hub);
        self.fuse.burn(2);
    }

    fn timer(&mut self, hub: &mut Hub<'_>) {
        self.lounge.timer(hub);
        self.fuse.burn(3);
    }

    fn committed(&mut self, ticket: Ticket, outcome: Outcome, hub: &mut Hub<'_>) {
        self.lounge.committed(ticket, outcome, hub);
        self.fuse.burn(4);
    }

    fn loaded(&mut self, ticket: Ticket, loaded: Loaded, hub: &mut Hub<'_>) {
        self.lounge.loaded(ticket, loaded, hub);
        self.fuse.burn(5);
    }

    fn followed(&mut self, followed: Followed, hub: &mut Hub<'_>) {
        self.lounge.followed(followed, hub);
    }

    fn client_timer(&mut self, client: ClientId, hub: &mut Hub<'_>) {
        self.lounge.client_timer(client, hub);
    }

    fn started(&mut self, hub: &mut Hub<'_>) {
        self.lounge.started(hub);
    }

    fn restored(&mut self, restored: Restored, hub: &mut Hub<'_>) {
        self.lounge.restored(restored, hub);
    }

    fn admit(handshake: &Handshake) -> Result<Admitted, Denied> {
        Lounge::admit(handshake)
    }

    fn decode(incoming: Incoming<'_>) -> Result<Self::Request, Reply> {
        Lounge::decode(incoming)
    }

    fn refuse(request: &Self::Request, refusal: &Refusal) -> Reply {
        Lounge::refuse(request, refusal)
    }

    fn answers_with_list(request: &Self::Request) -> bool {
        Lounge::answers_with_list(request)
    }

    fn keeps_order(earlier: &Self::Request, later: &Self::Request) -> bool {
        Lounge::keeps_order(earlier, later)
    }

    fn farewell(reason: &Farewell) -> Option<Frame> {
        Lounge::farewell(reason)
    }

    fn subprotocols() -> &'static [&'static str] {
        Lounge::subprotocols()
    }

    fn limits(&self) -> Limits {
        self.lounge.limits()
    }

    fn gauges(&self) -> Vec<Gauge> {
        self.lounge.gauges()
    }
}
