//! The frames of a session without a socket of its own: numbered from 1, and kept until the client acknowledges them.

use std::collections::VecDeque;

use parlor_core::Frame;

/// Frames that a client may still ask for, within a bound in bytes. Those that a stream has taken make room when there is
/// none; the others are never dropped.
pub struct FrameBuffer {
    /// The newest ones, without gaps.
    frames: VecDeque<Frame>,
    bytes_max: usize,
    /// Of all frames, as they stand on a WebSocket.
    bytes: usize,
    /// Of those after [`done`](FrameBuffer::done).
    waiting: usize,
    /// The number of the newest frame; 0 before the first.
    newest: u64,
    acknowledged: u64,
    /// The newest frame that a stream has taken.
    streamed: u64,
}

/// A position that a client can't read on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// No frame of that number was sent; the newest one is told.
    Ahead(u64),
    /// Frames after it are not kept any more; the oldest one that is kept is told.
    Dropped(u64),
}

/// More waits than may.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl FrameBuffer {
    /// `bytes_max`: how much is kept.
    pub fn new(bytes_max: usize) -> Self {
        FrameBuffer {
            frames: VecDeque::new(),
            bytes_max,
            bytes: 0,
            waiting: 0,
            newest: 0,
            acknowledged: 0,
            streamed: 0,
        }
    }

    /// Adds a frame under the next number.
    ///
    /// # Errors
    /// If it doesn't fit even after all that streams have taken is dropped.
    pub fn push(&mut self, frame: Frame) -> Result<(), Full> {
        self.newest += 1;
        self.bytes += frame.wire().len();
        self.waiting += frame.wire().len();
        self.frames.push_back(frame);
        while self.bytes > self.bytes_max && self.oldest() <= self.streamed {
            self.drop_oldest();
        }
        if self.bytes > self.bytes_max { Err(Full) } else { Ok(()) }
    }

    /// Forgets the frames up to `n`: the client has them.
    ///
    /// # Errors
    /// If no frame `n` was sent.
    pub fn acknowledge(&mut self, n: u64) -> Result<(), Position> {
        if n > self.newest {
            return Err(Position::Ahead(self.newest));
        }
        self.advance(|buffer| buffer.acknowledged = buffer.acknowledged.max(n));
        while self.oldest() <= n {
            self.drop_oldest();
        }
        Ok(())
    }

    /// Notes that a stream has taken the frames up to `n`.
    pub fn stream(&mut self, n: u64) {
        self.advance(|buffer| buffer.streamed = buffer.streamed.max(n.min(buffer.newest)));
    }

    /// Checks that a client that has the frames up to `n` can read on without a gap.
    ///
    /// # Errors
    /// If it can't.
    pub fn check(&self, n: u64) -> Result<(), Position> {
        if n > self.newest {
            return Err(Position::Ahead(self.newest));
        }
        if n + 1 < self.oldest() { Err(Position::Dropped(self.oldest())) } else { Ok(()) }
    }

    /// Returns the frames after `n` that are kept, each with its number.
    pub fn after(&self, n: u64) -> impl Iterator<Item = (u64, &Frame)> {
        let oldest = self.oldest();
        let skipped = usize::try_from((n + 1).saturating_sub(oldest)).unwrap_or(usize::MAX);
        (oldest..).zip(&self.frames).skip(skipped)
    }

    /// The number of the newest frame; 0 before the first.
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// The newest frame that the client has acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// The newest frame that nothing waits for any more: acknowledged, or taken by a stream.
    pub fn done(&self) -> u64 {
        self.acknowledged.max(self.streamed)
    }

    /// The bytes of the frames after [`done`](FrameBuffer::done).
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Forgets all frames. Numbers go on.
    pub fn clear(&mut self) {
        self.frames.clear();
        self.bytes = 0;
        self.waiting = 0;
        self.streamed = self.newest;
    }

    /// The number of the oldest frame that is kept; if there is none, that of the next one.
    fn oldest(&self) -> u64 {
        self.newest + 1 - self.frames.len() as u64
    }

    fn drop_oldest(&mut self) {
        let n = self.oldest();
        if let Some(frame) = self.frames.pop_front() {
            self.bytes -= frame.wire().len();
            if n > self.done() {
                self.waiting -= frame.wire().len();
            }
        }
    }

    /// Moves [`done`](FrameBuffer::done) on, and what waits with it.
    fn advance(&mut self, change: impl FnOnce(&mut Self)) {
        let before = self.done();
        change(self);
        let over = usize::try_from(self.done() - before).unwrap_or(usize::MAX);
        let passed: usize = self.after(before).take(over).map(|(_, frame)| frame.wire().len()).sum();
        self.waiting -= passed;
    }
}

#[cfg(test)]
mod tests;
