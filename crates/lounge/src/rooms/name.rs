//! Rooms' names.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::characters::{is_blank, is_control_like, is_joiner, is_space, joiners_join};

/// A room's name: 1–64 characters in Unicode's normalization form C, not beginning with `@`.
///
/// Any script, signs and emoji; but nothing unseen that would make two names look the same: no controls, nothing that
/// turns the direction of writing, no fillers, no space but the plain one, and none at the ends. Joiners may stand between
/// characters beyond ASCII. Names are compared as they are: `Lobby` and `lobby` are two rooms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RoomName(String);

impl RoomName {
    /// The most characters (Unicode scalar values) of a name, counted after normalization.
    pub const CHARS_MAX: usize = 64;

    /// Brings `text` into form C, and refuses what it can't let in: names are addresses, and are not changed further.
    /// The result, parsed again, is the same.
    pub fn parse(text: &str) -> Result<Self, RoomNameError> {
        let first = Self::CHARS_MAX + 1;
        // ASCII is in form C as it is.
        let name: String =
            if text.is_ascii() { text.chars().take(first).collect() } else { text.nfc().take(first).collect() };
        match name.chars().count() {
            0 => return Err(RoomNameError::Empty),
            1..=Self::CHARS_MAX => {}
            _ => return Err(RoomNameError::TooLong),
        }
        if name.starts_with('@') {
            return Err(RoomNameError::At);
        }
        let unseen = |c: char| (is_control_like(c) && !is_joiner(c)) || is_blank(c) || is_space(c);
        if let Some(c) = name.chars().find(|&c| !matches!(c, ' '..='~') && unseen(c)) {
            return Err(RoomNameError::Unseen(c));
        }
        if name.starts_with(' ') || name.ends_with(' ') {
            return Err(RoomNameError::OuterSpace);
        }
        if joiners_join(&name) { Ok(RoomName(name)) } else { Err(RoomNameError::LooseJoiner) }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text can't be a room's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomNameError {
    /// It has no character.
    Empty,
    /// It has more than [`RoomName::CHARS_MAX`] characters.
    TooLong,
    /// It begins with `@`.
    At,
    /// It begins or ends with a space.
    OuterSpace,
    /// It has a joiner that joins nothing.
    LooseJoiner,
    /// It has a character that nobody sees.
    Unseen(char),
}

impl RoomNameError {
    /// Returns the rule that is broken: a sentence without its subject, such as "must not be empty".
    pub fn rule(self) -> String {
        match self {
            RoomNameError::Empty => "must not be empty".into(),
            RoomNameError::TooLong => format!("must have at most {} characters", RoomName::CHARS_MAX),
            RoomNameError::At => "must not begin with '@'".into(),
            RoomNameError::OuterSpace => "must not begin or end with a space".into(),
            RoomNameError::LooseJoiner => "must not have invisible characters that join nothing".into(),
            RoomNameError::Unseen(c) => {
                format!("must not have control, bidirectional or invisible characters, such as {}", c.escape_unicode())
            }
        }
    }
}

impl RoomNameError {
    /// Returns the least and the most characters of a name, if one of these bounds is broken.
    pub fn characters(self) -> (Option<usize>, Option<usize>) {
        match self {
            RoomNameError::Empty => (Some(1), None),
            RoomNameError::TooLong => (None, Some(RoomName::CHARS_MAX)),
            RoomNameError::At | RoomNameError::OuterSpace | RoomNameError::LooseJoiner | RoomNameError::Unseen(_) => {
                (None, None)
            }
        }
    }
}

impl fmt::Display for RoomNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a room's name {}", self.rule())
    }
}

impl std::error::Error for RoomNameError {}

impl TryFrom<String> for RoomName {
    type Error = RoomNameError;
    fn try_from(text: String) -> Result<Self, RoomNameError> {
        RoomName::parse(&text)
    }
}

#[cfg(test)]
mod tests;
