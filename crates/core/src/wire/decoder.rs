//! Bytes from a client → messages (RFC 6455 §5). Pure: it does no I/O, and holds no more than a message may have.
//!
//! Every frame is judged by its header, before its payload is read; text is judged as it comes, before it is whole.

mod mask;
mod utf8;

use std::borrow::Cow;

use soketto::Parsing;
use soketto::base::{Codec, Error, Header};

use crate::close::Close;
use crate::limits::Limits;
use crate::wire::header::Opcode;
use utf8::Utf8;

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
    frame_bytes: usize,
    fragments: usize,
    partial: Option<Box<Partial>>,
    over: bool,
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
    mask: u32,
    seen: usize,
    left: usize,
}

/// A message whose fragments are coming.
struct MessageInProgress {
    utf8: Option<Utf8>,
    payload: Vec<u8>,
    fragments: usize,
}

const HEADER_BYTES_MAX: usize = 14;
const CONTROL_BYTES_MAX: usize = 125;

impl Decoder {
    /// Makes a decoder that allows messages of `frame_bytes` in `fragments` fragments, as in `limits`.
    pub fn new(limits: &Limits) -> Self {
        Decoder { frame_bytes: limits.frame_bytes, fragments: limits.fragments, partial: None, over: false }
    }

    /// Makes a decoder that swallows everything.
    pub fn over() -> Self {
        Decoder { frame_bytes: 0, fragments: 0, partial: None, over: true }
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
            if !partial.payload(input, self.frame_bytes)? {
                return Ok(None);
            }
            if let Some(whole) = partial.frame_ended()? {
                self.let_go();
                return Ok(Some(whole));
            }
        }
    }

    /// Takes a header, or what there is of it.
    fn header(&mut self, input: &mut &mut [u8]) -> Result<Option<FrameInProgress>, Close> {
        if input.is_empty() {
            return Ok(None);
        }
        // Most headers come whole; one that is cut is gathered byte by byte.
        if self.partial.as_ref().is_none_or(|partial| partial.header_bytes == 0)
            && let Some((header, bytes)) = self.parse(input)?
        {
            take(input, bytes);
            return self.judge(&header, bytes).map(Some);
        }
        loop {
            let partial = self.partial.get_or_insert_default();
            let Some((byte, _)) = input.split_first_mut() else { return Ok(None) };
            partial.header[partial.header_bytes] = *byte;
            partial.header_bytes += 1;
            take(input, 1);
            let (bytes, gathered) = (partial.header_bytes, partial.header);
            if let Some((header, bytes)) = self.parse(&gathered[..bytes])? {
                if let Some(partial) = &mut self.partial {
                    partial.header_bytes = 0;
                }
                return self.judge(&header, bytes).map(Some);
            }
        }
    }

    fn parse(&self, bytes: &[u8]) -> Result<Option<(Header, usize)>, Close> {
        let is_control = bytes.first().is_some_and(|first| first & 0x08 != 0);
        let left = self.frame_bytes - self.message().map_or(0, |message| message.payload.len());
        let mut codec = Codec::new();
        codec.set_max_data_size(if is_control { CONTROL_BYTES_MAX } else { left });
        match codec.decode_header(bytes) {
            Ok(Parsing::Done { value, offset }) => Ok(Some((value, offset))),
            // The mask can't be waited for: without it the frame is wrong already.
            Ok(Parsing::NeedMore(_)) if bytes.get(1).is_some_and(|second| second & 0x80 == 0) => Err(unmasked()),
            Ok(Parsing::NeedMore(_)) => Ok(None),
            Err(Error::PayloadTooLarge { .. }) => {
                Err(Close::new(Close::TOO_BIG, format!("a message may have {} bytes", self.frame_bytes)))
            }
            Err(error) => Err(protocol_error(&error.to_string())),
        }
    }

    fn judge(&self, header: &Header, header_bytes: usize) -> Result<FrameInProgress, Close> {
        let len = header.payload_len();
        if !header.is_masked() {
            return Err(unmasked());
        }
        let longest = match header_bytes {
            0..=6 => 0,
            7..=8 => 126,
            _ => 0x1_0000,
        };
        if len < longest {
            return Err(protocol_error("a length is written with more bytes than it needs"));
        }
        let Some(opcode) = Opcode::from_bits(header.opcode().into()) else {
            return Err(protocol_error("a reserved opcode"));
        };
        match (opcode, self.message()) {
            (Opcode::Continuation, None) => return Err(protocol_error("a continuation of nothing")),
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(protocol_error("a message begins inside another one"));
            }
            (Opcode::Continuation, Some(message)) if message.fragments >= self.fragments => {
                let words = format!("a message may have {} fragments", self.fragments);
                return Err(Close::new(Close::TOO_BIG, words));
            }
            _ => {}
        }
        Ok(FrameInProgress { opcode, is_last: header.is_fin(), mask: header.mask(), seen: 0, left: len })
    }

    /// The short way: a frame that is whole in `input` and a message of its own.
    fn at_once<'a>(&self, frame: &FrameInProgress, input: &mut &'a mut [u8]) -> Result<Option<Received<'a>>, Close> {
        if frame.left > input.len() || !frame.is_last || frame.opcode == Opcode::Continuation {
            return Ok(None);
        }
        let payload = take(input, frame.left);
        mask::apply(frame.mask, 0, payload);
        let payload = &*payload;
        received(frame.opcode, Cow::Borrowed(payload)).map(Some)
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
    fn payload(&mut self, input: &mut &mut [u8], frame_bytes: usize) -> Result<bool, Close> {
        let Some(frame) = &mut self.frame else { return Ok(false) };
        let part = take(input, frame.left.min(input.len()));
        mask::apply(frame.mask, frame.seen, part);
        frame.seen += part.len();
        frame.left -= part.len();
        if frame.opcode.is_control() {
            self.control.extend_from_slice(part);
        } else {
            let is_text = frame.opcode == Opcode::Text;
            let message = self.message.get_or_insert_with(|| MessageInProgress::new(is_text));
            message.extend(part, frame_bytes)?;
        }
        Ok(frame.left == 0)
    }

    fn frame_ended<'a>(&mut self) -> Result<Option<Received<'a>>, Close> {
        let Some(frame) = self.frame.take() else { return Ok(None) };
        if frame.opcode.is_control() {
            return received(frame.opcode, Cow::Owned(std::mem::take(&mut self.control))).map(Some);
        }
        if let Some(message) = self.message.as_mut().filter(|_| !frame.is_last) {
            message.fragments += 1;
            return Ok(None);
        }
        self.message.take().map(MessageInProgress::finish).transpose()
    }
}

