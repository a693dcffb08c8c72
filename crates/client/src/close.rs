//! The end of a connection.

use std::fmt;

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Close {
    /// The close code of RFC 6455 §7.4; 1006 if there was none. A refused handshake counts as 1013 if its HTTP status says that
    /// another attempt may succeed (5xx, 408, 429), and as 4500 otherwise.
    pub code: u16,
    /// The server's words, or what went wrong.
    pub reason: String,
}

/// Our own silence watch: no sign of life from the server.
const NO_SIGN_OF_LIFE: u16 = 4001;
/// The server asks to come back more slowly.
const TOO_MANY_REQUESTS: u16 = 4003;

impl Close {
    pub(crate) fn new(code: u16, reason: impl Into<String>) -> Self {
        Close { code, reason: reason.into() }
    }

    /// Without a close frame.
    pub(crate) fn broken(reason: impl fmt::Display) -> Self {
        Close::new(1006, reason.to_string())
    }

    pub(crate) fn silent() -> Self {
        Close::new(NO_SIGN_OF_LIFE, "the server gives no sign of life")
    }

    /// Returns whether the connection was ended on purpose, with a code of RFC 6455 or of the application.
    pub fn is_clean(&self) -> bool {
        self.code != 1005 && self.code != 1006
    }

    /// Returns whether the client comes back by itself. 4000–4499 say "come back" and 4500–4999 say "don't"; 1000 is a normal end;
    /// after 1002, 1003, 1007, 1009 and 1010 the same client would only be closed again.
    pub fn may_return(&self) -> bool {
        !matches!(self.code, 1000 | 1002 | 1003 | 1007 | 1009 | 1010 | 4500..=4999)
    }

    pub(crate) fn asks_for_patience(&self) -> bool {
        self.code == TOO_MANY_REQUESTS
    }
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (close code {})", self.reason, self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table in docs/protocol.md.
    #[test]
    fn codes_say_whether_to_come_back() {
        for (code, comes_back) in [
            (1000, false),
            (1001, true),
            (1002, false),
            (1003, false),
            (1005, true),
            (1006, true),
            (1007, false),
            (1009, false),
            (1011, true),
            (1012, true),
            (1013, true),
            (4000, true),
            (4001, true),
            (4003, true),
            (4499, true),
            (4500, false),
            (4501, false),
            (4999, false),
        ] {
            assert_eq!(Close::new(code, "").may_return(), comes_back, "{code}");
        }
        assert!(!Close::broken("reset").is_clean() && Close::new(1012, "").is_clean());
    }
}
