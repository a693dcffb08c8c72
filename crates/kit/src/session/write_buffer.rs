//! The write buffer of a connection: bytes that the socket has not taken yet.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::time::Duration;

use bytes::Bytes;

use crate::moment::Moment;
use crate::session::socket::Socket;
use parlor_core::wire::frame_end;

/// The sending half of a connection. It writes at once while the socket takes it; what does not fit waits, shared with
/// whoever else it waits for, up to a bound. While nothing waits it holds nothing.
pub struct WriteBuffer<S> {
    socket: S,
    bytes_max: usize,
    /// `None` when nothing waits, as nearly always.
    waiting: RefCell<Option<Box<Queue>>>,
}

struct Queue {
    /// Whole frames each.
    chunks: VecDeque<Bytes>,
    /// Of the first chunk, the bytes that are gone.
    written: usize,
    /// Of all chunks, the bytes that are not.
    bytes: usize,
    /// Of them, those before the mark; 0 if it is passed, or none is set.
    before_mark: usize,
    /// Chunks that wait for a flush.
    held: usize,
    /// The socket took no more when it was last tried: it is tried again when it says so.
    is_blocked: bool,
    /// When the socket last took something, or began to have something to take.
    progress_at: Moment,
}

/// Why an buffer can't go on.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// More waits than may.
    Full,
    /// The connection is no more.
    Lost,
}

const SLICES_MAX: usize = 64;

impl<S: Socket> WriteBuffer<S> {
    /// `bytes_max`: how much may wait.
    pub fn new(socket: S, bytes_max: usize) -> Self {
        WriteBuffer { socket, bytes_max, waiting: RefCell::default() }
    }

    pub fn socket(&self) -> &S {
        &self.socket
    }

    /// Sends whole frames, behind all that waits, or keeps of them what the socket does not take.
    ///
    /// # Errors
    /// If they don't fit, or the connection is lost. Then only [`give_up`](WriteBuffer::give_up) makes sense.
    pub fn send(&self, frames: &Bytes, now: Moment) -> Result<(), Fault> {
        let waiting = &mut *self.waiting.borrow_mut();
        if let Some(waiting) = waiting {
            waiting.push(frames.clone());
        } else {
            let written = match self.socket.try_write(frames) {
                Ok(written) if written == frames.len() && self.socket.held() == 0 => return Ok(()),
                Ok(written) => written,
                Err(error) if is_busy(&error) => 0,
                Err(_) => return Err(Fault::Lost),
            };
            *waiting = Some(Box::new(Queue::blocked(frames.clone(), written, now)));
        }
        self.go_on(waiting, now)
    }

    /// Keeps whole frames for the next [`flush`](WriteBuffer::flush). Whether they are the first since the last.
    pub fn hold(&self, frames: &Bytes, now: Moment) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        let waiting = waiting.get_or_insert_with(|| Box::new(Queue::new(now)));
        waiting.push(frames.clone());
        waiting.held += 1;
        waiting.held == 1
    }

    /// Writes what is held, unless something before it is stuck.
    ///
    /// # Errors
    /// As [`send`](WriteBuffer::send).
    pub fn flush(&self, now: Moment) -> Result<(), Fault> {
        let waiting = &mut *self.waiting.borrow_mut();
        if let Some(waiting) = waiting {
            waiting.held = 0;
        }
        self.go_on(waiting, now)
    }

    /// Writes what waits, as far as the socket takes it.
    ///
    /// # Errors
    /// If the connection is lost.
    pub fn drain(&self, now: Moment) -> Result<(), Fault> {
        self.write(&mut self.waiting.borrow_mut(), now)
    }

    /// Bytes that wait, those that the socket holds included.
    pub fn waiting(&self) -> usize {
        self.waiting.borrow().as_ref().map_or(0, |waiting| waiting.bytes) + self.socket.held()
    }

    /// Marks the end of what waits now. Returns false if nothing waits.
    pub fn mark(&self) -> bool {
        match self.waiting.borrow_mut().as_mut() {
            Some(waiting) => {
                waiting.before_mark = waiting.bytes;
                waiting.bytes > 0
            }
            None => false,
        }
    }

    /// Returns whether something before the mark still waits.
    pub fn is_marked(&self) -> bool {
        self.waiting.borrow().as_ref().is_some_and(|waiting| waiting.before_mark > 0)
    }

    /// Returns whether the socket took no more when it was last tried.
    pub fn is_blocked(&self) -> bool {
        self.waiting.borrow().as_ref().is_some_and(|waiting| waiting.is_blocked)
    }

    /// When the socket last took something, if something waits.
    pub fn progress_at(&self) -> Option<Moment> {
        self.waiting.borrow().as_ref().map(|waiting| waiting.progress_at)
    }

    /// Returns whether something has waited for `patience` and nothing was taken.
    pub fn is_stalled(&self, patience: Duration, now: Moment) -> bool {
        self.progress_at().is_some_and(|at| now.since(at) >= patience)
    }

    /// Queues a last frame behind everything, whatever the bound says.
    pub fn finish(&self, last: Bytes, now: Moment) {
        let waiting = &mut *self.waiting.borrow_mut();
        waiting.get_or_insert_with(|| Box::new(Queue::new(now))).push(last);
        let _ = self.write(waiting, now); // who waits for the rest will see that the connection is lost
    }

    /// Drops the whole frames that wait, keeps the end of one that is half written, and queues `last` behind it.
    pub fn give_up(&self, last: Bytes, now: Moment) {
        let end = self.waiting.borrow_mut().take().map(|waiting| waiting.frame_under_way()).unwrap_or_default();
        let waiting = &mut *self.waiting.borrow_mut();
        let kept = waiting.insert(Box::new(Queue::new(now)));
        kept.push(end);
        kept.push(last);
        let _ = self.write(waiting, now); // if the connection is lost, the closing will see it
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.waiting.take();
    }

    /// Writes unless the socket is known to take nothing; before more waits than may, that is looked at again, since a
    /// busy thread learns late of room.
    fn go_on(&self, waiting: &mut Option<Box<Queue>>, now: Moment) -> Result<(), Fault> {
        let is_over = |waiting: &Option<Box<Queue>>| waiting.as_ref().is_some_and(|all| all.bytes > self.bytes_max);
        if is_over(waiting) || waiting.as_ref().is_some_and(|waiting| !waiting.is_blocked) {
            self.write(waiting, now)?;
        }
        if is_over(waiting) { Err(Fault::Full) } else { Ok(()) }
    }

    fn write(&self, waiting: &mut Option<Box<Queue>>, now: Moment) -> Result<(), Fault> {
        if waiting.is_none() && self.socket.held() > 0 {
            *waiting = Some(Box::new(Queue::new(now))); // the socket has something of its own to say
        }
        if let Some(some) = waiting {
            some.write(&self.socket, now)?;
            if some.bytes == 0 && self.socket.held() == 0 {
                *waiting = None;
            }
        }
        Ok(())
    }
}

