//! The closes that wrong bytes end a connection with.

use crate::close::Close;

/// Returns the close for bytes that break the protocol.
pub fn protocol_error(words: &str) -> Close {
    Close::new(Close::PROTOCOL_ERROR, words)
}

/// Returns the close for text that is none.
pub fn not_utf8() -> Close {
    Close::new(Close::INVALID_TEXT, "text must be UTF-8")
}
