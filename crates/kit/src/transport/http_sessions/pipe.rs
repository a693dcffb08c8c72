//! The way of a session's bytes to the body of a response on another thread: one chunk at a time, so that a peer that takes
//! nothing is seen at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;

/// The session's end. Dropped, it ends the body after the chunk that waits.
pub struct PipeWriter(Arc<Pipe>);

/// The body's end. Dropped, it tells the session that the body is gone.
pub struct PipeReader(Arc<Pipe>);

#[derive(Default)]
struct Pipe {
    state: Mutex<State>,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

#[derive(Default)]
struct State {
    chunk: Option<Bytes>,
    /// Nothing comes after the chunk.
    has_ended: bool,
    /// Nobody takes anything any more.
    is_gone: bool,
}

/// Returns both ends.
pub fn pipe() -> (PipeWriter, PipeReader) {
    let pipe = Arc::new(Pipe::default());
    (PipeWriter(Arc::clone(&pipe)), PipeReader(pipe))
}

impl PipeWriter {
    /// Returns whether the body is gone.
    pub fn is_gone(&self) -> bool {
        self.0.lock().is_gone
    }

    /// Ready when a chunk can be put in; else the task is woken then. Also ready if the body is gone.
    pub fn poll_ready(&self, cx: &Context<'_>) -> Poll<()> {
        self.0.writer.register(cx.waker());
        let state = self.0.lock();
        if state.chunk.is_none() || state.is_gone { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Puts a chunk in, after [`poll_ready`](PipeWriter::poll_ready).
    pub fn put(&self, chunk: Bytes) {
        self.0.lock().chunk = Some(chunk);
        self.0.reader.wake();
    }
}

impl Drop for PipeWriter {
    fn drop(&mut self) {
        self.0.lock().has_ended = true;
        self.0.reader.wake();
    }
}

impl PipeReader {
    /// The next chunk; `None` at the end.
    pub fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        self.0.reader.register(cx.waker());
        let mut state = self.0.lock();
        if let Some(chunk) = state.chunk.take() {
            drop(state);
            self.0.writer.wake();
            return Poll::Ready(Some(chunk));
        }
        if state.has_ended { Poll::Ready(None) } else { Poll::Pending }
    }
}

impl Drop for PipeReader {
    fn drop(&mut self) {
        self.0.lock().is_gone = true;
        self.0.writer.wake();
    }
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn one_chunk_at_a_time_and_then_the_end() {
        let (writer, reader) = pipe();
        let cx = Context::from_waker(Waker::noop());
        assert!(writer.poll_ready(&cx).is_ready() && reader.poll_next(&cx).is_pending());
        writer.put(Bytes::from_static(b"one"));
        assert!(writer.poll_ready(&cx).is_pending());
        assert_eq!(reader.poll_next(&cx), Poll::Ready(Some(Bytes::from_static(b"one"))));
        assert!(writer.poll_ready(&cx).is_ready());
        writer.put(Bytes::from_static(b"two"));
        drop(writer);
        assert_eq!(reader.poll_next(&cx), Poll::Ready(Some(Bytes::from_static(b"two"))));
        assert_eq!(reader.poll_next(&cx), Poll::Ready(None));
    }

    #[test]
    fn a_body_that_is_gone_is_seen() {
        let (writer, reader) = pipe();
        writer.put(Bytes::from_static(b"one"));
        drop(reader);
        assert!(writer.is_gone());
        assert!(writer.poll_ready(&Context::from_waker(Waker::noop())).is_ready());
    }
}
