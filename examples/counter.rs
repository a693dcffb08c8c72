//! One number that everybody may press up and down, with a page.
//! 所有人共用的计数器,带网页。
//!
//! Run / 运行: `cargo run --release --example counter`, then open http://127.0.0.1:6789
//! Original client / 原版客户端: the page of `counter.py` of Python's `websockets`, unchanged.
//!
//! In / 收: `{"action": "plus"}`, `{"action": "minus"}`. Out / 发: `{"type": "users", "count": N}` to all when somebody comes or
//! goes, a newcomer getting it first; `{"type": "value", "value": V}` to the newcomer, and to all when it changes.

use parlor_kit::{App, Client, ClientId, Close, Hub, Limits, Message, Server};
use serde_json::{Value, json};

#[derive(Default)]
struct Counter {
    value: i64,
}

impl Counter {
    fn value(&self) -> String {
        json!({"type": "value", "value": self.value}).to_string()
    }
}

impl App for Counter {
    type Request = Message;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        hub.send_all(users(hub));
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

    fn client_left(&mut self, _client: ClientId, _close: &Close, hub: &mut Hub<'_>) {
        hub.send_all(users(hub));
    }

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

fn users(hub: &Hub<'_>) -> String {
    json!({"type": "users", "count": hub.count()}).to_string()
}

fn main() -> std::process::ExitCode {
    let page = include_str!("pages/counter.html");
    Server::new().page("/", page).app(&["/{any:.*}"], Counter::default).main(6789)
}
