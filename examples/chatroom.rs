//! The chat room of Tornado's demo: names from a cookie, the newest 100 messages kept, with a page.
//! Tornado 示例聊天室:用户名来自 cookie,保留最新 100 条消息,带网页。
//!
//! Run / 运行: `cargo run --release --example chatroom`, then open http://127.0.0.1:8000; `-- --redis redis://127.0.0.1/`
//! keeps the messages in Redis's list `chat_history`, else they are in SQLite
//! Original client / 原版客户端: the Tornado chat room's page and any Tornado client, at ws://127.0.0.1:8000/chatsocket
//!
//! In / 收: `{"body": "hello"}`. Out / 发: `{"id", "type": "online"|"offline"|"message", "client_id", "username",
//! "datetime": "YYYY-MM-DD HH:MM:SS", "body", "html"}`. The name is the cookie `username` in base64, else `游客N`.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use parlor_kit::{App, Client, ClientId, Close, Hub, Json, Limits, Load, Loaded};
use parlor_kit::{Mount, Program, Server, Storage, Ticket};
use redis::{Commands, RedisError};
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};

const KEY: &str = "chat_history";
const KEPT: isize = 100;

#[derive(Default)]
struct ChatRoom {
    /// Id and name of each client.
    users: BTreeMap<ClientId, (String, String)>,
    guests: u64,
    history: Vec<String>,
    redis: Option<redis::Client>,
    unwritten: Option<Sender<String>>,
}

impl ChatRoom {
    fn frame(&self, kind: &str, client: ClientId, body: &str, hub: &Hub<'_, ()>) -> Value {
        let (client_id, name) = self.users.get(&client).cloned().unwrap_or_default();
        let (id, datetime) = (hub.uuid(), hub.now().to_string()[..19].replace('T', " "));
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        json!({"id": id, "type": kind, "client_id": client_id, "username": name, "datetime": datetime, "body": body,
            "html": format!("<div class=\"{kind}\" id=\"m{id}\"><b>{}</b>: {}</div>", escape(&name), escape(body))})
    }
}

impl App<()> for ChatRoom {
    type Request = Json<Value>;

    fn started(&mut self, hub: &mut Hub<'_, ()>) {
        hub.load(Load::newest(KEY, KEPT as usize));
        let Some(redis) = self.redis.clone() else { return };
        let (sender, receiver) = channel(1000);
        self.unwritten = Some(sender);
        hub.spawn(write(redis, receiver));
    }

    fn loaded(&mut self, _ticket: Ticket, loaded: Loaded, hub: &mut Hub<'_, ()>) {
        let Loaded::Page(page) = loaded else { return log::error!("the history can't be read") };
        let kept: Vec<String> = page.texts().map(Into::into).collect();
        kept.iter().for_each(|message| hub.send_all(message)); // to those who were faster than the journal
        self.history.splice(..0, kept);
    }

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_, ()>) {
        let cookie = client.cookie("username").and_then(|value| STANDARD.decode(value).ok());
        let name = cookie.and_then(|name| String::from_utf8(name).ok()).filter(|name| !name.trim().is_empty());
        self.guests += u64::from(name.is_none());
        let name = name.unwrap_or_else(|| format!("游客{}", self.guests));
        self.users.insert(client.id, (hub.uuid().to_string(), name.chars().take(40).collect()));
        self.history.iter().for_each(|message| hub.send(client.id, message));
        hub.send_all(self.frame("online", client.id, "joined / 上线了", hub));
    }

    fn message_received(&mut self, client: ClientId, Json(say): Json<Value>, hub: &mut Hub<'_, ()>) {
        let error = json!({"type": "error", "message": "`body` must be a string"});
        let Some(body) = say["body"].as_str() else { return hub.send(client, error) };
        let message = self.frame("message", client, body, hub).to_string();
        hub.send_all(&message);
        self.history.push(message.clone());
        self.history.drain(..self.history.len().saturating_sub(KEPT as usize));
        if let Some(redis) = &self.unwritten {
            redis.try_send(message).unwrap_or_else(|error| log::error!("a message is not kept: Redis: {error}"));
        } else {
            hub.append(KEY, message);
        }
    }

    fn client_left(&mut self, client: ClientId, _close: &Close, hub: &mut Hub<'_, ()>) {
        hub.send_all(self.frame("offline", client, "left / 下线了", hub));
        self.users.remove(&client);
    }

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

/// Writes messages as long as the app lives. Those that come during a write are written together.
async fn write(redis: redis::Client, mut unwritten: Receiver<String>) {
    let mut batch = Vec::new();
    while unwritten.recv_many(&mut batch, KEPT as usize).await > 0 {
        let work = async {
            let mut connection = redis.get_multiplexed_async_connection().await?;
            redis::pipe().rpush(KEY, &batch).ltrim(KEY, -KEPT, -1).exec_async(&mut connection).await
        };
        work.await.unwrap_or_else(|error: RedisError| log::error!("messages are not kept: Redis: {error}"));
        batch.clear();
    }
}

fn main() -> std::process::ExitCode {
    Program::new(8000)
        .value("database", "FILE", "SQLite file for the messages [default: chatroom.db]")
        .value("redis", "URL", "Keep the messages in Redis instead, such as redis://127.0.0.1/")
        .main(|given| {
            let redis = given.value("redis").map(redis::Client::open).transpose()?;
            let read = |redis: &redis::Client| redis.get_connection()?.lrange::<_, Vec<_>>(KEY, -KEPT, -1);
            redis.as_ref().map(read).transpose().map_err(|error| format!("--redis: {error}"))?; // it is there
            let file = given.value("database").unwrap_or("chatroom.db");
            let storage = if redis.is_some() { Storage::memory(1) } else { Storage::sqlite(file)? };
            let room = move || {
                let history = redis.as_ref().and_then(|redis| read(redis).ok()).unwrap_or_default();
                ChatRoom { history, redis: redis.clone(), ..ChatRoom::default() }
            };
            let mount = Mount::new(&["/chatsocket"], room).storage(storage);
            Ok(Server::new().page("/", include_str!("pages/chatroom.html")).mount(mount))
        })
}
