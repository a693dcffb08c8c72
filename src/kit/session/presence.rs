//! A client's being there, from `Connected` to `Left`.

use std::rc::Rc;

use crate::kit::app::{App, Client};
use crate::kit::ids::ClientId;
use crate::kit::server::handle::AppHandle;
use crate::kit::server::messages::Inbound;
use crate::kit::server::outbox::Outbox;
use crate::kit::server::station::Station;

/// Holds a client's place. Dropped, in whatever way, it gives the place back and tells the app: so each `Connected` is
/// followed by one `Left`, even if the session panics.
pub struct Presence<A: App> {
    handle: AppHandle<A>,
    station: Rc<Station>,
    client: ClientId,
}

impl<A: App> Presence<A> {
    pub fn begin(
        handle: AppHandle<A>,
        station: Rc<Station>,
        outbox: Rc<dyn Outbox>,
        newcomer: impl FnOnce(ClientId) -> Client,
    ) -> Self {
        let place = station.slots.borrow_mut().enter(outbox);
        let client = ClientId { worker: station.index, slot: place.slot, generation: place.generation };
        let presence = Presence { handle, station, client };
        presence.tell(|client| Inbound::Connected(newcomer(client)));
        presence
    }

    pub fn tell(&self, inbound: impl FnOnce(ClientId) -> Inbound<A::Request>) {
        self.handle.tell(inbound(self.client));
    }
}

impl<A: App> Drop for Presence<A> {
    fn drop(&mut self) {
        // Borrowed only if the panic that ends this session began in the table itself; then the place is lost.
        if let Ok(mut slots) = self.station.slots.try_borrow_mut() {
            slots.exit(self.client.into());
        }
        self.tell(Inbound::Left);
    }
}
