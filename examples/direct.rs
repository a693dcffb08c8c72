//! Private chat by user id: a message goes to its receiver alone, and waits for one who is absent.
//! 按用户 ID 私聊:消息只发给接收者;接收者不在时,消息会保留到对方回来。
//!
//! Run / 运行: `cargo run --release --example direct`, then ws://127.0.0.1:9528/ws/ann
//! Original client / 原版客户端: the private chat's, which connects to `/ws/{uid}`.
//!
//! Wire / 报文: `{"sender": "ann", "receiver": "bo", "data": "hello"}`. The sender is who connected, whatever the message says.
//! An absent receiver is told to the sender in a frame from `"server"`.

use std::collections::{BTreeMap, VecDeque};

use parlor_kit::{App, Client, ClientId, Close, Hub, Json, Limits, Server};
use serde::Deserialize;
use serde_json::{Value, json};

/// Messages that wait for absent receivers, of all of them together.
const WAITING_MAX: usize = 10_000;

#[derive(Default)]
struct Direct {
    users: BTreeMap<ClientId, String>,
    /// A user's connections: one in each tab.
    clients: BTreeMap<String, Vec<ClientId>>,
    waiting: BTreeMap<String, VecDeque<Value>>,
}

#[derive(Deserialize)]
struct Letter {
    receiver: String,
    data: Value,
}

impl App for Direct {
    type Request = Json<Letter>;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        let user = client.path_param("uid").unwrap_or_default().to_owned();
        for letter in self.waiting.remove(&user).unwrap_or_default() {
            hub.send(client.id, letter);
        }
        self.clients.entry(user.clone()).or_default().push(client.id);
        self.users.insert(client.id, user);
    }

    fn message_received(&mut self, client: ClientId, Json(letter): Json<Letter>, hub: &mut Hub<'_>) {
        let Some(sender) = self.users.get(&client) else { return };
        let Letter { receiver, data } = letter;
        let frame = json!({"sender": sender, "receiver": receiver, "data": data});
        if let Some(clients) = self.clients.get(&receiver) {
            return hub.broadcast_to(Vec::new(), clients.clone(), None, frame);
        }
        let is_kept = self.waiting.values().map(VecDeque::len).sum::<usize>() < WAITING_MAX;
        let fate = if is_kept { "the message waits for them" } else { "too many messages wait, this one is lost" };
        let notice = json!({"sender": "server", "receiver": sender, "data": format!("{receiver} is absent: {fate}")});
        hub.send(client, notice);
        if is_kept {
            self.waiting.entry(receiver).or_default().push_back(frame);
        }
    }

    fn client_left(&mut self, client: ClientId, _close: &Close, _hub: &mut Hub<'_>) {
        let Some(user) = self.users.remove(&client) else { return };
        let clients = self.clients.entry(user.clone()).or_default();
        clients.retain(|other| *other != client);
        if clients.is_empty() {
            self.clients.remove(&user);
        }
    }

    fn limits(&self) -> Limits {
        Limits::open().frame_bytes(4096)
    }
}

fn main() -> std::process::ExitCode {
    Server::new().app(&["/ws/{uid}"], Direct::default).main(9528)
}
