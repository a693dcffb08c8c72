//! The trait that every app is: three callbacks, and defaults for the rest.

use std::convert::Infallible;

use crate::client::{Admitted, Client, Denied, Handshake};
use crate::close::Close;
use crate::hub::Hub;
use crate::ids::{ClientId, Ticket};
use crate::journal::{Followed, Loaded, Outcome, Restored};
use crate::limits::Limits;
use crate::request::{FromIncoming, Reply};
use crate::task::{TaskFailure, TaskId};
use crate::wire::{Frame, Incoming};

/// A real-time server: three callbacks, and defaults for the rest.
///
/// One value of it, on a thread of its own, sees all clients, one callback at a time: its state needs no lock. Callbacks do
/// no I/O and read no clock; they act through [`Hub`], and keep nobody waiting: while one runs, no other does. Work that
/// takes longer than some microseconds belongs to [`Hub::spawn`].
///
/// A callback that panics ends every connection of this app (1012), and the app is made anew and
/// [`restored`](App::restored) from its journal.
///
/// `E` is the type of the events that come from outside a callback: by a handle to the running app, or as the output of
/// [`Hub::spawn`]. Apps without events write `impl App for …`; apps with events write `impl App<Event> for …`, and
/// `Hub<'_, Event>` in their callbacks.
///
/// ```
/// # use parlor_core::{*, harness::Harness};
/// struct Chat;
/// impl App for Chat {
///     type Request = String;
///
///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
///         hub.send(client.id, "welcome");
///     }
///
///     fn message_received(&mut self, _client: ClientId, text: String, hub: &mut Hub<'_>) {
///         hub.send_all(text);
///     }
///
///     fn client_left(&mut self, _client: ClientId, _close: &Close, hub: &mut Hub<'_>) {
///         hub.send_all("somebody has left");
///     }
/// }
///
/// let mut server = Harness::new(Chat, 1);
/// let (ann, bo) = (server.connect(), server.connect());
/// server.say(ann, "hello");
/// assert_eq!(server.heard(bo), ["welcome", "hello"]);
/// server.drop_client(bo);
/// assert_eq!(server.heard(ann), ["welcome", "hello", "somebody has left"]);
/// ```
pub trait App<E: Send + Unpin + 'static = Infallible>: Send + Unpin + Sized + 'static {
    /// The type of the clients' requests: [`Message`](crate::Message) for text and binary messages as they come, `String`
    /// for text alone, [`Json<T>`](crate::Json) for JSON, or a type of one's own that is [`FromIncoming`].
    type Request: FromIncoming + Send + Unpin + 'static;

