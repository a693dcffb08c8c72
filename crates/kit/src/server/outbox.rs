//! One client's sending side, as its worker's fan-out sees it.

use bytes::{Bytes, BytesMut};

use crate::moment::Moment;
use parlor_core::{Close, Frame};

/// Where frames for one client go. A socket's writes them; another transport's may keep them. None of these waits, and
/// none calls back: an outbox that can't go on says so to its own session.
pub trait Outbox {
    /// Takes frames, and sends them if that is possible at once.
    fn put(&self, batch: &Batch<'_>);

    /// Takes frames that go out with the next [`flush`](Outbox::flush). Whether they are the first ones since the last.
    fn hold(&self, batch: &Batch<'_>) -> bool;

    /// Sends what is held, in one write if that is possible.
    fn flush(&self);

    /// Ends the connection when everything before is sent, what is held included. Only the first call counts; nothing is taken after it.
    fn close(&self, close: &Close);

    /// Resets the connection: what waits is forgotten, and the peer gets no close frame.
    fn abort(&self);

    /// Takes the close code and reason of whoever ended the connection; 1006 if nobody did. Asked for once, at its end.
    fn take_close(&self) -> Close;

    /// The app was told of the client: what it sent to it on that occasion is here.
    fn begun(&self) {}

    /// A request was handed to the app.
    fn request_taken(&self);

    /// Begins a request that answers with a list. Returns false while the last one is not answered, or its answer is not
    /// written: then the session is told ([`Event::ListWritten`](crate::session::decode::Event)) when that is over.
    fn start_list(&self) -> bool;

    /// The app is done with a request: the client may be read from again. `list`: it was one that answers with a list; the
    /// answer is in this outbox.
    fn request_done(&self, list: bool);

    /// Time has passed: looks after heartbeats and stalls.
    fn sweep(&self, now: Moment);
}

/// Frames that go out together, in two forms: one by one, and as they stand on a WebSocket.
#[derive(Debug)]
pub struct Batch<'a> {
    pub frames: &'a [Frame],
    pub wire: Bytes,
}

impl<'a> Batch<'a> {
    /// A single frame is not copied.
    pub fn new(frames: &'a [Frame]) -> Self {
        let wire = match frames {
            [frame] => frame.wire().clone(),
            _ => {
                let mut wire = BytesMut::with_capacity(frames.iter().map(|frame| frame.wire().len()).sum());
                frames.iter().for_each(|frame| wire.extend_from_slice(frame.wire()));
                wire.freeze()
            }
        };
        Batch { frames, wire }
    }
}

impl<'a> From<&'a Frame> for Batch<'a> {
    fn from(frame: &'a Frame) -> Self {
        Batch::new(std::slice::from_ref(frame))
    }
}

/// Counts of frames handed to outboxes.
#[derive(Clone, Copy, Default)]
pub struct Sent {
    pub messages: u64,
    pub bytes: u64,
}

impl Sent {
    pub fn add(&mut self, batch: &Batch<'_>) {
        self.messages += batch.frames.len() as u64;
        self.bytes += batch.wire.len() as u64;
    }
}
