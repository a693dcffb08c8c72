//! A message whose frames are coming, and the bounds of its payload.

use crate::close::Close;
use crate::wire::decoder::faults::not_utf8;
use crate::wire::decoder::utf8::Utf8;
use crate::wire::deflate::{Fault, inflate};
use crate::wire::header::Opcode;

/// The bounds of a message's bytes.
#[derive(Clone, Copy)]
pub struct MessageBounds(usize);

/// A message or control frame, as its first header tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub opcode: Opcode,
    pub is_compressed: bool,
}

/// A message whose fragments are coming.
pub struct MessageInProgress {
    shape: Shape,
    /// Judges plain text as it comes. A compressed one is judged when it is inflated.
    utf8: Utf8,
    payload: Vec<u8>,
    fragments: usize,
}

impl MessageBounds {
    /// Allows messages of `frame_bytes`.
    pub fn new(frame_bytes: usize) -> Self {
        MessageBounds(frame_bytes)
    }

    /// Returns the bytes that a message's frames may carry. Compressed, one that can't be made shorter is a little longer: a
    /// block of DEFLATE that is stored as it is has 5 bytes more (RFC 1951 §3.2.4), and some compressors begin one every 127
    /// bytes.
    pub fn payload_bytes(self, shape: Shape) -> usize {
        if shape.is_compressed { self.0.saturating_add(self.0 / 16 + 64) } else { self.0 }
    }

    /// Inflates a compressed message.
    ///
    /// # Errors
    /// The close for one that is too long, or invalid.
    pub fn inflate(self, payload: &[u8]) -> Result<Vec<u8>, Close> {
        inflate(payload, self.0).map_err(|fault| match fault {
            Fault::TooLong => self.exceeded(),
            Fault::Invalid => Close::new(Close::INVALID_TEXT, "a compressed message must be whole and valid DEFLATE"),
        })
    }

    /// Returns the close for a message that is too long.
    pub fn exceeded(self) -> Close {
        Close::new(Close::TOO_BIG, format!("a message may have {} bytes", self.0))
    }
}

impl MessageInProgress {
    pub fn new(shape: Shape) -> Self {
        MessageInProgress { shape, utf8: Utf8::default(), payload: Vec::new(), fragments: 0 }
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The frames that have ended.
    pub fn fragments(&self) -> usize {
        self.fragments
    }

    /// The bytes that have come.
    pub fn bytes(&self) -> usize {
        self.payload.len()
    }

    /// The bytes that are held.
    #[cfg(test)]
    pub fn capacity(&self) -> usize {
        self.payload.capacity()
    }

    /// A frame that is not the last has ended.
    pub fn frame_ended(&mut self) {
        self.fragments += 1;
    }

    /// # Errors
    /// If it is text, and not UTF-8.
    pub fn extend(&mut self, part: &[u8], bounds: MessageBounds) -> Result<(), Close> {
        if self.shape.opcode == Opcode::Text && !self.shape.is_compressed {
            self.utf8.push(part).map_err(|_| not_utf8())?;
        }
        // Doubled like any vector, but never beyond what a message may have. The header has been judged: it fits.
        let needed = self.payload.len() + part.len();
        if needed > self.payload.capacity() {
            let bytes_max = bounds.payload_bytes(self.shape);
            let room = needed.max(2 * self.payload.capacity()).min(bytes_max.max(needed));
            self.payload.reserve_exact(room - self.payload.len());
        }
        self.payload.extend_from_slice(part);
        Ok(())
    }

    /// Takes it apart when it is whole.
    pub fn into_parts(self) -> (Shape, Vec<u8>) {
        (self.shape, self.payload)
    }
}
