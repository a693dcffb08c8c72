//! News for the program that uses the client.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use tokio::sync::mpsc::Receiver;

use crate::protocol::{Event, Joined, User};
use crate::{Close, Error};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Update {
    /// An event of the server. Those of joined rooms that have a number come once each and in order, over any number of
    /// connections.
    Event(Event),
    /// A room was joined again by the client itself, after a reconnect or because this program was slow. `joined.events` is
    /// what was missed, if `joined.recovered`. If not, forget what you have of the room: these are its newest events.
    Entered(Box<Joined>),
    /// A room could not be joined again. The client no longer tries.
    #[non_exhaustive]
    Lost {
        /// The room's name.
        room: String,
        /// Why.
        error: Error,
    },
    /// The connection is open. May be left out while this program is slow; [`Client::state`](crate::Client::state) tells it too.
    #[non_exhaustive]
    Connected {
        /// This user.
        user: User,
        /// `true` if the earlier token did not verify, so that this is a new guest.
        is_new: bool,
    },
    /// The connection is gone, and the client comes back by itself. May be left out like [`Connected`](Self::Connected).
    #[non_exhaustive]
    Disconnected {
        /// How it ended.
        close: Close,
        /// The wait before the next attempt.
        retry_in: Duration,
    },
    /// The end: the client does not come back. Nothing comes after it.
    Closed(Close),
}

/// The queue of [`Update`]s, with room for [`Options::updates_max`](crate::Options::updates_max).
///
/// If the program does not take them and the queue is full, the client goes on reading the connection, drops what does not
/// fit, and joins the rooms again when there is room: then [`Update::Entered`] has what is missing. Events without a number
/// (typing, coming and going, ticks) are lost then. Dropping the queue means that the program wants no updates.
#[derive(Debug)]
pub struct Updates(pub(crate) Receiver<Update>);

impl Updates {
    /// The next update; none after [`Update::Closed`], and none when all clients are dropped.
    pub async fn next(&mut self) -> Option<Update> {
        self.0.recv().await
    }
}

impl Stream for Updates {
    type Item = Update;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Update>> {
        self.0.poll_recv(context)
    }
}
