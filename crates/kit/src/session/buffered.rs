//! The sending side of a client without a connection of its own: frames wait, numbered, until a request asks for them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Context;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::moment::Moment;
use crate::server::outbox::{Batch, Outbox};
use crate::server::worker::WorkerState;
use crate::session::frame_buffer::FrameBuffer;
use crate::session::task::Task;
use crate::session::under_way::UnderWay;
use parlor_core::{Close, Frame};

/// A session's outbox, shared with the stream of its events, all on one thread. Whoever changes something wakes the stream,
/// which hands frames to the client's receiver.
pub struct Buffered {
    worker: Rc<WorkerState>,
    frames: RefCell<FrameBuffer>,
    /// Waits for the app's first frame, which is not numbered.
    welcome: Cell<Option<Welcome>>,
    /// The app sends a first frame in any case, perhaps later than when it is told of the client.
    greets: bool,
    /// A list's answer is in the frames up to a number.
    under_way: UnderWay<u64>,
    /// The last request of the client, or the last time that its receiver took what was written.
    heard_at: Cell<Moment>,
    /// The last time that something was written to its receiver.
    written_at: Cell<Moment>,
    ending: Cell<Option<Ending>>,
    /// The close of whoever ended it; `None` while it lasts, and if it was reset.
    closed: RefCell<Option<Close>>,
    /// The close to end it with when its requests are answered.
    retiring: RefCell<Option<Close>>,
    task: Task,
}

/// Gets the first frame of a session; `None`: the app sent none when it was told of the client.
pub type Welcome = oneshot::Sender<Option<Frame>>;

/// How a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With a close, after the frames that wait.
    Closed,
    /// With a close; the frames that waited are dropped.
    TooSlow,
    /// Without a word.
    Reset,
}

/// With more than this waiting for a client its requests wait too, so that a client that asks faster than it listens does
/// not fill its own outbox.
const WAITING_MAX_TO_READ: usize = 64 * 1024;

impl Buffered {
    pub fn new(worker: Rc<WorkerState>, welcome: Welcome, greets: bool) -> Self {
        let now = worker.now();
        Buffered {
            frames: RefCell::new(FrameBuffer::new(worker.limits.outbox_bytes)),
            worker,
            welcome: Cell::new(Some(welcome)),
            greets,
            under_way: UnderWay::new(),
            heard_at: Cell::new(now),
            written_at: Cell::new(now),
            ending: Cell::new(None),
            closed: RefCell::new(None),
            retiring: RefCell::new(None),
            task: Task::default(),
        }
    }

    pub fn worker(&self) -> &WorkerState {
        &self.worker
    }

    pub fn frames(&self) -> &RefCell<FrameBuffer> {
        &self.frames
    }

    pub fn ending(&self) -> Option<Ending> {
        self.ending.get()
    }

    /// The close that it ended with, if there is one.
    pub fn close_reason(&self) -> Option<Close> {
        self.closed.borrow().clone()
    }

    /// Returns whether the next request may be handed to the app.
    pub fn may_read(&self) -> bool {
        self.under_way.requests() < self.worker.limits.in_flight
            && self.frames.borrow().waiting() <= WAITING_MAX_TO_READ
    }

    /// The client has made a request with a body of so many bytes.
    pub fn heard(&self, bytes: usize) {
        self.heard_at.set(self.worker.now());
        self.worker.metrics.bytes_in.add(bytes as u64);
    }

    /// The client's receiver has taken what was written to it.
    pub fn taken(&self) {
        self.heard_at.set(self.worker.now());
    }

    /// The time since the client was last heard of.
    pub fn silence(&self) -> Duration {
        self.worker.now().since(self.heard_at.get())
    }

    /// Something is written to the client's receiver.
    pub fn written(&self) {
        self.written_at.set(self.worker.now());
    }

