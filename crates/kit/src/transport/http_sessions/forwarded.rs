//! The body of an answer that comes from another server.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_http::body::{BodySize, MessageBody};
use actix_rt::time::{Instant, Sleep, sleep};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::moment::steady_now;
use crate::transport::http_connection::{Occupied, Seat};
use crate::transport::peers::{PeerBody, PeerError};

/// A body that is read from the other server when the client takes bytes: so that server sees a client that takes none.
pub struct Forwarded {
    body: PeerBody,
    /// `None` for one that goes on. Ended early, it is whole all the same: its client asks again.
    length: Option<u64>,
    silence_max: Duration,
    silence: Pin<Box<Sleep>>,
    leaving: LocalBoxFuture<'static, ()>,
    _counts: Counts,
}

/// The place of a forwarded request among those in flight, until it is answered.
#[derive(Default)]
pub struct Counts {
    _occupied: Option<Occupied>,
    seat: Option<Arc<Seat>>,
}

impl Counts {
    pub fn new(occupied: Occupied, seat: Option<Arc<Seat>>) -> Self {
        Counts { _occupied: Some(occupied), seat }
    }
}

impl Drop for Counts {
    /// The connection counts as one that waits again.
    fn drop(&mut self) {
        if let Some(seat) = &self.seat {
            seat.revoke();
        }
    }
}

impl Forwarded {
    /// `silence_max`: a server that says nothing for so long is gone. `leaving`: ready when the body has to end.
    pub fn new(
        body: PeerBody,
        length: Option<u64>,
        silence_max: Duration,
        leaving: LocalBoxFuture<'static, ()>,
        counts: Counts,
    ) -> Self {
        Forwarded { body, length, silence_max, silence: Box::pin(sleep(silence_max)), leaving, _counts: counts }
    }

    /// Returns whether there is no body.
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, PeerError>>> {
        if let Poll::Ready(next) = self.body.poll_next(cx) {
            self.silence.as_mut().reset(Instant::from_std(steady_now() + self.silence_max));
            return Poll::Ready(next);
        }
        ready!(self.silence.poll_unpin(cx));
        Poll::Ready(Some(Err(PeerError::new("it has fallen silent"))))
    }
}

impl MessageBody for Forwarded {
    type Error = PeerError;

    fn size(&self) -> BodySize {
        self.length.map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, PeerError>>> {
        if self.length.is_some() {
            return self.poll_body(cx);
        }
        if self.leaving.poll_unpin(cx).is_ready() {
            return Poll::Ready(None);
        }
        let next = ready!(self.poll_body(cx));
        Poll::Ready(next.and_then(Result::ok).map(Ok))
    }
}
