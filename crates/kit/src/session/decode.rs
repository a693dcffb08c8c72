//! Decodes a client's messages into its app's requests, on the session's own thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::server::protocol::Protocol;
use parlor_core::{Incoming, Refusal, Reply};

/// An event from a transport to its session.
#[derive(Debug)]
pub enum Event<R> {
    Request(R),
    /// The app could make no request of it, and answers.
    Undecodable(Reply),
    /// The app panicked over it.
    Panicked,
    /// The client is there, and asks for nothing: a ping, a pong.
    Alive,
    /// The answer to the client's last request for a list is written: the next one may start.
    ListWritten,
    /// After requests: no more have come so far.
    Pause,
    /// Nothing comes any more.
    Gone,
}

/// Decodes one whole message. A panic ends this session alone.
pub fn request<P: Protocol>(incoming: Incoming<'_>) -> Event<P::Request> {
    match catch_unwind(AssertUnwindSafe(|| P::decode(incoming))) {
        Ok(Ok(request)) => Event::Request(request),
        Ok(Err(reply)) => Event::Undecodable(reply),
        Err(_) => Event::Panicked,
    }
}

/// The app's words for a request that can't be taken; `None` if it panicked over them.
pub fn refuse<P: Protocol>(request: &P::Request, refusal: &Refusal) -> Option<Reply> {
    catch_unwind(AssertUnwindSafe(|| P::refuse(request, refusal))).ok()
}
