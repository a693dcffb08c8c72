//! The close of a connection (RFC 6455 §7.1): sends what waits, waits for the peer's answer, and closes the socket so that
//! the last frames arrive. Every step has a time limit.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_rt::time::timeout;

use crate::session::connection::{Connection, Ending};
use crate::session::socket::Socket;
use crate::transport::io::Io;
use crate::transport::scratch::{self, Rest};
use parlor_core::wire::{Decoder, Received};

/// How long the peer may take to answer a close frame, and how long its answer to the end of the stream is awaited.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const LINGER: Duration = Duration::from_secs(2);

/// Time to read the last frames for a peer that goes on reading. Until then it counts as connected.
const SENT_WITHIN: Duration = Duration::from_secs(120);
/// Bytes that are read from a closing peer at most: unread ones would cause a reset, which overtakes our last frames.
const LINGER_BYTES: usize = 256 << 20;
const READS_AT_ONCE: usize = 16;

pub struct Closing {
    connection: Rc<Connection<Io>>,
    ending: Ending,
    peer: Peer,
}

/// Closes a connection whose last bytes are written, so that they arrive.
pub async fn hang_up(io: &Io) {
    io.shutdown_write();
    let mut peer = Peer { decoder: Decoder::over(), has_closed: true, has_ended: false, swallowed: 0 };
    let _ = timeout(LINGER, poll_fn(|cx| peer.poll_ended(io, cx))).await;
}

/// The reading side of a closing peer.
struct Peer {
    decoder: Decoder,
    has_closed: bool,
    /// No more bytes come, or they are looked at no more.
    has_ended: bool,
    swallowed: usize,
}

impl Closing {
    pub fn new(connection: Rc<Connection<Io>>, ending: Ending, decoder: Decoder, mut rest: Rest) -> Self {
        let has_closed = !matches!(ending, Ending::ClosedByServer(_));
        let decoder = decoder.skipping_compressed(); // only a close frame is of interest
        let mut peer = Peer { decoder, has_closed, has_ended: false, swallowed: 0 };
        peer.hear(rest.bytes());
        Closing { connection, ending, peer }
    }

    pub async fn run(mut self) {
        let connection = Rc::clone(&self.connection);
        let socket = connection.socket();
        if self.ending == Ending::Lost {
            return;
        }
        if !self.is_sent().await {
            return socket.abort();
        }
        let _ = timeout(ANSWER_WITHIN, poll_fn(|cx| self.peer.poll_closed(socket, cx))).await;
        socket.shutdown_write();
        let _ = timeout(LINGER, poll_fn(|cx| self.peer.poll_ended(socket, cx))).await;
    }

    /// Sends what waits, for as long as the peer goes on reading: however slowly, it is to learn why it is closed.
    async fn is_sent(&mut self) -> bool {
        let patience = self.connection.worker().limits.outbox_stall.max(ANSWER_WITHIN);
        let sending = async {
            loop {
                let before = self.connection.waiting();
                if timeout(patience, poll_fn(|cx| self.poll_sent(cx))).await.is_ok() {
                    return true;
                }
                if self.connection.waiting() == before {
                    return false;
                }
            }
        };
        timeout(SENT_WITHIN, sending).await.unwrap_or(false)
    }

    /// Ready when everything is sent. Reads meanwhile: a peer may not read before it has written.
    fn poll_sent(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let sent = self.connection.poll_drain(cx);
        if sent.is_pending() {
            let _ = self.peer.poll_ended(self.connection.socket(), cx);
        }
        sent
    }
}

impl Peer {
    fn poll_closed(&mut self, io: &Io, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_until(|peer| peer.has_closed, io, cx)
    }

    fn poll_ended(&mut self, io: &Io, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_until(|_| false, io, cx)
    }

    /// Reads and discards, until `enough` or the end.
    fn poll_until(&mut self, enough: impl Fn(&Self) -> bool, io: &Io, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..READS_AT_ONCE {
            if self.has_ended || enough(self) {
                return Poll::Ready(());
            }
            match ready!(io.poll_readable(cx)) {
                Ok(()) => scratch::read(io, |result| match result {
                    Ok([]) => self.has_ended = true,
                    Ok(bytes) => self.hear(bytes),
                    Err(error) => self.has_ended = error.kind() != ErrorKind::WouldBlock,
                }),
                Err(_) => self.has_ended = true,
            }
        }
        cx.waker().wake_by_ref(); // others first
        Poll::Pending
    }

    fn hear(&mut self, mut bytes: &mut [u8]) {
        self.swallowed += bytes.len();
        self.has_ended |= self.swallowed > LINGER_BYTES;
        while !self.has_closed {
            match self.decoder.next(&mut bytes) {
                Ok(None) => return,
                Ok(Some(Received::Close(_))) | Err(_) => self.has_closed = true,
                Ok(Some(_)) => {}
            }
        }
    }
}
