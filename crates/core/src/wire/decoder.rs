//! Bytes from a client → messages (RFC 6455 §5). Pure: it does no I/O, and holds no more than a message may have.
//!
//! Every frame is judged by its header, before its payload is read; text is judged as it comes, before it is whole.

mod faults;
mod frame_header;
mod mask;
mod message;
mod utf8;

use std::borrow::Cow;

use crate::close::Close;
use crate::limits::Limits;
use crate::wire::header::Opcode;
use faults::{not_utf8, protocol_error};
use frame_header::{FrameHeader, HEADER_BYTES_MAX};
use message::{MessageBounds, MessageInProgress, Shape};

/// A message or control frame of a client.
#[derive(Debug, PartialEq, Eq)]
pub enum Received<'a> {
    /// A whole text message.
    Text(Cow<'a, str>),
    /// A whole binary message.
    Binary(Cow<'a, [u8]>),
    /// A ping with its payload, 125 bytes at most.
    Ping(Cow<'a, [u8]>),
    /// A pong; its payload does not matter.
    Pong,
    /// A close frame, with its code if it has one. Nothing comes after it.
    Close(Option<Close>),
}

/// Puts one client's messages together. Idle, between messages, it holds nothing.
///
/// ```
/// # use parlor_core::Limits;
/// # use parlor_core::wire::{Decoder, Received};
/// let mut decoder = Decoder::new(&Limits::default());
/// let (mut first, mut rest) = ([0x81, 0x85, 1, 2, 3, 4], [b'h' ^ 1, b'e' ^ 2, b'l' ^ 3, b'l' ^ 4, b'o' ^ 1]);
/// assert_eq!(decoder.next(&mut &mut first[..]), Ok(None)); // header and mask; the payload is to come
/// assert_eq!(decoder.next(&mut &mut rest[..]), Ok(Some(Received::Text("hello".into()))));
/// ```
pub struct Decoder {
    bounds: MessageBounds,
    fragments: usize,
    compressed: Compressed,
    partial: Option<Box<Partial>>,
    over: bool,
}

/// The fate of compressed messages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compressed {
    /// They break the protocol.
    Refused,
    Inflated,
    /// They are taken and not inflated.
    Skipped,
}

/// The received part of a frame or message that is not whole.
#[derive(Default)]
struct Partial {
    header: [u8; HEADER_BYTES_MAX],
    header_bytes: usize,
    frame: Option<FrameInProgress>,
    control: Vec<u8>,
    message: Option<MessageInProgress>,
}

/// A frame whose payload is coming.
struct FrameInProgress {
    opcode: Opcode,
    is_last: bool,
    is_compressed: bool,
    mask: u32,
    seen: usize,
    left: usize,
}

impl Decoder {
    /// Makes a decoder that allows messages of `frame_bytes` in `fragments` fragments, as in `limits`.
    pub fn new(limits: &Limits) -> Self {
        let bounds = MessageBounds::new(limits.frame_bytes);
        Decoder { bounds, fragments: limits.fragments, compressed: Compressed::Refused, partial: None, over: false }
    }

    /// Makes it take compressed messages, as a client sends them with permessage-deflate and `client_no_context_takeover`
    /// (RFC 7692 §7.2.2). `frame_bytes` is the bound of what they are when inflated.
    #[must_use]
    pub fn inflating(mut self) -> Self {
        self.compressed = Compressed::Inflated;
        self
    }

    /// Makes it inflate no more: compressed messages come out as empty binary ones. For who waits for a close only.
    #[must_use]
    pub fn skipping_compressed(mut self) -> Self {
        if self.compressed == Compressed::Inflated {
            self.compressed = Compressed::Skipped;
        }
        self
    }

    /// Makes a decoder that swallows everything.
    pub fn over() -> Self {
        let (bounds, compressed) = (MessageBounds::new(0), Compressed::Refused);
        Decoder { bounds, fragments: 0, compressed, partial: None, over: true }
    }

    /// Returns the next thing that `input` makes whole, taken off its front; `None` if that needs more bytes, and then all of
    /// `input` is taken. A message that is one frame and all in `input` is unmasked there and not copied.
    ///
    /// # Errors
    /// The close with which the connection is to end. From then on, as after a close, everything is swallowed.
    pub fn next<'a>(&mut self, input: &mut &'a mut [u8]) -> Result<Option<Received<'a>>, Close> {
        let result = if self.over { Ok(None) } else { self.step(input) };
        if matches!(result, Err(_) | Ok(Some(Received::Close(_)))) {
            self.over = true;
            self.partial = None;
        }
        if self.over {
            *input = &mut [];
        }
        result
    }

    fn step<'a>(&mut self, input: &mut &'a mut [u8]) -> Result<Option<Received<'a>>, Close> {
        loop {
            if self.partial.as_ref().is_none_or(|partial| partial.frame.is_none()) {
                let Some(frame) = self.header(input)? else { return Ok(None) };
                if let Some(whole) = self.at_once(&frame, input)? {
                    self.let_go();
                    return Ok(Some(whole));
                }
                self.partial.get_or_insert_default().frame = Some(frame);
            }
            let Some(partial) = &mut self.partial else { return Ok(None) };
            if !partial.payload(input, self.bounds)? {
                return Ok(None);
            }
            let Some((shape, payload)) = partial.frame_ended() else { continue };
            let whole = self.whole(shape, Cow::Owned(payload))?;
            self.let_go();
            return Ok(Some(whole));
        }
    }

    /// Takes a header, or what there is of it.
    fn header(&mut self, input: &mut &mut [u8]) -> Result<Option<FrameInProgress>, Close> {
        if input.is_empty() {
            return Ok(None);
        }
        // Most headers come whole; one that is cut is gathered byte by byte.
        if self.partial.as_ref().is_none_or(|partial| partial.header_bytes == 0)
            && let Some((frame, bytes)) = self.parse(input)?
        {
            take(input, bytes);
            return Ok(Some(frame));
        }
        loop {
            let partial = self.partial.get_or_insert_default();
            let Some((byte, _)) = input.split_first_mut() else { return Ok(None) };
            partial.header[partial.header_bytes] = *byte;
            partial.header_bytes += 1;
            take(input, 1);
            let (bytes, gathered) = (partial.header_bytes, partial.header);
            if let Some((frame, _)) = self.parse(&gathered[..bytes])? {
                if let Some(partial) = &mut self.partial {
                    partial.header_bytes = 0;
                }
                return Ok(Some(frame));
            }
        }
    }

    fn parse(&self, bytes: &[u8]) -> Result<Option<(FrameInProgress, usize)>, Close> {
        let parsed = FrameHeader::parse(bytes, |header| self.judge(header))?;
        Ok(parsed.map(|(header, bytes)| {
            let FrameHeader { opcode, is_last, is_compressed, mask, payload_bytes } = header;
            let left = payload_bytes as usize; // judged: it is below a bound that is one
            (FrameInProgress { opcode, is_last, is_compressed, mask, seen: 0, left }, bytes)
        }))
    }

    /// Judges a frame by its header and by what came before.
    fn judge(&self, header: &FrameHeader) -> Result<(), Close> {
        let message = self.message();
        if header.is_compressed {
            match header.opcode {
                _ if self.compressed == Compressed::Refused => return Err(protocol_error("a reserved bit is set")),
                Opcode::Text | Opcode::Binary => {}
                Opcode::Continuation | Opcode::Close | Opcode::Ping | Opcode::Pong => {
                    return Err(protocol_error("a compressed message is marked in its first frame only")); // RFC 7692 §6.1
                }
            }
        }
        if header.opcode.is_control() {
            return Ok(());
        }
        let begun = Shape { opcode: header.opcode, is_compressed: header.is_compressed };
        let shape = message.map_or(begun, MessageInProgress::shape);
        let before = message.map_or(0, MessageInProgress::bytes);
        if header.payload_bytes > (self.bounds.payload_bytes(shape) - before) as u64 {
            return Err(self.bounds.exceeded());
        }
        match (header.opcode, message) {
            (Opcode::Continuation, None) => Err(protocol_error("a continuation of nothing")),
            (Opcode::Text | Opcode::Binary, Some(_)) => Err(protocol_error("a message begins inside another one")),
            (Opcode::Continuation, Some(message)) if message.fragments() >= self.fragments => {
                let words = format!("a message may have {} fragments", self.fragments);
                Err(Close::new(Close::TOO_BIG, words))
            }
            _ => Ok(()),
        }
    }

    /// The short way: a frame that is whole in `input` and a message of its own.
    fn at_once<'a>(&self, frame: &FrameInProgress, input: &mut &'a mut [u8]) -> Result<Option<Received<'a>>, Close> {
        if frame.left > input.len() || !frame.is_last || frame.opcode == Opcode::Continuation {
            return Ok(None);
        }
        let payload = take(input, frame.left);
        mask::apply(frame.mask, 0, payload);
        self.whole(Shape { opcode: frame.opcode, is_compressed: frame.is_compressed }, Cow::Borrowed(payload)).map(Some)
    }

    /// Returns the meaning of a whole message or control frame.
    fn whole<'a>(&self, shape: Shape, payload: Cow<'a, [u8]>) -> Result<Received<'a>, Close> {
        match self.compressed {
            _ if !shape.is_compressed => received(shape.opcode, payload),
            Compressed::Skipped => Ok(Received::Binary(Cow::Borrowed(&[]))),
            Compressed::Inflated | Compressed::Refused => {
                received(shape.opcode, Cow::Owned(self.bounds.inflate(&payload)?))
            }
        }
    }

    /// Between messages nothing is held.
    fn let_go(&mut self) {
        self.partial = self.partial.take().filter(|partial| partial.message.is_some());
    }

    fn message(&self) -> Option<&MessageInProgress> {
        self.partial.as_ref()?.message.as_ref()
    }
}

