//! Requests of a client, on their way to the thread of its session. Each waits for its answer, so that the connections that
//! may wait bound the channel.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::server::admission::Permit;
use crate::transport::http_sessions::pipe::PipeReader;
use parlor_core::Close;

/// A request to a session.
pub enum Command {
    Send(SendCommand),
    Receive(ReceiveCommand),
    /// The client ends its session.
    End(oneshot::Sender<()>),
}

/// Frames of the client, one a line.
pub struct SendCommand {
    pub lines: Bytes,
    /// The number of this request among the client's.
    pub n: Option<u64>,
    /// The newest frame that the client has.
    pub acknowledged: Option<u64>,
    pub answer: oneshot::Sender<Result<(), Refused>>,
}

/// The client waits for frames.
pub struct ReceiveCommand {
    /// The newest frame that the client has; `None`: the one that it acknowledged last.
    pub after: Option<u64>,
    pub way: Way,
}

/// How frames go out.
pub enum Way {
    /// One answer. `waits`: not before there is something to tell.
    Poll { waits: bool, answer: oneshot::Sender<Result<Polled, Refused>> },
    /// One body, for as long as it goes on.
    Stream { form: StreamForm, answer: oneshot::Sender<Result<Streamed, Refused>> },
}

/// The form of a body that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamForm {
    /// Server-Sent Events.
    Events,
    /// A line of JSON for each frame.
    Lines,
}

/// The answer to a poll.
pub struct Polled {
    pub body: Bytes,
    /// True if the session ends with it.
    pub is_last: bool,
    /// Counts the session until the answer is written.
    pub permit: Arc<Permit>,
}

/// The body of a receiver.
pub struct Streamed {
    pub reader: PipeReader,
    /// Counts the session until the body is written.
    pub permit: Arc<Permit>,
}

/// Why a session did not do what was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// No frame of that number was sent; the newest one is told.
    AcknowledgedAhead(u64),
    /// Frames after the client's are not kept any more; the oldest one that is kept is told.
    Dropped(u64),
    /// Sends before this one are missing; the number that comes next is told.
    Gap(u64),
    /// More sends wait already than may.
    Busy,
    /// The session has ended; with a close, unless it was reset.
    Ended(Option<Close>),
}