impl Queue {
    fn new(now: Moment) -> Self {
        Queue {
            chunks: VecDeque::new(),
            written: 0,
            bytes: 0,
            before_mark: 0,
            held: 0,
            is_blocked: false,
            progress_at: now,
        }
    }

    /// Makes a queue of the rest of a chunk that the socket took in part.
    fn blocked(chunk: Bytes, written: usize, now: Moment) -> Self {
        let mut queue = Queue { is_blocked: true, ..Queue::new(now) };
        if written < chunk.len() {
            queue.push(chunk);
            queue.written = written;
            queue.bytes -= written;
        }
        queue
    }

    fn push(&mut self, chunk: Bytes) {
        if !chunk.is_empty() {
            self.bytes += chunk.len();
            self.chunks.push_back(chunk);
        }
    }

    /// Returns the end of the frame that is half written, perhaps empty. It is copied, so that its chunk, which may be much
    /// longer, is freed.
    fn frame_under_way(&self) -> Bytes {
        let Some(chunk) = self.chunks.front() else { return Bytes::new() };
        let end = frame_end(chunk, self.written);
        Bytes::copy_from_slice(&chunk[self.written..end])
    }

    fn write<S: Socket>(&mut self, socket: &S, now: Moment) -> Result<(), Fault> {
        self.held = 0;
        loop {
            if !self.is_flushed(socket, now)? {
                self.is_blocked = true;
                return Ok(());
            }
            if self.bytes == 0 {
                return Ok(());
            }
            let result = match self.chunks.front() {
                Some(chunk) if self.chunks.len() == 1 => socket.try_write(&chunk[self.written..]),
                _ => {
                    let mut slices = [IoSlice::new(&[]); SLICES_MAX];
                    let mut count = 0;
                    for (slice, chunk) in slices.iter_mut().zip(&self.chunks) {
                        *slice = IoSlice::new(if count == 0 { &chunk[self.written..] } else { chunk });
                        count += 1;
                    }
                    socket.try_write_vectored(&slices[..count])
                }
            };
            match result {
                Ok(0) => return Err(Fault::Lost),
                Ok(written) => self.advance(written, now),
                Err(error) if is_busy(&error) => {
                    self.is_blocked = true;
                    return Ok(());
                }
                Err(_) => return Err(Fault::Lost),
            }
        }
    }

    /// Sends what the socket holds. Returns false if it holds some still.
    fn is_flushed(&mut self, socket: &impl Socket, now: Moment) -> Result<bool, Fault> {
        let before = socket.held();
        if before == 0 {
            return Ok(true);
        }
        let result = socket.try_flush();
        if socket.held() < before {
            self.progress_at = now;
        }
        match result {
            Ok(()) => Ok(true),
            Err(error) if is_busy(&error) => Ok(false),
            Err(_) => Err(Fault::Lost),
        }
    }

    fn advance(&mut self, mut written: usize, now: Moment) {
        self.progress_at = now;
        self.bytes -= written;
        self.before_mark = self.before_mark.saturating_sub(written);
        while let Some(chunk) = self.chunks.front() {
            let left = chunk.len() - self.written;
            if written < left {
                self.written += written;
                return;
            }
            written -= left;
            self.written = 0;
            self.chunks.pop_front();
        }
    }
}

fn is_busy(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests;
