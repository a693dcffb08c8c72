//! One buffer for each thread to read to, so that connections need none of their own.

use std::cell::RefCell;
use std::io;

use crate::session::socket::Socket;

const SCRATCH_BYTES: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; SCRATCH_BYTES].into());
}

/// Reads once, and shows what came; no bytes are the end. `show` must not read.
pub fn read<T>(socket: &impl Socket, show: impl FnOnce(io::Result<&mut [u8]>) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| match socket.try_read(scratch) {
        Ok(bytes) => show(Ok(&mut scratch[..bytes])),
        Err(error) => show(Err(error)),
    })
}

/// Bytes that were read and not handed on yet.
#[derive(Default)]
pub struct Rest(Option<Box<Read>>);

struct Read {
    bytes: Vec<u8>,
    from: usize,
}

impl Rest {
    pub fn new(bytes: &[u8]) -> Self {
        Rest((!bytes.is_empty()).then(|| Box::new(Read { bytes: bytes.to_vec(), from: 0 })))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub fn bytes(&mut self) -> &mut [u8] {
        match &mut self.0 {
            Some(read) => &mut read.bytes[read.from..],
            None => &mut [],
        }
    }

    /// Only the last so many of them.
    pub fn keep(mut self, left: usize) -> Self {
        if let Some(read) = &mut self.0 {
            read.from = read.bytes.len() - left;
        }
        Rest(self.0.filter(|_| left > 0))
    }
}
