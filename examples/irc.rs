//! Chat rooms by path, where the same IP address is the same user; with a page.
//! 按路径划分的聊天室:同一 IP 即同一用户;带网页。
//!
//! Run / 运行: `cargo run --release --example irc`, then open http://127.0.0.1:8766 or http://127.0.0.1:8766/tea
//! Original client / 原版客户端: the chat room's page, with its dialog for the name, its button and the number online.
//!
//! In / 收: `{"type":"set_username","value":"Ann"}`, `{"type":"user_broadcast","msg":"hello"}`. Out / 发:
//! `{"type":"set_username"}` asks for a name; `{"type":"sys_broadcast","msg":"Ann came","value":NUMBER_ONLINE}`;
//! `{"type":"user_broadcast","username":"Ann","msg":"hello","datetime":"…"}`, the kept ones first.
//! Names and messages are saved every 10 s; who is silent for 30 min is disconnected. A room has 20 users at most.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use parlor_kit::{App, Client, ClientId, Close, Hub, Json, Limits, Mount, Program, Restored, Server, Storage};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const USERS_MAX: usize = 20;
const MESSAGES_MAX: usize = 1000;
const NAMES_MAX: usize = 1000;
const ROOMS_MAX: usize = 1000;

struct Irc {
    rooms: BTreeMap<String, Room>,
    paths: BTreeMap<ClientId, String>,
    save_every: Duration,
    idle: Duration,
}

#[derive(Default, Serialize, Deserialize)]
struct Room {
    names: BTreeMap<IpAddr, String>,
    messages: VecDeque<Value>,
    /// Connections. Those of one address are one user.
    #[serde(skip)]
    here: BTreeMap<ClientId, IpAddr>,
    #[serde(skip)]
    has_changed: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Request {
    SetUsername { value: String },
    UserBroadcast { msg: String },
}

impl Room {
    fn tell_all(&self, frame: &Value, hub: &mut Hub<'_>) {
        hub.broadcast_to(Vec::new(), self.here.keys().copied().collect(), None, frame);
    }

    fn announce(&self, address: IpAddr, words: &str, hub: &mut Hub<'_>) {
        let name = self.names.get(&address).map_or("somebody", String::as_str);
        let online = self.here.values().collect::<BTreeSet<_>>().len();
        self.tell_all(&json!({"type": "sys_broadcast", "msg": format!("{name} {words}"), "value": online}), hub);
    }
}

fn ask_for_name(client: ClientId, hub: &mut Hub<'_>) {
    hub.send(client, json!({"type": "set_username"}));
}

impl App for Irc {
    type Request = Json<Request>;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        let room = self.rooms.entry(client.path.clone()).or_default();
        let users: BTreeSet<_> = room.here.values().chain([&client.address]).collect();
        if users.len() > USERS_MAX {
            return hub.close(client.id, Close::TRY_LATER, format!("this room has {USERS_MAX} users"));
        }
        room.messages.iter().for_each(|message| hub.send(client.id, message));
        room.here.insert(client.id, client.address);
        self.paths.insert(client.id, client.path.clone());
        room.announce(client.address, "came", hub);
        if !room.names.contains_key(&client.address) {
            ask_for_name(client.id, hub);
        }
        hub.wake_client(client.id, self.idle);
        if self.rooms.len() > ROOMS_MAX {
            self.rooms.retain(|_, room| !room.here.is_empty());
        }
    }

    fn message_received(&mut self, client: ClientId, Json(request): Json<Request>, hub: &mut Hub<'_>) {
        let Some(room) = self.paths.get(&client).and_then(|path| self.rooms.get_mut(path)) else { return };
        let Some(address) = room.here.get(&client).copied() else { return };
        hub.wake_client(client, self.idle);
        match (request, room.names.get(&address)) {
            (Request::SetUsername { value }, _) if !value.trim().is_empty() => {
                room.announce(address, &format!("is now {}", value.trim()), hub);
                room.names.insert(address, value.trim().chars().take(40).collect());
                if room.names.len() > NAMES_MAX {
                    room.names.pop_first();
                }
            }
            (Request::UserBroadcast { msg }, Some(name)) => {
                let at = hub.now().to_string();
                let frame = json!({"type": "user_broadcast", "username": name, "msg": msg, "datetime": at});
                room.tell_all(&frame, hub);
                room.messages.push_back(frame);
                room.messages.drain(..room.messages.len().saturating_sub(MESSAGES_MAX));
            }
            (Request::SetUsername { .. } | Request::UserBroadcast { .. }, _) => return ask_for_name(client, hub),
        }
        room.has_changed = true;
        hub.wake_in(self.save_every); // the earliest of several is kept
    }

    fn client_left(&mut self, client: ClientId, _close: &Close, hub: &mut Hub<'_>) {
        let Some(room) = self.paths.remove(&client).and_then(|path| self.rooms.get_mut(&path)) else { return };
        if let Some(address) = room.here.remove(&client) {
            room.announce(address, "left", hub);
        }
    }

    fn client_timer(&mut self, client: ClientId, hub: &mut Hub<'_>) {
        hub.close(client, Close::NORMAL, "silent for too long");
    }

    fn timer(&mut self, hub: &mut Hub<'_>) {
        for (path, room) in self.rooms.iter_mut().filter(|(_, room)| room.has_changed) {
            room.has_changed = false;
            hub.save(path, json!(room).to_string());
        }
    }

    fn restored(&mut self, restored: Restored, _hub: &mut Hub<'_>) {
        let rooms = restored.logs.iter().map(|log| (log.log.to_string(), serde_json::from_slice(&log.state)));
        self.rooms = rooms.filter_map(|(path, room)| Some((path, room.ok()?))).collect();
    }

    fn limits(&self) -> Limits {
        Limits::open().frame_bytes(4096)
    }
}

fn main() -> std::process::ExitCode {
    Program::new(8766)
        .value("database", "FILE", "SQLite file for names and messages [default: irc.db]")
        .value("save-every", "SECONDS", "Interval of saving, 1 to 3600 [default: 10]")
        .value("idle", "SECONDS", "Silence after which a user is disconnected, 1 to 86400 [default: 1800]")
        .main(|given| {
            let save_every = Duration::from_secs(given.number("save-every", 10, 1..=3600)?);
            let idle = Duration::from_secs(given.number("idle", 1800, 1..=86_400)?);
            let storage = Storage::sqlite(given.value("database").unwrap_or("irc.db"))?;
            let make = move || Irc { rooms: BTreeMap::new(), paths: BTreeMap::new(), save_every, idle };
            let mount = Mount::new(&["/{room:.*}"], make).storage(storage);
            Ok(Server::new().page("/{room:.*}", include_str!("pages/irc.html")).mount(mount))
        })
}
