//! A WebSocket's bytes over an HTTP server that keeps its sockets: read from the request's payload, written to the
//! response's body.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_http::body::{BodySize, MessageBody};
use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::Stream;

/// Bytes that wait for the HTTP server to take them, besides those in its own buffers.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The session's end.
pub struct BodySocket {
    payload: RefCell<Pin<Box<Payload>>>,
    /// Bytes that have come and were not read.
    come: RefCell<Bytes>,
    has_ended: Cell<bool>,
    body: Rc<Shared>,
}

/// The HTTP server's end: the body of the 101 response.
pub struct SocketBody(Rc<Shared>);

#[derive(Default)]
struct Shared {
    bytes: RefCell<BytesMut>,
    /// The session writes no more.
    is_shut: Cell<bool>,
    /// The HTTP server has dropped the body: the connection is gone.
    is_gone: Cell<bool>,
    body_task: Cell<Option<Waker>>,
    session_task: Cell<Option<Waker>>,
}

impl BodySocket {
    /// Returns both ends.
    pub fn new(payload: Payload) -> (Self, SocketBody) {
        let body = Rc::new(Shared::default());
        let socket = BodySocket {
            payload: RefCell::new(Box::pin(payload)),
            come: RefCell::default(),
            has_ended: Cell::new(false),
            body: Rc::clone(&body),
        };
        (socket, SocketBody(body))
    }

    /// As [`Socket::try_read`](crate::session::socket::Socket::try_read).
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut come = self.come.borrow_mut();
        if come.is_empty() {
            return if self.has_ended.get() { Ok(0) } else { Err(ErrorKind::WouldBlock.into()) };
        }
        let bytes = come.len().min(buffer.len());
        buffer[..bytes].copy_from_slice(&come.split_to(bytes));
        Ok(bytes)
    }

    /// As [`Socket::try_write`](crate::session::socket::Socket::try_write).
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.try_write_vectored(&[IoSlice::new(bytes)])
    }

    /// As [`Socket::try_write_vectored`](crate::session::socket::Socket::try_write_vectored).
    pub fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let body = &self.body;
        if body.is_gone.get() || body.is_shut.get() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let mut waiting = body.bytes.borrow_mut();
        let mut written = 0;
        for slice in slices {
            let room = BODY_BYTES_MAX - waiting.len();
            let part = slice.len().min(room);
            waiting.extend_from_slice(&slice[..part]);
            written += part;
        }
        if written == 0 && slices.iter().any(|slice| !slice.is_empty()) {
            return Err(ErrorKind::WouldBlock.into());
        }
        Shared::wake(&body.body_task);
        Ok(written)
    }

    /// As [`Socket::poll_readable`](crate::session::socket::Socket::poll_readable).
    pub fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.come.borrow().is_empty() || self.has_ended.get() {
            return Poll::Ready(Ok(()));
        }
        match self.payload.borrow_mut().as_mut().poll_next(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Ok(bytes))) => {
                *self.come.borrow_mut() = bytes;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Some(Err(_)) | None) => {
                self.has_ended.set(true);
                Poll::Ready(Ok(()))
            }
        }
    }

    /// As [`Socket::poll_writable`](crate::session::socket::Socket::poll_writable).
    pub fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let body = &self.body;
        if body.is_gone.get() {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        if body.bytes.borrow().len() < BODY_BYTES_MAX {
            return Poll::Ready(Ok(()));
        }
        body.session_task.set(Some(cx.waker().clone()));
        Poll::Pending
    }

    /// Ends the body when everything in it is taken.
    pub fn shutdown_write(&self) {
        self.body.is_shut.set(true);
        Shared::wake(&self.body.body_task);
    }

    /// Ends the body at once. The HTTP server closes the connection in its own way; there is no reset.
    pub fn abort(&self) {
        self.body.bytes.borrow_mut().clear();
        self.shutdown_write();
    }
}

impl Drop for BodySocket {
    fn drop(&mut self) {
        self.shutdown_write();
    }
}

impl Shared {
    fn wake(task: &Cell<Option<Waker>>) {
        if let Some(task) = task.take() {
            task.wake();
        }
    }
}

impl MessageBody for SocketBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let shared = &self.0;
        let bytes = shared.bytes.borrow_mut().split().freeze();
        if !bytes.is_empty() {
            Shared::wake(&shared.session_task);
            return Poll::Ready(Some(Ok(bytes)));
        }
        if shared.is_shut.get() {
            return Poll::Ready(None);
        }
        shared.body_task.set(Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for SocketBody {
    fn drop(&mut self) {
        self.0.is_gone.set(true);
        Shared::wake(&self.0.session_task);
    }
}
