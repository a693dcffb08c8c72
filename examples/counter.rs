//! One number that everybody may press up and down, at ws://127.0.0.1:6789 on any path (`--port` for another one).
//!
//! In: `{"action": "plus"}`, `{"action": "minus"}`. Out: `{"type": "users", "count": N}` to all when somebody comes or
//! goes, a newcomer getting it first; `{"type": "value", "value": V}` to the newcomer, and to all when it changes.

use std::collections::BTreeSet;

use parlor_kit::{App, Client, ClientId, Close, Hub, Limits, Message, Server};
use serde_json::{Value, json};

#[derive(Default)]
struct Counter {
    users: BTreeSet<ClientId>,
    value: i64,
}

impl Counter {
    fn users(&self) -> String {
        json!({"type": "users", "count": self.users.len()}).to_string()
    }

    fn value(&self) -> String {
        json!({"type": "value", "value": self.value}).to_string()
    }
}

impl App for Counter {
    type Request = Message;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        self.users.insert(client.id);
        hub.send_all(self.users());
        hub.send(client.id, self.value());
    }

    fn message_received(&mut self, _client: ClientId, message: Message, hub: &mut Hub<'_>) {
        let Message::Text(text) = message else { return log::warn!("binary message") };
        let event: Value = serde_json::from_str(&text).unwrap_or_default();
        match event["action"].as_str() {
            Some("plus") => self.value += 1,
            Some("minus") => self.value -= 1,
            _ => return log::warn!("unknown action: {event}"),
        }
        hub.send_all(self.value());
    }

    fn client_left(&mut self, client: ClientId, _close: &Close, hub: &mut Hub<'_>) {
        self.users.remove(&client);
        hub.send_all(self.users());
    }

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

fn main() -> std::process::ExitCode {
    Server::new().app(&["/{any:.*}"], Counter::default).main(6789)
}
