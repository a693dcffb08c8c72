//! The sending side of a client without a connection of its own: frames wait, numbered, until a request asks for them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::moment::Moment;
use crate::server::outbox::{Batch, Outbox};
use crate::server::worker::WorkerState;
use crate::session::frame_buffer::FrameBuffer;
use parlor_core::{Close, Frame};

/// A session's outbox, shared with the stream of its events, all on one thread. Whoever changes something wakes the stream,
/// which hands frames to the client's receiver.
pub struct Buffered {
    worker: Rc<WorkerState>,
    frames: RefCell<FrameBuffer>,
    /// Waits for the app's first frame, which is not numbered.
    welcome: Cell<Option<Welcome>>,
    /// Requests that the app has not done with.
    in_flight: Cell<u32>,
    list: Cell<ListState>,
    /// True while the session has requests that wait for [`ListState::None`].
    list_is_awaited: Cell<bool>,
    /// The last request of the client, or the last time that its receiver took what was written.
    heard_at: Cell<Moment>,
    /// The last time that something was written to its receiver.
    written_at: Cell<Moment>,
    ending: Cell<Option<Ending>>,
    /// The close of whoever ended it; `None` while it lasts, and if it was reset.
    closed: RefCell<Option<Close>>,
    /// The close to end it with when its requests are answered.
    retiring: RefCell<Option<Close>>,
    task: Cell<Option<Waker>>,
}

/// Gets the first frame of a session; `None`: the app sent none when it was told of the client.
pub type Welcome = oneshot::Sender<Option<Frame>>;

/// The client's last request that answers with a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListState {
    /// There is none.
    None,
    /// The app has not answered it.
    Asked,
    /// It is answered by the frames up to this one.
    Answered(u64),
}

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
    pub fn new(worker: Rc<WorkerState>, welcome: Welcome) -> Self {
        let now = worker.now();
        Buffered {
            frames: RefCell::new(FrameBuffer::new(worker.limits.outbox_bytes)),
            worker,
            welcome: Cell::new(Some(welcome)),
            in_flight: Cell::new(0),
            list: Cell::new(ListState::None),
            list_is_awaited: Cell::new(false),
            heard_at: Cell::new(now),
            written_at: Cell::new(now),
            ending: Cell::new(None),
            closed: RefCell::new(None),
            retiring: RefCell::new(None),
            task: Cell::new(None),
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
        self.in_flight.get() < self.worker.limits.in_flight && self.frames.borrow().waiting() <= WAITING_MAX_TO_READ
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
        self.list_is_awaited.get() && self.list_is_written() && self.list_is_awaited.replace(false)
    }

    fn list_is_written(&self) -> bool {
        match self.list.get() {
            ListState::None => true,
            ListState::Asked => false,
            ListState::Answered(n) => n <= self.frames.borrow().done(),
        }
    }

    /// From now on the task is woken when something changes.
    pub fn listen(&self, cx: &Context<'_>) {
        let task = self.task.take().filter(|task| task.will_wake(cx.waker()));
        self.task.set(Some(task.unwrap_or_else(|| cx.waker().clone())));
    }

    fn wake(&self) {
        if let Some(task) = self.task.take() {
            task.wake();
        }
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
        self.wake();
    }

    fn give_up(&self) {
        self.frames.borrow_mut().clear();
        self.worker.metrics.slow_consumers.add(1);
        let close = Close::new(Close::SLOW_CONSUMER, "too slow: more waited for this session than may");
        self.end(Ending::TooSlow, Some(close));
    }

    fn end(&self, ending: Ending, close: Option<Close>) {
        if self.ending.get().is_none() {
            self.ending.set(Some(ending));
            self.worker.metrics.closed(close.as_ref().map(|close| close.code));
            *self.closed.borrow_mut() = close;
            self.begun();
            self.wake();
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
        if self.in_flight.get() == 0 {
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
        if let Some(welcome) = self.welcome.take() {
            let _ = welcome.send(None); // likewise
        }
    }

    fn request_taken(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    fn start_list(&self) -> bool {
        let is_free = self.list_is_written();
        if is_free {
            self.list.set(ListState::Asked);
        } else {
            self.list_is_awaited.set(true);
        }
        is_free
    }

    fn request_done(&self, list: bool) {
        if list {
            self.list.set(ListState::Answered(self.frames.borrow().newest()));
        }
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
        if self.in_flight.get() == 0
            && let Some(close) = self.retiring.take()
        {
            self.close(&close);
        }
        self.wake();
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
            self.wake();
        }
    }
}
