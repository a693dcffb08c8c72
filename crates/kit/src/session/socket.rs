//! A stream socket, as a session uses it.

use std::io::{self, IoSlice};
use std::task::{Context, Poll};
use std::time::Duration;

/// A connected stream socket that never blocks. Reading and writing take `&self`: a fan-out writes while a session reads.
pub trait Socket: 'static {
    /// # Errors
    /// `WouldBlock` if nothing has come; `Ok(0)` is the end.
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// # Errors
    /// `WouldBlock` if it takes nothing now.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// # Errors
    /// `WouldBlock` if it takes nothing now.
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Returns the bytes that were taken and have not reached the system. A socket that encrypts holds some; others none.
    fn held(&self) -> usize {
        0
    }

    /// Sends what is held.
    ///
    /// # Errors
    /// `WouldBlock` if some is left.
    fn try_flush(&self) -> io::Result<()> {
        Ok(())
    }

    /// Ready when a read is worth trying; else the task is woken then. One task at a time.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ready when a write is worth trying; else the task is woken then. One task at a time.
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Says that nothing more will be written; reading goes on.
    fn shutdown_write(&self);

    /// Makes the drop of the socket discard unsent bytes: the peer sees a reset.
    fn abort(&self);

    /// Small messages go out at once, and a peer that acknowledges nothing for so long is given up.
    fn tune(&self, unacknowledged_max: Duration);
}
