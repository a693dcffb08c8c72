//! The state of a session as its client can tell it, and what the requests of one mean.

use crate::app::{BODY_MAX, LINE_MAX, OUTBOX_MAX, answers};

const NUMBER_MAX: u64 = (1 << 53) - 1;
const WAIT_MS_MAX: u64 = 30_000;

#[derive(Default)]
pub struct Model {
    /// All frames that the app has sent or will, the first under number 1.
    pub frames: Vec<String>,
    /// The newest of them that the client has got, with all before it.
    pub seen: u64,
    /// The newest sure acknowledgement, and the newest that may have been one.
    pub acknowledged: (u64, u64),
    /// Sends that were taken under a number.
    pub sends: u64,
    /// More than may wait did so, unless a body took it.
    was_full: bool,
    /// A body that goes on may have taken frames.
    pub is_streamed: bool,
    /// The client was told that the session is over.
    pub is_over: bool,
    /// The client has ended it.
    pub is_deleted: bool,
}

/// A number of the query or of a header: not there, wrong, or right.
pub type Number = Result<Option<u64>, ()>;

fn number(query: &str, name: &str, min: u64, max: u64) -> Number {
    let values = query.split('&').filter_map(|part| part.split_once('=')).filter(|(key, _)| *key == name);
    values.last().map(|(_, value)| digits(value).filter(|number| (min..=max).contains(number)).ok_or(())).transpose()
}

fn digits(text: &str) -> Option<u64> {
    text.chars().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
}

pub fn send_number(query: &str) -> Number {
    number(query, "n", 1, NUMBER_MAX)
}

pub fn wait(query: &str) -> Number {
    number(query, "wait_ms", 0, WAIT_MS_MAX)
}

pub fn position(query: &str, last: Option<&[u8]>) -> Number {
    let ack = number(query, "ack", 0, NUMBER_MAX)?;
    let Some(last) = last else { return Ok(ack) };
    let last =
        std::str::from_utf8(last).ok().filter(|text| text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')));
    let last = last.and_then(|text| digits(text.trim())).filter(|last| *last <= NUMBER_MAX).ok_or(())?;
    Ok(Some(ack.unwrap_or(0).max(last)))
}

/// The messages of a send; `None` if it is not to be taken.
pub fn lines(body: &[u8]) -> Option<Vec<&str>> {
    if body.len() > BODY_MAX {
        return None;
    }
    let lines = body.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let lines: Option<Vec<&str>> =
        lines.map(|line| std::str::from_utf8(line).ok().filter(|line| line.len() <= LINE_MAX)).collect();
    lines.map(|lines| lines.into_iter().filter(|line| !line.is_empty()).collect())
}

impl Model {
    pub fn sent(&mut self, lines: &[&str]) {
        self.frames.extend(lines.iter().flat_map(|line| answers(line)));
        // Now, because the client may hear of the end after it has acknowledged more.
        self.was_full |= self.bytes(self.acknowledged.0) > OUTBOX_MAX;
    }

    /// The newest frame that the server can know of.
    fn newest(&self) -> u64 {
        self.frames.len() as u64
    }

    /// Returns the bounds of where an answer without a gap begins: after this frame.
    pub fn beginning(&self, after: Option<u64>) -> (u64, u64) {
        after.map_or(self.acknowledged, |after| (after, after))
    }

    /// The same for the next part of a body, whose session may have acknowledged more since.
    pub fn going_on(&self, (sure, perhaps): (u64, u64)) -> (u64, u64) {
        (sure, perhaps.max(self.acknowledged.1))
    }

    /// Checks an answer with frames, and notes them. It begins after a frame within these bounds.
    pub fn got(&mut self, frames: &[(u64, String)], (sure, perhaps): (u64, u64)) {
        let Some((first, _)) = frames.first() else { return };
        assert!((sure + 1..=perhaps + 1).contains(first), "{first} after {sure} to {perhaps}: a gap, or a frame twice");
        for ((n, frame), expected) in frames.iter().zip(*first..) {
            assert_eq!(*n, expected, "a gap, or a frame twice");
            assert!(*n <= self.newest(), "frame {n} was never sent");
            assert_eq!(*frame, self.frames[*n as usize - 1], "frame {n} is another");
        }
        let last = first + frames.len() as u64 - 1;
        assert!(*first <= self.seen + 1 || self.acknowledged.1 >= *first - 1, "what was not acknowledged is left out");
        self.seen = self.seen.max(last);
    }

    /// A request with this position was taken.
    pub fn acknowledge(&mut self, n: Option<u64>) {
        let Some(n) = n else { return };
        assert!(n <= self.newest(), "{n} was acknowledged and never sent");
        self.acknowledged = (self.acknowledged.0.max(n), self.acknowledged.1.max(n));
        self.seen = self.seen.max(n);
    }

    /// A request with this position was given up.
    pub fn perhaps_acknowledge(&mut self, n: Option<u64>) {
        match n {
            Some(n) if n <= self.seen => self.acknowledge(Some(n)),
            Some(n) if n <= self.newest() => self.acknowledged.1 = self.acknowledged.1.max(n),
            Some(_) | None => {}
        }
    }

    /// Checks a refusal because nothing of that number was sent.
    pub fn ahead(&self, n: Option<u64>) {
        assert!(n.is_some_and(|n| n > self.seen), "{n:?} is not ahead");
    }

    /// Checks that a position is not one that can't be read on from.
    pub fn readable(&self, n: Option<u64>) {
        assert!(n.is_none_or(|n| n >= self.acknowledged.0), "{n:?} was acknowledged before: it is kept, or left out");
    }

    /// Checks a refusal because frames are gone.
    pub fn dropped(&self, n: Option<u64>) {
        let is_behind = n.is_some_and(|n| n < self.acknowledged.1);
        assert!(is_behind || (self.is_streamed && self.bytes(0) > OUTBOX_MAX), "nothing after {n:?} may be gone");
    }

    /// Checks the end of a session that nobody has asked to end.
    pub fn too_slow(&self) {
        assert!(self.was_full, "there was room for all that waits");
    }

    /// The bytes of the frames after one, with their headers.
    fn bytes(&self, after: u64) -> usize {
        self.frames[after as usize..].iter().map(|frame| wire_len(frame)).sum()
    }
}

/// The bytes of a frame on a WebSocket, as the server counts them (RFC 6455 §5.2).
pub fn wire_len(frame: &str) -> usize {
    frame.len() + if frame.len() < 126 { 2 } else { 4 }
}
