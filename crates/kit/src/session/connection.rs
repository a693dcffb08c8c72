//! The socket form of a client's sending side, and what its session shares with it.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::moment::Moment;
use crate::server::outbox::{Batch, Outbox};
use crate::server::worker::WorkerState;
use crate::session::heartbeat::{Heartbeat, HeartbeatAction};
use crate::session::socket::Socket;
use crate::session::task::Task;
use crate::session::under_way::UnderWay;
use crate::session::write_buffer::{Fault, WriteBuffer};
use parlor_core::Close;
use parlor_core::wire::control;
use parlor_core::wire::deflate::WindowBits;

/// One connection, as its fan-out, its sweep and its session's stream see it, all on one thread. Whoever ends it says how,
/// and wakes the stream, which does the rest.
pub struct Connection<S> {
    worker: Rc<WorkerState>,
    out: WriteBuffer<S>,
    /// Present if messages to the client are compressed: the window of the agreement.
    window: Option<WindowBits>,
    heartbeat: Cell<Heartbeat>,
    /// A list's answer waits for the socket, up to the write buffer's mark.
    under_way: UnderWay<()>,
    ending: Cell<Option<Ending>>,
    /// The close code and reason of whoever ended it; `None` if it was lost. While it lasts: the close that it gets when its
    /// requests are answered, if it is to go.
    closed: Cell<Option<Box<Close>>>,
    task: Task,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The server has sent its close frame, with this code, and waits for the peer's.
    ClosedByServer(u16),
    /// The same, after input that breaks the protocol: what follows is not read.
    InvalidInput(u16),
    /// The peer has sent its close frame, with this code or none; it is answered.
    ClosedByPeer(Option<u16>),
    /// The peer reads too slowly: frames that waited are dropped.
    TooSlow,
    /// The connection is lost.
    Lost,
}

/// With more than this waiting for its socket a client is not read from, so that TCP slows down who asks faster than it
/// listens, before its outbox is full.
const WAITING_MAX_TO_READ: usize = 64 * 1024;

impl<S: Socket> Connection<S> {
    pub fn new(socket: S, worker: Rc<WorkerState>, window: Option<WindowBits>) -> Self {
        let out = WriteBuffer::new(socket, worker.limits.outbox_bytes);
        let heartbeat = Cell::new(Heartbeat::new(worker.now()));
        Connection {
            worker,
            out,
            window,
            heartbeat,
            under_way: UnderWay::new(),
            ending: Cell::new(None),
            closed: Cell::new(None),
            task: Task::default(),
        }
    }

    pub fn socket(&self) -> &S {
        self.out.socket()
    }

    pub fn worker(&self) -> &WorkerState {
        &self.worker
    }

    pub fn ending(&self) -> Option<Ending> {
        self.ending.get()
    }

    /// Returns whether messages are compressed, in both directions.
    pub fn is_compressed(&self) -> bool {
        self.window.is_some()
    }

    /// Returns whether more may be read from the client.
    pub fn may_read(&self) -> bool {
        self.under_way.requests() < self.worker.limits.in_flight
            && self.out.waiting() <= WAITING_MAX_TO_READ
            && !self.is_retiring()
    }

    /// Returns once whether the request with a list that the session waits for is over.
    pub fn take_list_written(&self) -> bool {
        self.under_way.take_list_written(|()| !self.out.is_marked())
    }

    fn is_awaited_list_written(&self) -> bool {
        self.under_way.is_awaited_list_written(|()| !self.out.is_marked())
    }

    /// From now on the task is woken when something changes that the socket does not tell.
    pub fn listen(&self, cx: &Context<'_>) {
        self.task.listen(cx);
    }

    /// Writes what waits, as far as the socket takes it; ready when nothing is left, or nothing can be written any more.
    pub fn poll_drain(&self, cx: &mut Context<'_>) -> Poll<()> {
        while self.out.waiting() > 0 {
            let result = match self.socket().poll_writable(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => self.out.drain(self.worker.now()),
                Poll::Ready(Err(_)) => Err(Fault::Lost),
            };
            if result.is_err() {
                self.lose();
            }
        }
        Poll::Ready(())
    }

    /// Returns the bytes that wait for the socket.
    pub fn waiting(&self) -> usize {
        self.out.waiting()
    }

    /// Bytes have come.
    pub fn heard(&self, bytes: usize) {
        let mut heartbeat = self.heartbeat.get();
        heartbeat.heard(self.worker.now());
        self.heartbeat.set(heartbeat);
        self.worker.metrics.bytes_in.add(bytes as u64);
    }

    /// Goes out when the stream drains.
    pub fn pong(&self, payload: &[u8]) {
        if self.ending.get().is_none() {
            self.out.hold(&control::pong(payload), self.worker.now());
        }
    }

    /// Answers the peer's close frame with its own code.
    pub fn peer_closed(&self, close: Option<Close>) {
        if self.ending.get().is_none() {
            let code = close.as_ref().map(|close| close.code);
            self.out.finish(control::close_echo(code), self.worker.now());
            self.end(Ending::ClosedByPeer(code), Some(close.unwrap_or_else(|| Close::new(Close::NO_CODE, ""))));
        }
    }