impl MessageInProgress {
    fn new(is_text: bool) -> Self {
        MessageInProgress { utf8: is_text.then(Utf8::default), payload: Vec::new(), fragments: 0 }
    }

    fn extend(&mut self, part: &[u8], bytes_max: usize) -> Result<(), Close> {
        if let Some(utf8) = &mut self.utf8 {
            utf8.push(part).map_err(|_| not_utf8())?;
        }
        // Doubled like any vector, but never beyond what a message may have. The header has been judged: it fits.
        let needed = self.payload.len() + part.len();
        if needed > self.payload.capacity() {
            let room = needed.max(2 * self.payload.capacity()).min(bytes_max.max(needed));
            self.payload.reserve_exact(room - self.payload.len());
        }
        self.payload.extend_from_slice(part);
        Ok(())
    }

    fn finish<'a>(self) -> Result<Received<'a>, Close> {
        let opcode = if self.utf8.is_some() { Opcode::Text } else { Opcode::Binary };
        received(opcode, Cow::Owned(self.payload))
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

fn protocol_error(words: &str) -> Close {
    Close::new(Close::PROTOCOL_ERROR, words)
}

fn unmasked() -> Close {
    protocol_error("a client's frames must be masked")
}

fn not_utf8() -> Close {
    Close::new(Close::INVALID_TEXT, "text must be UTF-8")
}

#[cfg(test)]
mod tests;
