//! Why requests are not done, in words.

use crate::protocol::error::{ErrorCode, Refused};
use crate::protocol::fault::{Takes, Unit};

pub fn not_in_room() -> Refused {
    Refused::new(ErrorCode::NotInRoom, "you have to join the room first").about("room")
}

pub fn no_such_room() -> Refused {
    Refused::new(ErrorCode::NoSuchRoom, "there is no such room").about("room")
}

pub fn no_such_game() -> Refused {
    Refused::new(ErrorCode::NoSuchGame, "there is no game in that room").about("room")
}

pub fn no_such_user() -> Refused {
    Refused::new(ErrorCode::NoSuchUser, "there is no such user")
}

pub fn room_taken() -> Refused {
    Refused::new(ErrorCode::NameTaken, "there is a room of that name").about("room")
}

pub fn name_taken() -> Refused {
    Refused::new(ErrorCode::NameTaken, "that name is in use").about("name")
}

pub fn bad_request(message: impl Into<std::borrow::Cow<'static, str>>) -> Refused {
    Refused::new(ErrorCode::BadRequest, message)
}

pub fn forbidden(message: &'static str) -> Refused {
    Refused::new(ErrorCode::Forbidden, message)
}

/// A text is too long.
pub fn body_too_long(chars_max: usize) -> Refused {
    let message = format!("\"body\" must have at most {chars_max} characters");
    bad_request(message).about_bound("body", Takes::at_most(chars_max, Unit::Characters))
}

/// The client is in all the rooms that it may be in.
pub fn one_room_too_many(rooms_max: usize) -> Refused {
    let message = format!("\"room\" would be one too many: a client is in {rooms_max} at most");
    bad_request(message).about_bound("room", Takes::at_most(rooms_max, Unit::Rooms))
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
    bad_request("\"after\" must be the \"next\" of the page before").about("after")
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
