//! The trait that every app is: three callbacks, and defaults for the rest.

use std::convert::Infallible;

use crate::client::{Admitted, Client, Denied, Handshake};
use crate::close::Close;
use crate::hub::Hub;
use crate::ids::{ClientId, Ticket};
use crate::journal::{Loaded, Outcome, Restored};
use crate::limits::Limits;
use crate::request::{FromIncoming, Reply};
use crate::task::{TaskFailure, TaskId};
use crate::wire::{Frame, Incoming};

/// A real-time server. One value of it, on a thread of its own, sees all clients, one callback at a time.
///
/// Callbacks do no I/O and read no clock; they act through [`Hub`]. A callback that panics ends every connection of this
/// app (1012), and the app is made anew and [`restored`](App::restored) from its journal.
///
/// `E` is the type of the events that come from outside a callback: by a handle to the running app, or as the output of
/// [`Hub::spawn`]. Apps without events write `impl App for …`; apps with events write `impl App<Event> for …`, and
/// `Hub<'_, Event>` in their callbacks.
pub trait App<E: Send + Unpin + 'static = Infallible>: Send + Unpin + Sized + 'static {
    /// What clients ask for. [`Message`](crate::Message) takes everything as it comes.
    type Request: FromIncoming + Send + Unpin + 'static;

    /// Somebody has connected.
    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_, E>);

    /// A client asks for something.
    fn message_received(&mut self, client: ClientId, request: Self::Request, hub: &mut Hub<'_, E>);

    /// A client has left: called exactly once for each `new_client`. `close` is the close code and reason of whoever ended
    /// the connection; 1006 if it ended without a close frame (RFC 6455 §7.1.5).
    fn client_left(&mut self, client: ClientId, close: &Close, hub: &mut Hub<'_, E>);

    /// Decides whether a client may connect, before its handshake is answered. Runs on the session's own thread, and sees no
    /// state.
    ///
    /// # Errors
    /// With the response that the client gets instead of the upgrade.
    fn admit(_handshake: &Handshake) -> Result<Admitted, Denied> {
        Ok(Admitted::default())
    }

    /// Makes a request of a message, or answers on the spot. Runs on the session's own thread, and sees no state.
    fn decode(incoming: Incoming<'_>) -> Result<Self::Request, Reply> {
        Self::Request::from_incoming(incoming)
    }

    /// What a client hears whose request can't be taken. Runs on the session's own thread.
    ///
    /// Without this, `{"type":"error","code":"rate_limited","message":"…","retry_after_ms":…}`: nothing is dropped in silence.
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

    /// The last words to every client before it is closed by the server.
    fn farewell(_reason: &Farewell) -> Option<Frame> {
        None
    }

    /// The bounds for this app's clients. Asked for once, when the server starts.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// The WebSocket subprotocols it speaks, best first. A client that asks for none of them gets none.
    fn subprotocols() -> &'static [&'static str] {
        &[]
    }

    /// The time asked for with [`Hub::wake_at`] has come.
    fn timer(&mut self, _hub: &mut Hub<'_, E>) {}

    /// A client's time, asked for with [`Hub::wake_client`], has come.
    fn client_timer(&mut self, _client: ClientId, _hub: &mut Hub<'_, E>) {}

    /// Receives an event from outside: from a handle, or the output of a task.
    fn told(&mut self, _event: E, _hub: &mut Hub<'_, E>) {}

    /// A task of [`Hub::spawn`] ended without an event.
    fn task_failed(&mut self, _task: TaskId, _failure: TaskFailure, _hub: &mut Hub<'_, E>) {}

    /// Called once, after [`restored`](App::restored) and before anything else.
    fn started(&mut self, _hub: &mut Hub<'_, E>) {}

    /// Called once before anything else, with what the journal holds.
    fn restored(&mut self, _restored: Restored, _hub: &mut Hub<'_, E>) {}

    /// The answer to [`Hub::commit`].
    fn committed(&mut self, _ticket: Ticket, _outcome: Outcome, _hub: &mut Hub<'_, E>) {}

    /// The answer to [`Hub::load`].
    fn loaded(&mut self, _ticket: Ticket, _loaded: Loaded, _hub: &mut Hub<'_, E>) {}

    /// Figures for `/metrics`: name, meaning, value now.
    fn gauges(&self) -> Vec<Gauge> {
        Vec::new()
    }
}

/// Why a request was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Too many requests; the next one is taken after that many milliseconds.
    RateLimited { retry_after_ms: u64 },
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

/// Why the server ends everybody's connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// The server is going down, perhaps to come back.
    Shutdown,
    /// A callback panicked; the app is made anew.
    Restart,
}

/// A figure of the moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    pub name: &'static str,
    pub help: &'static str,
    pub value: f64,
}
