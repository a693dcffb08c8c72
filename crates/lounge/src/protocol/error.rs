//! Errors, as a client is told of them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::fault::{Fault, Takes};

/// Words for programs; they never change. [`Refused::message`] is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The frame is not one JSON object in text.
    BadJson,
    /// A field is missing, of the wrong type or out of bounds: the message names it.
    BadRequest,
    /// There is no request of that `type`.
    UnknownType,
    /// Too much at once: wait for `retry_after_ms`.
    RateLimited,
    /// One has to be in the room to do that.
    NotInRoom,
    /// There is no room of that name, or none that the key opens.
    NoSuchRoom,
    /// Nobody of that id is kept or on, or nobody of that name is known.
    NoSuchUser,
    /// There is no game in that room.
    NoSuchGame,
    /// Somebody has the name, or a room of that name is there.
    NameTaken,
    /// Another player is to move.
    NotYourTurn,
    /// The column has no free square.
    ColumnFull,
    /// The round is over.
    GameOver,
    /// Only who holds a seat may do that.
    NotAPlayer,
    /// The server has all the rooms, clients or the like that it takes.
    ServerFull,
    /// A token that does not verify, or something that is not the asker's to do.
    Forbidden,
    /// The storage or the way to the other servers is down. Nothing happened.
    Unavailable,
    /// A fault of the server.
    Internal,
}

impl ErrorCode {
    /// All codes, in the order of docs/protocol.md.
    pub const ALL: [ErrorCode; 17] = [
        ErrorCode::BadJson,
        ErrorCode::BadRequest,
        ErrorCode::UnknownType,
        ErrorCode::RateLimited,
        ErrorCode::NotInRoom,
        ErrorCode::NoSuchRoom,
        ErrorCode::NoSuchUser,
        ErrorCode::NoSuchGame,
        ErrorCode::NameTaken,
        ErrorCode::NotYourTurn,
        ErrorCode::ColumnFull,
        ErrorCode::GameOver,
        ErrorCode::NotAPlayer,
        ErrorCode::ServerFull,
        ErrorCode::Forbidden,
        ErrorCode::Unavailable,
        ErrorCode::Internal,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::BadJson => "bad_json",
            ErrorCode::BadRequest => "bad_request",
            ErrorCode::UnknownType => "unknown_type",
            ErrorCode::RateLimited => "rate_limited",
            ErrorCode::NotInRoom => "not_in_room",
            ErrorCode::NoSuchRoom => "no_such_room",
            ErrorCode::NoSuchUser => "no_such_user",
            ErrorCode::NoSuchGame => "no_such_game",
            ErrorCode::NameTaken => "name_taken",
            ErrorCode::NotYourTurn => "not_your_turn",
            ErrorCode::ColumnFull => "column_full",
            ErrorCode::GameOver => "game_over",
            ErrorCode::NotAPlayer => "not_a_player",
            ErrorCode::ServerFull => "server_full",
            ErrorCode::Forbidden => "forbidden",
            ErrorCode::Unavailable => "unavailable",
            ErrorCode::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The word for programs.
    pub code: ErrorCode,
    /// A sentence for people. Holds no more than 40 characters of what the client said (`excerpt`).
    pub message: Cow<'static, str>,
    /// The time after which it may succeed, if waiting helps.
    pub retry_after_ms: Option<u64>,
    /// The field that it is about, if it is about one.
    pub fault: Option<Box<Fault>>,
}

impl Refused {
    /// Returns a refusal.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Refused { code, message: message.into(), retry_after_ms: None, fault: None }
    }

    /// Returns the same refusal with a time after which the request may succeed.
    pub fn retry_after_ms(self, retry_after_ms: u64) -> Self {
        Refused { retry_after_ms: Some(retry_after_ms), ..self }
    }

    /// Returns the same refusal with the field that it is about.
    pub fn about(self, field: impl Into<Cow<'static, str>>) -> Self {
        self.about_bound(field, Takes::default())
    }

    /// Returns the same refusal with the field that it is about, and the values that the field takes.
    pub fn about_bound(self, field: impl Into<Cow<'static, str>>, takes: Takes) -> Self {
        Refused { fault: Some(Box::new(Fault { field: field.into(), takes })), ..self }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refused {}

/// Returns the part of a client's text that may stand in a message: quoted, escaped, and cut after 40 characters.
pub fn excerpt(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    match text.char_indices().nth(CHARS_MAX) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_however_written() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{code}\""));
        }
    }

    #[test]
    fn excerpts_are_quoted_and_short() {
        assert_eq!(excerpt("a\"\n"), r#""a\"\n""#);
        assert_eq!(excerpt(&"é".repeat(40)), format!("\"{}\"", "é".repeat(40)));
        assert_eq!(excerpt(&"é".repeat(41)), format!("\"{}…\"", "é".repeat(40)));
    }
}
