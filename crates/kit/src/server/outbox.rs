//! One client's sending side, as its worker's fan-out sees it.

use std::cell::{Cell, RefCell};

use bytes::{Bytes, BytesMut};

use crate::moment::Moment;
use parlor_core::wire::deflate::WindowBits;
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

    /// Closes as [`close`](Outbox::close) does, as soon as the requests that were handed to the app are answered. No more are
    /// read from a socket until then.
    fn retire(&self, close: &Close);

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

/// Frames that go out together: one by one, and as they stand on a WebSocket, plain or compressed.
#[derive(Debug)]
pub struct Batch<'a> {
    pub frames: &'a [Frame],
    pub wire: Bytes,
    /// The compressed forms of several frames, made when they are first asked for.
    compressed: RefCell<Vec<(WindowBits, Bytes)>>,
    compression: Cell<CompressionCounts>,
}

/// Counts of what compression did to a batch, since they were last taken.
#[derive(Clone, Copy, Debug, Default)]
struct CompressionCounts {
    messages: u64,
    bytes_saved: u64,
}

impl<'a> Batch<'a> {
    /// A single frame is not copied.
    pub fn new(frames: &'a [Frame]) -> Self {
        let wire = match frames {
            [frame] => frame.wire().clone(),
            _ => joined(frames.iter().map(Frame::wire)),
        };
        Batch { frames, wire, compressed: RefCell::default(), compression: Cell::default() }
    }

    /// Returns the frames as they stand on a WebSocket with permessage-deflate: compressed, where that is shorter, and plain
    /// where a message has fewer than `bytes_min`.
    pub fn compressed(&self, window: WindowBits, bytes_min: usize) -> Bytes {
        let wire = match self.frames {
            [frame] => self.compress(frame, window, bytes_min),
            _ => self.several(window, bytes_min),
        };
        let mut counts = self.compression.get();
        counts.bytes_saved += (self.wire.len() - wire.len()) as u64;
        self.compression.set(counts);
        wire
    }

    fn several(&self, window: WindowBits, bytes_min: usize) -> Bytes {
        let mut compressed = self.compressed.borrow_mut();
        if let Some((_, wire)) = compressed.iter().find(|(made_for, _)| *made_for == window) {
            return wire.clone();
        }
        let wires: Vec<Bytes> = self.frames.iter().map(|frame| self.compress(frame, window, bytes_min)).collect();
        let wire = joined(wires.iter());
        compressed.push((window, wire.clone()));
        wire
    }

    fn compress(&self, frame: &Frame, window: WindowBits, bytes_min: usize) -> Bytes {
        let compressed = if frame.payload_bytes() < bytes_min {
            None
        } else {
            frame.compressed(window, || {
                let mut counts = self.compression.get();
                counts.messages += 1;
                self.compression.set(counts);
            })
        };
        compressed.unwrap_or_else(|| frame.wire().clone())
    }
}

fn joined<'a>(wires: impl Iterator<Item = &'a Bytes> + Clone) -> Bytes {
    let mut joined = BytesMut::with_capacity(wires.clone().map(Bytes::len).sum());
    wires.for_each(|wire| joined.extend_from_slice(wire));
    joined.freeze()
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
    /// Bytes that go out, compressed or not.
    pub bytes: u64,
    /// Messages that were compressed, each once for all its receivers with the same window.
    pub compressed: u64,
    /// Bytes that don't go out, since messages are compressed.
    pub bytes_saved: u64,
}

impl Sent {
    /// Counts a batch that an outbox has just taken.
    pub fn add(&mut self, batch: &Batch<'_>) {
        let CompressionCounts { messages, bytes_saved } = batch.compression.take();
        self.messages += batch.frames.len() as u64;
        self.bytes += batch.wire.len() as u64 - bytes_saved;
        self.compressed += messages;
        self.bytes_saved += bytes_saved;
    }
}
