//! `/echo`: every message back as it came.

use parlor_core::{App, Client, ClientId, Close, Hub, Incoming, Limits, Message, Reply};

/// The echo has no state, so it answers where it reads. It stops reading from a client that does not read, and so needs no
/// rate limit.
pub struct Echo(pub Limits);

impl App for Echo {
    type Request = Message;

    fn new_client(&mut self, _client: &Client, _hub: &mut Hub<'_>) {}

    fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
        hub.send(client, message);
    }

    fn client_left(&mut self, _client: ClientId, _close: &Close, _hub: &mut Hub<'_>) {}

    fn decode(incoming: Incoming<'_>) -> Result<Message, Reply> {
        Err(Reply::from(incoming))
    }

    fn limits(&self) -> Limits {
        self.0.clone()
    }
}
