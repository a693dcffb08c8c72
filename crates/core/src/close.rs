//! Close codes. Their numbers are part of what a server promises: 4000–4499 say "come back", 4500–4999 say "don't".

/// Why a connection ends, in a code for programs and words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    /// 123 bytes at most go out (RFC 6455 §5.5); more is cut at a character's border.
    pub reason: String,
}

impl Close {
    pub const NORMAL: u16 = 1000;
    pub const GOING_AWAY: u16 = 1001;
    pub const PROTOCOL_ERROR: u16 = 1002;
    pub const UNSUPPORTED: u16 = 1003;
    /// Never on the wire: a close frame without a code (RFC 6455 §7.1.5).
    pub const NO_CODE: u16 = 1005;
    /// Never on the wire: a connection that ended without a close frame (RFC 6455 §7.1.5).
    pub const ABNORMAL: u16 = 1006;
    pub const INVALID_TEXT: u16 = 1007;
    pub const TOO_BIG: u16 = 1009;
    pub const INTERNAL: u16 = 1011;
    pub const RESTART: u16 = 1012;
    pub const TRY_LATER: u16 = 1013;
    pub const SLOW_CONSUMER: u16 = 4000;
    pub const NO_HEARTBEAT: u16 = 4001;
    pub const TOO_MANY_REQUESTS: u16 = 4003;
    pub const ABUSE: u16 = 4500;
    pub const REMOVED: u16 = 4501;

    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        Close { code, reason: reason.into() }
    }

    /// The close of a connection that ended without a close frame: 1006 (RFC 6455 §7.1.5).
    pub fn lost() -> Self {
        Close::new(Close::ABNORMAL, "the connection was lost")
    }

    /// The payload of a close frame: the code, then at most 123 bytes of reason, cut between characters.
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
