//! Why requests are not done, in words.

use crate::protocol::error::{ErrorCode, Refused};

pub fn not_in_room() -> Refused {
    Refused::new(ErrorCode::NotInRoom, "you have to join the room first")
}

pub fn no_such_room() -> Refused {
    Refused::new(ErrorCode::NoSuchRoom, "there is no such room")
}

pub fn no_such_game() -> Refused {
    Refused::new(ErrorCode::NoSuchGame, "there is no game in that room")
}

pub fn no_such_user() -> Refused {
    Refused::new(ErrorCode::NoSuchUser, "there is no such user")
}

pub fn room_taken() -> Refused {
    Refused::new(ErrorCode::NameTaken, "there is a room of that name")
}

pub fn name_taken() -> Refused {
    Refused::new(ErrorCode::NameTaken, "that name is in use")
}

pub fn bad_request(message: impl Into<std::borrow::Cow<'static, str>>) -> Refused {
    Refused::new(ErrorCode::BadRequest, message)
}

pub fn forbidden(message: &'static str) -> Refused {
    Refused::new(ErrorCode::Forbidden, message)
}

/// The journal is down. Its own words are for the operator.
pub fn unavailable() -> Refused {
    Refused::new(ErrorCode::Unavailable, "the storage can't be reached now: nothing happened").retry_after_ms(1000)
}

/// Too many wait already.
pub fn busy() -> Refused {
    Refused::new(ErrorCode::Unavailable, "too many requests are waiting here: nothing happened").retry_after_ms(1000)
}

pub fn rooms_full() -> Refused {
    Refused::new(ErrorCode::ServerFull, "the server has all the rooms it takes")
}

pub fn too_many(of_what: &str, retry_after_ms: u64) -> Refused {
    let message = format!("too many {of_what} have been made from your address: wait a little");
    Refused::new(ErrorCode::RateLimited, message).retry_after_ms(retry_after_ms)
}

pub fn bad_cursor() -> Refused {
    bad_request("\"after\" must be the \"next\" of the page before")
}

/// The sender, or others at their address, have filled their part of an inbox.
pub fn inbox_full(retry_after_ms: Option<u64>) -> Refused {
    let message =
        "too many messages from you, or from your address, wait in that inbox: its owner has to read them first";
    Refused { retry_after_ms, ..Refused::new(ErrorCode::RateLimited, message) }
}

/// One address has all the rooms that it may have.
pub fn rooms_of_address() -> Refused {
    let message =
        "your address has all the rooms that one address may have: those that nobody uses are deleted in time";
    Refused::new(ErrorCode::RateLimited, message)
}

pub fn internal(message: &'static str) -> Refused {
    Refused::new(ErrorCode::Internal, message)
}
