//! The handle of a client: requests.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot, watch};

use crate::driver::Driver;
use crate::machine::{Command, Machine, Reply, State, Status, request};
use crate::protocol::{
    Counted, Created, History, Join, Joined, Limits, Moved, OnlineUsers, RoomKind, RoomList, Said, Told, User, Watching,
};
use crate::target::Target;
use crate::{Error, Options, Updates};

/// Commands between a handle and the task. Handles wait while it is full.
const COMMANDS_MAX: usize = 64;

/// A client of a Parlor server. Clones are handles of the same client; when all are dropped, it leaves.
///
/// Requests wait for a connection, and no longer than [`Options::request_timeout`] in all. A request ends early when its
/// future is dropped; what was sent by then may still be done.
#[derive(Clone, Debug)]
pub struct Client {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<Status>,
    patience: std::time::Duration,
}

impl Client {
    /// A client of the server at a `ws:` or `wss:` address, such as `ws://127.0.0.1:8080/ws`. It begins to connect at once,
    /// in a task of its own.
    ///
    /// # Errors
    /// [`Error::Address`] if the address is none.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn connect(url: &str) -> Result<(Self, Updates), Error> {
        Self::connect_with(url, Options::default())
    }

    /// The same with choices.
    ///
    /// # Errors
    /// [`Error::Address`] if the address or a header is none.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn connect_with(url: &str, options: Options) -> Result<(Self, Updates), Error> {
        let target = Arc::new(Target::new(url, &options)?);
        let status = Status { state: State::Connecting, user: None, token: options.token, limits: None };
        let (tell, status) = watch::channel(status);
        let (commands, to_do) = mpsc::channel(COMMANDS_MAX);
        let (give, updates) = mpsc::channel(options.updates_max);
        let machine = Machine::new(tell, give.clone());
        tokio::spawn(Driver { target, machine, commands: to_do, updates: give }.run());
        Ok((Client { commands, status, patience: options.patience }, Updates(updates)))
    }

    /// Waits until the connection is open.
    ///
    /// # Errors
    /// [`Error::TimedOut`] or [`Error::Closed`].
    pub async fn ready(&self) -> Result<User, Error> {
        let mut status = self.status.clone();
        let ready = status.wait_for(|status| status.state != State::Connecting);
        match tokio::time::timeout(self.patience, ready).await {
            Err(_) => Err(Error::TimedOut),
            Ok(Err(_)) => Err(self.gone()),
            Ok(Ok(status)) => match (&status.state, &status.user) {
                (State::Closed(close), _) => Err(Error::Closed(close.clone())),
                (_, Some(user)) => Ok(user.clone()),
                (_, None) => Err(Error::Answer("the welcome names no user".into())),
            },
        }
    }

    /// The connection's state.
    pub fn state(&self) -> State {
        self.status.borrow().state.clone()
    }

    /// This user, once the server has said who it is.
    pub fn user(&self) -> Option<User> {
        self.status.borrow().user.clone()
    }

    /// The secret by which a later client is the same user: see [`Options::token`]. It changes with each connection and with
    /// [`rename`](Self::rename).
    pub fn token(&self) -> Option<String> {
        self.status.borrow().token.clone()
    }

    /// The server's bounds, once it has told them.
    pub fn limits(&self) -> Option<Limits> {
        self.status.borrow().limits.clone()
    }

    /// Leaves for good, with a close. What waits fails with [`Error::Closed`]. Returns when the connection has ended.
    pub async fn close(&self) {
        let _ = self.commands.send(Command::Close).await;
        self.commands.closed().await;
        let mut status = self.status.clone();
        let _ = status.wait_for(|status| matches!(status.state, State::Closed(_))).await;
    }

    /// Joins a room and stays in it over reconnects, until [`leave`](Self::leave) or [`Update::Lost`](crate::Update::Lost).
    /// The answer has the room's newest events; the events after them come as updates.
    ///
    /// # Errors
    /// [`Error::Refused`], or no answer in time.
    pub async fn join(&self, room: impl Into<Join>) -> Result<Joined, Error> {
        let join = room.into();
        self.typed(|reply| Command::Join(join, reply)).await
    }

    /// Leaves a room.
    ///
    /// # Errors
    /// [`Error::Refused`], or no answer in time.
    pub async fn leave(&self, room: impl Into<String>) -> Result<(), Error> {
        let room = room.into();
        self.wait(|reply| Command::Leave(room, reply)).await.map(drop)
    }

    /// Says something in a joined room. It is sent again, under one key, until it is answered: so it is said once, however
    /// often the connection breaks.
    ///
    /// # Errors
    /// [`Error::Refused`], or no answer in time: then [`say_with_key`](Self::say_with_key) tells how to try again safely.
    pub async fn say(&self, room: &str, body: &str) -> Result<Said, Error> {
        self.say_with_key(room, body, &new_key()).await
    }

    /// The same under a key of the caller's, 1 to 64 characters, used for no other message. Whoever keeps the key can repeat
    /// the message after an [`Error::TimedOut`], or in another process: if it was said, the answer is the first one.
    ///
    /// # Errors
    /// As [`say`](Self::say).
    pub async fn say_with_key(&self, room: &str, body: &str, key: &str) -> Result<Said, Error> {
        self.repeated("say", json!({"room": room, "body": body, "key": key})).await
    }

    /// Tells a user something: by id, or by a name in use. It is sent again like [`say`](Self::say).
    ///
    /// # Errors
    /// As [`say`](Self::say).
    pub async fn tell(&self, to: &str, body: &str) -> Result<Told, Error> {
        self.tell_with_key(to, body, &new_key()).await
    }

    /// The same under a key of the caller's, as [`say_with_key`](Self::say_with_key).
    ///
    /// # Errors
    /// As [`say`](Self::say).
    pub async fn tell_with_key(&self, to: &str, body: &str, key: &str) -> Result<Told, Error> {
        self.repeated("tell", json!({"to": to, "body": body, "key": key})).await
    }

    /// Events of a room before this number, 50 unless `limit` says how many, 1000 at most.
    ///
    /// # Errors
    /// [`Error::Refused`], or no answer in time.
    pub async fn history(&self, room: &str, before: Option<u64>, limit: Option<u16>) -> Result<History, Error> {
        self.repeated("history", json!({"room": room, "before": before, "limit": limit})).await
    }

    /// The listed rooms, page by page: `after` is the `next` of the page before.
    ///
    /// # Errors
    /// [`Error::Refused`], or no answer in time.
    pub async fn rooms(&self, after: Option<&str>) -> Result<RoomList, Error> {
        self.repeated("rooms", json!({"after": after})).await
    }

    /// The users who are on, in a room or anywhere, page by page.
    ///
    /// # Errors
    /// [`Error::Refused`], or no answer in time.
    pub async fn users(&self, room: Option<&str>, after: Option<&str>) -> Result<OnlineUsers, Error> {
        self.repeated("users", json!({"room": room, "after": after})).await
    }

    /// Takes another name.
    ///
    /// # Errors
    /// [`Error::Refused`] with [`NameTaken`](crate::ErrorCode::NameTaken) among others, [`Error::ConnectionLost`], or no
    /// answer in time.
    pub async fn rename(&self, name: &str) -> Result<User, Error> {
        let answer = self.request("rename", json!({"name": name})).await?;
        read(answer["user"].clone())
    }

    /// Tells the others of a room that this user is writing.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::ConnectionLost`], or no answer in time.
    pub async fn typing(&self, room: &str) -> Result<(), Error> {
        self.request("typing", json!({"room": room})).await.map(drop)
    }

    /// Makes a room, without joining it. `room` is its name; none: the server makes one up.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::ConnectionLost`], or no answer in time.
    pub async fn create(&self, kind: RoomKind, room: Option<&str>, is_unlisted: bool) -> Result<Created, Error> {
        self.once("create", json!({"kind": kind, "room": room, "unlisted": is_unlisted})).await
    }

    /// Changes a counter by 1 or -1.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::ConnectionLost`], or no answer in time.
    pub async fn count(&self, room: &str, by: i8) -> Result<Counted, Error> {
        self.once("count", json!({"room": room, "by": by})).await
    }

    /// Drops a disc into a column, 0 to 6 from the left.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::ConnectionLost`], or no answer in time.
    pub async fn play(&self, room: &str, column: u8) -> Result<Moved, Error> {
        self.once("play", json!({"room": room, "column": column})).await
    }

    /// Gives a game up.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::ConnectionLost`], or no answer in time.
    pub async fn resign(&self, room: &str) -> Result<Moved, Error> {
        self.once("resign", json!({"room": room})).await
    }

    /// Asks for another round, or agrees to one.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::ConnectionLost`], or no answer in time.
    pub async fn rematch(&self, room: &str) -> Result<Moved, Error> {
        self.once("rematch", json!({"room": room})).await
    }

    /// Asks for ticks of the server's clock, all clients at the same instants; over reconnects, until
    /// [`unwatch_time`](Self::unwatch_time).
    ///
    /// # Errors
    /// [`Error::Refused`], or no answer in time.
    pub async fn watch_time(&self, every_ms: u64) -> Result<Watching, Error> {
        let frame = request("watch_time", json!({"every_ms": every_ms}));
        self.typed(|reply| Command::Watch(frame, reply)).await
    }

    /// Ends the ticks.
    ///
    /// # Errors
    /// No answer in time.
    pub async fn unwatch_time(&self) -> Result<(), Error> {
        let frame = request("unwatch_time", json!({}));
        self.wait(|reply| Command::Watch(frame, reply)).await.map(drop)
    }

    /// The server's time, RFC 3339; and a sign of its life.
    ///
    /// # Errors
    /// No answer in time.
    pub async fn ping(&self) -> Result<String, Error> {
        let answer: Value = self.repeated("ping", json!({})).await?;
        read(answer["server_time"].clone())
    }

    /// Any request, of a later server too, and the whole answer. It is not repeated if the connection breaks.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::ConnectionLost`], or no answer in time.
    pub async fn request(&self, kind: &str, fields: Value) -> Result<Value, Error> {
        self.ask(request(kind, fields), false).await
    }

    async fn once<T: DeserializeOwned>(&self, kind: &str, fields: Value) -> Result<T, Error> {
        read(self.ask(request(kind, fields), false).await?)
    }

    async fn repeated<T: DeserializeOwned>(&self, kind: &str, fields: Value) -> Result<T, Error> {
        read(self.ask(request(kind, fields), true).await?)
    }

    async fn ask(&self, frame: Map<String, Value>, repeats: bool) -> Result<Value, Error> {
        self.wait(|reply| Command::Ask { frame, repeats, reply }).await
    }

    async fn typed<T: DeserializeOwned>(&self, command: impl FnOnce(Reply) -> Command) -> Result<T, Error> {
        read(self.wait(command).await?)
    }

    async fn wait(&self, command: impl FnOnce(Reply) -> Command) -> Result<Value, Error> {
        let (reply, answer) = oneshot::channel();
        let answered = async {
            if self.commands.send(command(reply)).await.is_err() {
                return Err(self.gone());
            }
            answer.await.unwrap_or_else(|_| Err(self.gone()))
        };
        tokio::time::timeout(self.patience, answered).await.unwrap_or(Err(Error::TimedOut))
    }

    /// The task has ended.
    fn gone(&self) -> Error {
        match &self.status.borrow().state {
            State::Closed(close) => Error::Closed(close.clone()),
            State::Connecting | State::Open => Error::ConnectionLost,
        }
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| Error::Answer(error.to_string()))
}

/// 32 hexadecimal digits that no other message has.
fn new_key() -> String {
    format!("{:032x}", fastrand::u128(..))
}
