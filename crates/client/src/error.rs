//! Requests that were not done.

use std::fmt;

use serde::Deserialize;

use crate::Close;

/// A request's failure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The server refused it: nothing happened.
    Refused(Refused),
    /// The connection broke before the answer came. The request may or may not have been done. Requests that may be repeated
    /// don't end so: the client repeats them.
    ConnectionLost,
    /// No answer within the time for requests. The request may or may not have been done; `say` and `tell` can be repeated
    /// under the same key.
    TimedOut,
    /// As many requests wait for their answers as may.
    TooMuchWaiting,
    /// The request is longer than the server takes: it would close the connection. Nothing was sent.
    TooLong {
        /// Bytes of the request.
        bytes: usize,
        /// Bytes that the server takes.
        bound: u64,
    },
    /// The client is closed: by [`Client::close`](crate::Client::close), or because the server's close says not to come back.
    Closed(Close),
    /// The address is none of a WebSocket. In words.
    Address(String),
    /// The server's answer is not as the protocol says. In words.
    Answer(String),
}

/// A refusal in the server's words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Refused {
    /// For programs.
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: String,
    /// Milliseconds after which it may succeed.
    #[serde(default)]
    pub retry_after_ms: Option<u64>,
    /// The request's field that it is about, and the values that the field takes.
    #[serde(flatten)]
    pub fault: Box<Fault>,
}

/// The field that a refusal is about, as far as the server says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Fault {
    /// The field's name.
    #[serde(default)]
    pub field: Option<String>,
    /// The least that the field takes.
    #[serde(default)]
    pub min: Option<i64>,
    /// The most that the field takes.
    #[serde(default)]
    pub max: Option<i64>,
    /// The unit of `min` and `max`, such as `characters`. A plain number has none.
    #[serde(default)]
    pub unit: Option<String>,
    /// The words of which the field must be one.
    #[serde(default)]
    pub allowed: Vec<String>,
}

impl Refused {
    /// Returns a refusal that says nothing beside its code and message.
    pub(crate) fn new(code: ErrorCode, message: &str) -> Self {
        Refused { code, message: message.to_owned(), retry_after_ms: None, fault: Box::default() }
    }
}

/// A refusal's code. docs/protocol.md explains each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the codes of the protocol, in its words")]
pub enum ErrorCode {
    BadJson,
    BadRequest,
    UnknownType,
    RateLimited,
    NotInRoom,
    NoSuchRoom,
    NoSuchUser,
    NoSuchGame,
    NameTaken,
    NotYourTurn,
    ColumnFull,
    GameOver,
    NotAPlayer,
    ServerFull,
    Forbidden,
    Unavailable,
    Internal,
    /// A code of a later server.
    #[serde(other)]
    Unknown,
}

impl Error {
    /// The code, if the server refused it.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Error::Refused(refused) => Some(refused.code),
            Error::ConnectionLost
            | Error::TimedOut
            | Error::TooMuchWaiting
            | Error::TooLong { .. }
            | Error::Closed(_)
            | Error::Address(_)
            | Error::Answer(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Refused(refused) => f.write_str(&refused.message),
            Error::ConnectionLost => f.write_str("the connection broke before the answer came"),
            Error::TimedOut => f.write_str("the server did not answer in time"),
            Error::TooMuchWaiting => f.write_str("too many requests wait for their answers"),
            Error::TooLong { bytes, bound } => {
                write!(f, "the request has {bytes} bytes; the server takes {bound} at most")
            }
            Error::Closed(close) => write!(f, "the client is closed: {close}"),
            Error::Address(words) => write!(f, "the address can't be connected to: {words}"),
            Error::Answer(words) => write!(f, "the server's answer can't be read: {words}"),
        }
    }
}

impl std::error::Error for Error {}