    /// Called when a client has connected, once for each. What is sent to it here comes before anything else.
    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_, E>);

    /// Called for each request of a client, in the order in which the client sent them.
    fn message_received(&mut self, client: ClientId, request: Self::Request, hub: &mut Hub<'_, E>);

    /// A client has left: called exactly once for each `new_client`. `close` is the close code and reason of whoever ended
    /// the connection; 1006 if it ended without a close frame (RFC 6455 §7.1.5).
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    ///     fn client_left(&mut self, _client: ClientId, close: &Close, hub: &mut Hub<'_>) {
    ///         hub.send_all(format!("somebody has left ({})", close.code));
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let (ann, bo) = (server.connect(), server.connect());
    /// server.drop_client(bo); // without a close frame
    /// assert_eq!(server.heard(ann), ["somebody has left (1006)"]);
    /// ```
    fn client_left(&mut self, client: ClientId, close: &Close, hub: &mut Hub<'_, E>);

    /// Decides whether a client may connect, before its handshake is answered. Runs on the session's own thread, and sees no
    /// state.
    ///
    /// The value of [`Admitted::with`] is handed to [`new_client`](App::new_client), as [`Client::admitted`]. Without this,
    /// everybody may connect whose `Origin` may ([`Limits::origins`]).
    ///
    /// # Errors
    /// The response that the client gets instead of the upgrade.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn admit(handshake: &Handshake) -> Result<Admitted, Denied> {
    ///         match handshake.query("token").as_deref() {
    ///             Some("secret") => Ok(Admitted::with("ann".to_owned())),
    ///             _ => Err(Denied::unauthorized("Bearer", "a token is needed")),
    ///         }
    ///     }
    ///
    ///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
    ///         if let Some(name) = client.admitted::<String>() {
    ///             hub.send(client.id, format!("welcome, {name}"));
    ///         }
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// assert_eq!(server.connect_as(|_| {}).unwrap_err().status, 401);
    /// let ann = server.connect_as(|handshake| handshake.query = "token=secret".into()).unwrap();
    /// assert_eq!(server.heard(ann), ["welcome, ann"]);
    /// ```
    fn admit(_handshake: &Handshake) -> Result<Admitted, Denied> {
        Ok(Admitted::default())
    }

    /// Makes a request of a message, or answers on the spot. Runs on the session's own thread, and sees no state: answers
    /// that need none cost the app's thread nothing. A panic here costs this client alone its connection (1011).
    ///
    /// # Errors
    /// The answer on the spot: a frame, a close, both or neither. The message doesn't reach the app.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn decode(incoming: Incoming<'_>) -> Result<String, Reply> {
    ///         match incoming.text()? {
    ///             "ping" => Err(Reply::from("pong")), // answered here
    ///             text => Ok(text.to_uppercase()),
    ///         }
    ///     }
    ///
    ///     fn message_received(&mut self, client: ClientId, text: String, hub: &mut Hub<'_>) {
    ///         hub.send(client, text);
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "ping");
    /// server.say(ann, "hello");
    /// assert_eq!(server.heard(ann), ["pong", "HELLO"]);
    /// ```
    fn decode(incoming: Incoming<'_>) -> Result<Self::Request, Reply> {
        Self::Request::from_incoming(incoming)
    }

    /// Makes the answer to a request that can't be taken. Runs on the session's own thread.
    ///
    /// Without this, `{"type":"error","code":"rate_limited","message":"…","retry_after_ms":…}`: nothing is dropped in silence.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn refuse(request: &String, refusal: &Refusal) -> Reply {
    ///         let Refusal::RateLimited { retry_after_ms } = refusal else { return "not taken".into() };
    ///         Reply::from(format!("not taken: {request}; try again in {retry_after_ms} ms"))
    ///     }
    /// }
    ///
    /// let reply = Chat::refuse(&"hello".to_owned(), &Refusal::RateLimited { retry_after_ms: 50 });
    /// assert_eq!(reply.frame, Some(Frame::text("not taken: hello; try again in 50 ms")));
    /// ```
    fn refuse(_request: &Self::Request, refusal: &Refusal) -> Reply {
        refusal.reply()
    }

    /// Returns whether the answer to a request may be long: a list, a page of history.
    ///
    /// A client's next such request reaches the app once the answer to the last one has been written to its connection, so
    /// that several lists never wait for a slow reader at once.
    fn answers_with_list(_request: &Self::Request) -> bool {
        false
    }

    /// Returns whether `later` must not overtake `earlier`, a request of the same client that waits for its turn because of
    /// [`answers_with_list`](App::answers_with_list).
    fn keeps_order(_earlier: &Self::Request, _later: &Self::Request) -> bool {
        true
    }

    /// Makes the last message to every client before the server closes it. Without this, there is none: the close frame alone
    /// tells the client.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn farewell(reason: &Farewell) -> Option<Frame> {
    ///         Some(Frame::text(match reason {
    ///             Farewell::Restart => "the server begins anew",
    ///             _ => "the server stops",
    ///         }))
    ///     }
    /// }
    ///
    /// assert_eq!(Chat::farewell(&Farewell::Shutdown), Some(Frame::text("the server stops")));
    /// ```
    fn farewell(_reason: &Farewell) -> Option<Frame> {
        None
    }

    /// Returns the bounds for this app's clients. Called once, when the server starts; without this, [`Limits::default`].
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn limits(&self) -> Limits {
    ///         Limits::default().clients(500).frame_bytes(4096)
    ///     }
    /// }
    ///
    /// assert_eq!(Chat.limits().frame_bytes, 4096);
    /// ```
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// Returns the WebSocket subprotocols that the app speaks, best first (RFC 6455 §1.9). A client that offers none of them
    /// connects without one: [`Client::subprotocol`] is `None`.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn subprotocols() -> &'static [&'static str] {
    ///         &["chat.v2", "chat.v1"]
    ///     }
    ///
    ///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
    ///         hub.send(client.id, client.subprotocol.as_deref().unwrap_or("none"));
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let old = server.connect_as(|handshake| handshake.subprotocols = vec!["chat.v1".into()]).unwrap();
    /// assert_eq!(server.heard(old), ["chat.v1"]);
    /// ```
    fn subprotocols() -> &'static [&'static str] {
        &[]
    }

    /// Called when the time asked for with [`Hub::wake_at`] or [`Hub::wake_in`] has come.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # use std::time::Duration;
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn started(&mut self, hub: &mut Hub<'_>) {
    ///         hub.wake_in(Duration::from_secs(1));
    ///     }
    ///
    ///     fn timer(&mut self, hub: &mut Hub<'_>) {
    ///         hub.send_all("tick");
    ///         hub.wake_in(Duration::from_secs(1));
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.advance(Duration::from_secs(2));
    /// assert_eq!(server.heard(ann), ["tick", "tick"]);
    /// ```
    fn timer(&mut self, _hub: &mut Hub<'_, E>) {}

    /// Called when a client's time, asked for with [`Hub::wake_client`], has come. Not called for clients that have left.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # use std::time::Duration;
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
    ///         hub.wake_client(client.id, Duration::from_secs(60));
    ///     }
    ///
    ///     fn client_timer(&mut self, client: ClientId, hub: &mut Hub<'_>) {
    ///         hub.close(client, Close::NORMAL, "your minute is over");
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.advance(Duration::from_secs(60));
    /// assert_eq!(server.closed(ann).unwrap().reason, "your minute is over");
    /// ```
    fn client_timer(&mut self, _client: ClientId, _hub: &mut Hub<'_, E>) {}

    /// Receives an event from outside: from a handle, or the output of a task. Events of one handle come in their order.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App<String> for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_, String>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, String>) {}
    ///     fn told(&mut self, headline: String, hub: &mut Hub<'_, String>) {
    ///         hub.send_all(headline);
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.tell("it rains".to_owned());
    /// assert_eq!(server.heard(ann), ["it rains"]);
    /// ```
    fn told(&mut self, _event: E, _hub: &mut Hub<'_, E>) {}

    /// Called when a task of [`Hub::spawn`] has ended without an event: it panicked, or was never run.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App<String> for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_, String>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, String>) {}
    ///     fn started(&mut self, hub: &mut Hub<'_, String>) {
    ///         hub.spawn(async { "loaded".to_owned() });
    ///     }
    ///
    ///     fn task_failed(&mut self, _task: TaskId, failure: TaskFailure, hub: &mut Hub<'_, String>) {
    ///         hub.send_all(failure.to_string());
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// let task = server.tasks()[0];
    /// server.end_task(task, Err(TaskFailure::Panicked("no such table".to_owned())));
    /// assert_eq!(server.heard(ann), ["the task panicked: no such table"]);
    /// ```
    fn task_failed(&mut self, _task: TaskId, _failure: TaskFailure, _hub: &mut Hub<'_, E>) {}

    /// Called once, after [`restored`](App::restored) and before anything else: the place for a first timer or task.
    fn started(&mut self, _hub: &mut Hub<'_, E>) {}

    /// Called once before anything else, with the state of every log in the journal that has one. Logs without a state, such
    /// as those of [`Hub::append`], are not in it: they are read with [`Hub::load`].
    fn restored(&mut self, _restored: Restored, _hub: &mut Hub<'_, E>) {}

    /// Receives the answer to [`Hub::commit`] or [`Hub::append`] with this ticket. Answers come in the order of the asking.
    /// Events shown to clients from here on survive as the journal promises.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat;
    /// impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn message_received(&mut self, _client: ClientId, text: String, hub: &mut Hub<'_>) {
    ///         hub.append("chat", text);
    ///     }
    ///
    ///     fn committed(&mut self, _ticket: Ticket, outcome: Outcome, hub: &mut Hub<'_>) {
    ///         match outcome {
    ///             Outcome::Committed(placed) => hub.send_all(format!("saved as number {}", placed[0].head)),
    ///             Outcome::Conflict | Outcome::Unavailable(_) | Outcome::Unknown(_) => hub.send_all("not saved"),
    ///         }
    ///     }
    /// }
    ///
    /// let mut server = Harness::new(Chat, 1);
    /// let ann = server.connect();
    /// server.say(ann, "hello");
    /// server.set_journal_fault(Some("the disk is full"));
    /// server.say(ann, "is anybody there?");
    /// assert_eq!(server.heard(ann), ["saved as number 1", "not saved"]);
    /// ```
    fn committed(&mut self, _ticket: Ticket, _outcome: Outcome, _hub: &mut Hub<'_, E>) {}

    /// Receives the answer to [`Hub::load`] with this ticket. Later commits may be answered before it.
    fn loaded(&mut self, _ticket: Ticket, _loaded: Loaded, _hub: &mut Hub<'_, E>) {}

    /// Receives a commit of another writer to the same journal, such as the same app on another machine. Others' commits and
    /// the outcomes of one's own come in the order in which they were placed: what is placed before a commit is here before its
    /// outcome. Most journals have one writer, and never call this. [`Harness::follow`](crate::harness::Harness::follow) has an
    /// example.
    fn followed(&mut self, _followed: Followed, _hub: &mut Hub<'_, E>) {}

    /// Returns figures for a page like `/metrics`. Called once a second at most. Empty without this.
    ///
    /// ```
    /// # use parlor_core::{*, harness::Harness};
    /// # struct Chat { rooms: usize }
    /// impl App for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    ///     fn gauges(&self) -> Vec<Gauge> {
    ///         vec![Gauge { name: "rooms", help: "Rooms that are open.", value: self.rooms as f64 }]
    ///     }
    /// }
    ///
    /// assert_eq!(Chat { rooms: 3 }.gauges()[0].value, 3.0);
    /// ```
    fn gauges(&self) -> Vec<Gauge> {
        Vec::new()
    }
}

/// The reason why a request was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The client makes requests faster than [`Limits::rate`] allows.
    RateLimited {
        /// Milliseconds until the next request is taken.
        retry_after_ms: u64,
    },
}

impl Refusal {
    fn reply(&self) -> Reply {
        let Refusal::RateLimited { retry_after_ms } = self;
        let frame = serde_json::json!({
            "type": "error",
            "code": "rate_limited",
            "message": "too many requests: this one was dropped",
            "retry_after_ms": retry_after_ms,
        });
        Frame::text(frame.to_string()).into()
    }
}

/// The reason why the server ends every connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Farewell {
    /// The server is going down, perhaps to come back.
    Shutdown,
    /// A callback panicked; the app is made anew.
    Restart,
}

/// A figure of the moment, for a page like `/metrics`.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    /// The name: lower-case words with `_` between them, the unit last, without a prefix.
    pub name: &'static str,
    /// The meaning, in one sentence.
    pub help: &'static str,
    /// The figure now.
    pub value: f64,
}
