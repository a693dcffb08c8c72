//! Close codes. Their numbers are part of what a server promises: 4000–4499 say "come back", 4500–4999 say "don't".

/// The reason why a connection ends: a code for programs and words for people.
///
/// Codes below 4000 are those of RFC 6455 §7.4.1 and of IANA's registry. Of those above, 4000 to 4499 tell the client that
/// it may come back, and 4500 to 4999 that it should not.
///
/// ```
/// # use parlor_core::Close;
/// let close = Close::new(Close::TRY_LATER, "the game is full");
/// assert_eq!((close.code, close.reason.as_str()), (1013, "the game is full"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The close code: 1000 to 1003, 1007 to 1014, or 3000 to 4999; 1005 and 1006 are only ever seen, not sent.
    pub code: u16,
    /// The reason in words. 123 bytes at most go out (RFC 6455 §5.5); more is cut between two characters.
    pub reason: String,
}

impl Close {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL: u16 = 1000;
    /// 1001: the page is left, or the server goes down.
    pub const GOING_AWAY: u16 = 1001;
    /// 1002: the peer's bytes are not as RFC 6455 says.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// 1003: a message of a kind that is not taken, such as binary where text is expected.
    pub const UNSUPPORTED: u16 = 1003;
    /// 1005: a close frame without a code (RFC 6455 §7.1.5). Never on the wire.
    pub const NO_CODE: u16 = 1005;
    /// 1006: a connection that ended without a close frame (RFC 6455 §7.1.5). Never on the wire.
    pub const ABNORMAL: u16 = 1006;
    /// 1007: text that is not UTF-8.
    pub const INVALID_TEXT: u16 = 1007;
    /// 1009: a message with more bytes or fragments than [`Limits`](crate::limits::Limits) allows.
    pub const TOO_BIG: u16 = 1009;
    /// 1011: the server failed, for this connection alone.
    pub const INTERNAL: u16 = 1011;
    /// 1012: the server stops or begins anew. A client may come back.
    pub const RESTART: u16 = 1012;
    /// 1013: the server has too much to do. A client may come back later.
    pub const TRY_LATER: u16 = 1013;
    /// 4000: the client reads too slowly ([`Limits::outbox_bytes`](crate::limits::Limits::outbox_bytes),
    /// [`Limits::outbox_stall`](crate::limits::Limits::outbox_stall)).
    pub const SLOW_CONSUMER: u16 = 4000;
    /// 4001: the client did not answer pings ([`Limits::heartbeat_timeout`](crate::limits::Limits::heartbeat_timeout)).
    pub const NO_HEARTBEAT: u16 = 4001;
    /// 4003: the client went on making requests that were refused ([`Rate::refusals`](crate::limits::Rate::refusals)).
    pub const TOO_MANY_REQUESTS: u16 = 4003;
    /// 4500: the client misused the app. For apps; the kit itself does not send it.
    pub const ABUSE: u16 = 4500;
    /// 4501: somebody who may do so has removed the client. For apps; the kit itself does not send it.
    pub const REMOVED: u16 = 4501;

    /// Makes a close with this code and reason.
    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        Close { code, reason: reason.into() }
    }

    /// Returns the close of a connection that ended without a close frame: 1006 (RFC 6455 §7.1.5).
    pub fn lost() -> Self {
        Close::new(Close::ABNORMAL, "the connection was lost")
    }

    /// Returns the payload of a close frame: the code, then at most 123 bytes of reason, cut between characters.
    ///
    /// ```
    /// # use parlor_core::Close;
    /// assert_eq!(Close::new(Close::NORMAL, "bye").payload(), b"\x03\xe8bye");
    /// assert_eq!(Close::new(Close::NORMAL, "é".repeat(100)).payload().len(), 2 + 122);
    /// ```
    pub fn payload(&self) -> Vec<u8> {
        let mut end = self.reason.len().min(123);
        while !self.reason.is_char_boundary(end) {
            end -= 1;
        }
        let mut payload = self.code.to_be_bytes().to_vec();
        payload.extend_from_slice(&self.reason.as_bytes()[..end]);
        payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_reasons_are_cut_between_characters() {
        let payload = Close::new(Close::RESTART, "é".repeat(100)).payload();
        assert_eq!(payload.len(), 2 + 122);
        assert!(std::str::from_utf8(&payload[2..]).is_ok());
        assert_eq!(&payload[..2], &1012u16.to_be_bytes());
    }
}