impl Partial {
    /// Takes payload of the frame at hand; whether it is whole.
    fn payload(&mut self, input: &mut &mut [u8], bounds: MessageBounds) -> Result<bool, Close> {
        let Some(frame) = &mut self.frame else { return Ok(false) };
        let part = take(input, frame.left.min(input.len()));
        mask::apply(frame.mask, frame.seen, part);
        frame.seen += part.len();
        frame.left -= part.len();
        if frame.opcode.is_control() {
            self.control.extend_from_slice(part);
        } else {
            let shape = Shape { opcode: frame.opcode, is_compressed: frame.is_compressed };
            self.message.get_or_insert_with(|| MessageInProgress::new(shape)).extend(part, bounds)?;
        }
        Ok(frame.left == 0)
    }

    /// Returns the message or control frame that is whole now, if one is.
    fn frame_ended(&mut self) -> Option<(Shape, Vec<u8>)> {
        let frame = self.frame.take()?;
        if frame.opcode.is_control() {
            let shape = Shape { opcode: frame.opcode, is_compressed: false };
            return Some((shape, std::mem::take(&mut self.control)));
        }
        if let Some(message) = self.message.as_mut().filter(|_| !frame.is_last) {
            message.frame_ended();
            return None;
        }
        self.message.take().map(MessageInProgress::into_parts)
    }
}