    /// Returns whether nothing was written for so long that a proxy might take the connection for dead.
    pub fn is_quiet(&self) -> bool {
        self.worker.now().since(self.written_at.get()) >= self.worker.limits.heartbeat
    }

    /// Returns once whether the request with a list that the session waits for is over.
    pub fn take_list_written(&self) -> bool {
        self.under_way.take_list_written(|n| self.is_done(n))
    }

    fn is_done(&self, n: u64) -> bool {
        n <= self.frames.borrow().done()
    }

    /// From now on the task is woken when something changes.
    pub fn listen(&self, cx: &Context<'_>) {
        self.task.listen(cx);
    }

    fn take(&self, batch: &Batch<'_>) {
        for frame in batch.frames {
            match self.welcome.take() {
                // If nobody waits for it, the client is gone: the stream of events will hear of it.
                Some(welcome) => drop(welcome.send(Some(frame.clone()))),
                None if self.frames.borrow_mut().push(frame.clone()).is_err() => return self.give_up(),
                None => {}
            }
        }
        self.task.wake();
    }

    fn give_up(&self) {
        self.frames.borrow_mut().clear();
        self.worker.metrics.slow_consumers.add(1);
        let close = Close::new(Close::SLOW_CONSUMER, "too slow: more waited for this session than may");
        self.end(Ending::TooSlow, Some(close));
    }

    /// Whoever waits for the first frame waits no longer.
    fn no_welcome(&self) {
        if let Some(welcome) = self.welcome.take() {
            let _ = welcome.send(None); // nobody waits if the client is gone
        }
    }

    fn end(&self, ending: Ending, close: Option<Close>) {
        if self.ending.get().is_none() {
            self.ending.set(Some(ending));
            self.worker.metrics.closed(close.as_ref().map(|close| close.code));
            *self.closed.borrow_mut() = close;
            self.no_welcome();
            self.task.wake();
        }
    }
}

impl Outbox for Buffered {
    fn put(&self, batch: &Batch<'_>) {
        if self.ending.get().is_none() {
            self.take(batch);
        }
    }

    /// Nothing needs a flush: the stream hands on what has gathered when it runs.
    fn hold(&self, batch: &Batch<'_>) -> bool {
        self.put(batch);
        false
    }

    fn flush(&self) {}

    fn close(&self, close: &Close) {
        self.end(Ending::Closed, Some(close.clone()));
    }

    fn retire(&self, close: &Close) {
        if self.under_way.requests() == 0 {
            self.close(close);
        } else {
            *self.retiring.borrow_mut() = Some(close.clone());
        }
    }

    fn abort(&self) {
        self.frames.borrow_mut().clear();
        self.end(Ending::Reset, None);
    }

    fn take_close(&self) -> Close {
        self.close_reason().unwrap_or_else(Close::lost)
    }

    fn begun(&self) {
        if !self.greets {
            self.no_welcome();
        }
    }

    fn request_taken(&self) {
        self.under_way.taken();
    }

    fn start_list(&self) -> bool {
        self.under_way.start_list(|n| self.is_done(n))
    }

    fn request_done(&self, list: bool) {
        if list {
            self.under_way.list_answered(Some(self.frames.borrow().newest()));
        }
        if self.under_way.done() <= 1
            && let Some(close) = self.retiring.take()
        {
            self.close(&close);
        }
        self.task.wake();
    }

    /// Ends a session that nobody asks for. The stream looks after its receiver when nothing has happened for a while.
    fn sweep(&self, now: Moment) {
        if self.ending.get().is_some() {
            return;
        }
        let limits = &self.worker.limits;
        let silence = now.since(self.heard_at.get());
        if silence >= limits.heartbeat_timeout {
            let seconds = limits.heartbeat_timeout.as_secs_f64();
            self.close(&Close::new(Close::NO_HEARTBEAT, format!("no sign of life for {seconds} s")));
        } else if silence >= limits.heartbeat || self.is_quiet() {
            self.task.wake();
        }
    }
}
