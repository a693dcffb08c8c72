//! Errors, with what mends them.

use std::fmt;

use redis::{ErrorKind, RedisError};

/// The reason why a journal in Redis could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// Nobody answers there. The cause, as the system says it.
    Unreachable(String),
    /// Redis refuses the user or the password, or demands one.
    Refused(String),
    /// The user may not run a command that the journal needs. Redis's words.
    NotAllowed(String),
    /// The file with root certificates can't be used.
    Certificate(String),
    /// Redis is older than 6.2.
    WrongVersion {
        /// Its version.
        found: String,
    },
    /// Redis deletes keys by itself when its memory is full.
    EvictionPolicy {
        /// The policy in force.
        found: String,
    },
    /// Redis does not append writes to a file: an end of its process would lose acknowledged events.
    NotPersistent,
    /// It is a replica.
    ReadOnly,
    /// The keys are those of a newer version.
    NewerSchema {
        /// Their version.
        found: String,
    },
    /// The prefix of the keys holds no hash tag.
    Prefix,
    /// Nodes use the journal, and the operation wants it to itself.
    NodesAtWork {
        /// Their names, five at most.
        nodes: Vec<String>,
    },
    /// Another program reads or writes the journal as a whole.
    Taken,
    /// The journal is a copy that was begun and not completed.
    HalfCopied,
    /// There is a journal where one is to be made.
    NotEmpty,
    /// There is no journal to read.
    Missing {
        /// The beginning of its keys.
        prefix: String,
    },
    /// Any other failure. Redis's words.
    Failed(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Unreachable(why) => write!(f, "Redis can't be reached ({why})"),
            OpenError::Refused(why) => write!(f, "Redis refuses the user or the password ({why})"),
            OpenError::NotAllowed(why) => write!(
                f,
                "the user may not do what the journal needs ({why}): allow it with \
                 `redis-cli ACL SETUSER NAME on '>PASSWORD' '~{{parlor}}:*' +@all -@dangerous +info +config|get`"
            ),
            OpenError::Certificate(why) => write!(f, "the root certificate can't be used ({why})"),
            OpenError::WrongVersion { found } => write!(f, "Redis has version {found}, and must have 6.2 or newer"),
            OpenError::EvictionPolicy { found } => write!(
                f,
                "Redis would delete messages when its memory is full (maxmemory-policy {found}): set it with \
                 `redis-cli CONFIG SET maxmemory-policy noeviction`, and in its configuration"
            ),
            OpenError::NotPersistent => f.write_str(
                "Redis would lose acknowledged messages with its process (appendonly no): set it with \
                 `redis-cli CONFIG SET appendonly yes`, and in its configuration, or say that losing them is all right",
            ),
            OpenError::ReadOnly => {
                f.write_str("it is a replica, which takes no writes: name the primary, or its sentinels")
            }
            OpenError::NewerSchema { found } => {
                write!(f, "its keys have version {found}, which is newer than this program: update it")
            }
            OpenError::NodesAtWork { nodes } => write!(f, "nodes use it ({}): stop them first", nodes.join(", ")),
            OpenError::Taken => {
                f.write_str("a program copies or imports it: wait until that is done, or for a minute if it was killed")
            }
            OpenError::HalfCopied => {
                f.write_str("it is a copy that is not complete: run the same `parlor copy` again, which begins it anew")
            }
            OpenError::NotEmpty => f.write_str("it is not empty: name another place, or another prefix of keys"),
            OpenError::Missing { prefix } => write!(f, "there is no journal whose keys begin with {prefix}"),
            OpenError::Prefix => f.write_str("the prefix must hold one hash tag, such as {parlor}:"),
            OpenError::Failed(why) => write!(f, "Redis fails ({why})"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<RedisError> for OpenError {
    fn from(error: RedisError) -> Self {
        let words = words(&error);
        if error.kind() == ErrorKind::AuthenticationFailed || is_one_of(&error, &["NOAUTH", "WRONGPASS"]) {
            OpenError::Refused(words)
        } else if is_one_of(&error, &["NOPERM"]) {
            OpenError::NotAllowed(words)
        } else if is_one_of(&error, &["READONLY"]) {
            OpenError::ReadOnly
        } else if Trouble::of(&error) == Trouble::Broken {
            OpenError::Unreachable(words)
        } else {
            OpenError::Failed(words)
        }
    }
}

/// The kind of a failure: whether it may be tried again, and whether something may have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The connection is of no use any more. A command that was sent may have been carried out.
    Broken,
    /// Redis can't take commands at the moment; nothing happened.
    Busy,
    /// Redis refuses the command; nothing happened.
    Refused,
}

/// Errors of a Redis that can't take commands at the moment.
const BUSY: &[&str] =
    &["LOADING", "READONLY", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN", "BUSY", "NOREPLICAS", "UNKILLABLE"];

impl Trouble {
    pub fn of(error: &RedisError) -> Self {
        let is_broken =
            [ErrorKind::Io, ErrorKind::Parse, ErrorKind::MasterNameNotFoundBySentinel].contains(&error.kind());
        if is_one_of(error, BUSY) {
            Trouble::Busy
        } else if is_broken || error.is_io_error() || error.is_connection_dropped() {
            Trouble::Broken
        } else {
            Trouble::Refused
        }
    }
}

/// Tells whether an error has one of these codes. Redis 6 wraps those of commands in a script: its own stands in the text.
fn is_one_of(error: &RedisError, codes: &[&str]) -> bool {
    let is_wrapped = |code: &&str| error.detail().is_some_and(|detail| detail.contains(&format!("-{code} ")));
    error.code().is_some_and(|code| codes.contains(&code) || (code == "ERR" && codes.iter().any(is_wrapped)))
}

/// A failure in words for the operator. Redis's errors hold no password.
pub(crate) fn words(error: &RedisError) -> String {
    let known = [
        ("OOM", "Redis's memory is full: raise maxmemory, or let fewer records be kept"),
        ("MISCONF", "Redis can't write to its disk, and takes no writes until it can"),
        ("NOREPLICAS", "Redis has fewer replicas than min-replicas-to-write asks for"),
        ("LOADING", "Redis is loading its data"),
        ("READONLY", "Redis is a replica now"),
        ("BUSY", "Redis is busy with a script"),
    ];
    let found = known.iter().find(|(code, _)| is_one_of(error, &[code]));
    found.map_or_else(|| error.to_string(), |(_, words)| (*words).to_owned())
}