/// Returns the meaning of a whole payload.
fn received(opcode: Opcode, payload: Cow<'_, [u8]>) -> Result<Received<'_>, Close> {
    match opcode {
        Opcode::Text => text(payload).map(Received::Text),
        Opcode::Binary | Opcode::Continuation => Ok(Received::Binary(payload)),
        Opcode::Ping => Ok(Received::Ping(payload)),
        Opcode::Pong => Ok(Received::Pong),
        Opcode::Close => close_payload(&payload).map(Received::Close),
    }
}

fn text(payload: Cow<'_, [u8]>) -> Result<Cow<'_, str>, Close> {
    match payload {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| not_utf8()),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| not_utf8()),
    }
}

/// The code and reason of a close frame (RFC 6455 §5.5.1, §7.4; the registered codes beyond them are IANA's).
fn close_payload(payload: &[u8]) -> Result<Option<Close>, Close> {
    match payload {
        [] => Ok(None),
        [_] => Err(protocol_error("half a close code")),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err(protocol_error("no such close code"));
            }
            let reason = std::str::from_utf8(reason).map_err(|_| not_utf8())?;
            Ok(Some(Close::new(code, reason)))
        }
    }
}

fn take<'a>(input: &mut &'a mut [u8], bytes: usize) -> &'a mut [u8] {
    let (front, rest) = std::mem::take(input).split_at_mut(bytes);
    *input = rest;
    front
}

#[cfg(test)]
mod tests;