    /// The peer's bytes make no sense, or too much: they are read no more.
    pub fn refuse(&self, close: &Close) {
        if self.ending.get().is_none() {
            self.out.finish(control::close(close), self.worker.now());
            self.end(Ending::InvalidInput(close.code), Some(close.clone()));
        }
    }

    /// The connection is gone without a word.
    pub fn lose(&self) {
        self.out.clear();
        self.end(Ending::Lost, None);
    }

    /// Returns whether it is to be closed when its requests are answered.
    fn is_retiring(&self) -> bool {
        let close = self.closed.take();
        let is_retiring = close.is_some() && self.ending.get().is_none();
        self.closed.set(close);
        is_retiring
    }

    fn give_up(&self, words: &str) {
        let close = Close::new(Close::SLOW_CONSUMER, words);
        self.out.give_up(control::close(&close), self.worker.now());
        self.worker.metrics.slow_consumers.add(1);
        self.end(Ending::TooSlow, Some(close));
    }

    fn end(&self, ending: Ending, close: Option<Close>) {
        if self.ending.get().is_none() {
            self.ending.set(Some(ending));
            self.worker.metrics.closed(close.as_ref().map(|close| close.code));
            self.closed.set(close.map(Box::new));
            self.task.wake();
        }
    }

    /// Writes to the buffer, and handles the result.
    fn settle(&self, act: impl FnOnce(&WriteBuffer<S>, Moment) -> Result<(), Fault>) {
        let was_blocked = self.out.is_blocked();
        match act(&self.out, self.worker.now()) {
            // The stream waits until the socket takes more.
            Ok(()) if !was_blocked && self.out.is_blocked() => self.task.wake(),
            Ok(()) if self.is_awaited_list_written() => self.task.wake(),
            Ok(()) => {}
            Err(Fault::Full) => self.give_up("too slow: more waited for this connection than may"),
            Err(Fault::Lost) => self.lose(),
        }
    }

    fn compressed(&self, batch: &Batch<'_>, window: WindowBits) -> Bytes {
        let bytes_min = self.worker.limits.compression.map_or(usize::MAX, |compression| compression.min_bytes);
        batch.compressed(window, bytes_min)
    }
}

impl<S: Socket> Outbox for Connection<S> {
    fn put(&self, batch: &Batch<'_>) {
        if self.ending.get().is_some() {
            return;
        }
        match self.window {
            None => self.settle(|out, now| out.send(&batch.wire, now)),
            Some(window) => {
                let wire = self.compressed(batch, window);
                self.settle(|out, now| out.send(&wire, now));
            }
        }
    }

    fn hold(&self, batch: &Batch<'_>) -> bool {
        if self.ending.get().is_some() {
            return false;
        }
        match self.window {
            None => self.out.hold(&batch.wire, self.worker.now()),
            Some(window) => self.out.hold(&self.compressed(batch, window), self.worker.now()),
        }
    }

    fn flush(&self) {
        if self.ending.get().is_none() {
            self.settle(WriteBuffer::flush);
        }
    }

    fn close(&self, close: &Close) {
        if self.ending.get().is_none() {
            self.out.finish(control::close(close), self.worker.now());
            self.end(Ending::ClosedByServer(close.code), Some(close.clone()));
        }
    }

    fn retire(&self, close: &Close) {
        if self.under_way.requests() == 0 {
            self.close(close);
        } else if self.ending.get().is_none() {
            self.closed.set(Some(Box::new(close.clone())));
        }
    }

    fn abort(&self) {
        self.socket().abort();
        self.lose();
    }

    fn take_close(&self) -> Close {
        self.closed.take().map_or_else(Close::lost, |close| *close)
    }

    fn request_taken(&self) {
        self.under_way.taken();
    }

    fn start_list(&self) -> bool {
        self.under_way.start_list(|()| !self.out.is_marked())
    }

    fn request_done(&self, list: bool) {
        if list {
            self.under_way.list_answered(self.out.mark().then_some(()));
            if self.is_awaited_list_written() {
                self.task.wake();
            }
        }
        let before = self.under_way.done();
        if before == self.worker.limits.in_flight {
            self.task.wake();
        }
        if before <= 1
            && self.ending.get().is_none()
            && let Some(close) = self.closed.take()
        {
            self.close(&close);
        }
    }

    fn sweep(&self, now: Moment) {
        if self.ending.get().is_some() {
            return;
        }
        let limits = &self.worker.limits;
        if self.out.is_stalled(limits.outbox_stall, now) {
            let seconds = limits.outbox_stall.as_secs_f64();
            return self.give_up(&format!("too slow: this connection took nothing for {seconds} s"));
        }
        let mut heartbeat = self.heartbeat.get();
        if !self.may_read() {
            heartbeat.heard(now); // its answers can't be heard
        }
        if let Some(progress_at) = self.out.progress_at() {
            heartbeat.heard(progress_at);
        }
        match heartbeat.check(limits, now) {
            HeartbeatAction::Nothing => {}
            HeartbeatAction::Ping => self.settle(|out, now| out.send(&control::ping(), now)),
            HeartbeatAction::GiveUp => {
                let seconds = limits.heartbeat_timeout.as_secs_f64();
                self.close(&Close::new(Close::NO_HEARTBEAT, format!("no sign of life for {seconds} s")));
            }
        }
        self.heartbeat.set(heartbeat);
    }
}
