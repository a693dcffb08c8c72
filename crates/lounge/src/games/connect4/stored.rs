//! A game written down, and read back with distrust: the moves are replayed, and what does not follow from them is refused.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::coordinate::Column;
use super::ending::{Ending, Outcome};
use super::player::Player;
use super::position::Position;
use super::state::{ConnectFour, Status};
use crate::person::Person;

/// No sequence of events leads to what was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corrupt {
    /// A character of `moves` is no column.
    NoSuchColumn,
    /// A move follows the end of the round, or stands in a full column.
    IllegalMove,
    /// `result` and `winner` are not what the moves come to, or not an ending at all.
    WrongResult,
    /// Yellow came before red, or something was played before both were there.
    EmptySeat,
    /// `begins` is not who begins that round.
    WrongRound,
    /// A rematch was offered in a round that is not over.
    EarlyOffer,
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSuchColumn => "corrupt game: `moves` has a character that is no column",
            Self::IllegalMove => "corrupt game: `moves` has a move that the rules forbid",
            Self::WrongResult => "corrupt game: `result` and `winner` do not follow from `moves`",
            Self::EmptySeat => "corrupt game: a seat is empty that must be taken",
            Self::WrongRound => "corrupt game: `begins` does not fit `round`",
            Self::EarlyOffer => "corrupt game: `rematch_offered` in a round that is not over",
        })
    }
}

impl std::error::Error for Corrupt {}

/// The form the journal keeps.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    round: u32,
    begins: Player,
    /// A digit a move.
    moves: Cow<'a, str>,
    result: Option<Outcome>,
    winner: Option<Player>,
    red: Option<Cow<'a, Person>>,
    yellow: Option<Cow<'a, Person>>,
    rematch_offered: Option<Player>,
}

impl Serialize for ConnectFour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let moves: String = self.position.moves().iter().map(|column| char::from(b'0' + column.index())).collect();
        Stored {
            round: self.round,
            begins: self.position.begins(),
            moves: moves.into(),
            result: self.ending().map(Ending::outcome),
            winner: self.ending().and_then(Ending::winner),
            red: self.red.as_ref().map(Cow::Borrowed),
            yellow: self.yellow.as_ref().map(Cow::Borrowed),
            rematch_offered: self.rematch_offered,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ConnectFour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Stored::deserialize(deserializer)?.check().map_err(serde::de::Error::custom)
    }
}

impl Stored<'_> {
    fn check(self) -> Result<ConnectFour, Corrupt> {
        let begins = if self.round.is_multiple_of(2) { Player::Yellow } else { Player::Red };
        if self.round == 0 || self.begins != begins {
            return Err(Corrupt::WrongRound);
        }
        let mut game = ConnectFour {
            red: self.red.map(Cow::into_owned),
            yellow: self.yellow.map(Cow::into_owned),
            round: self.round,
            position: replay(begins, &self.moves)?,
            given_up: None,
            rematch_offered: self.rematch_offered,
        };

        if game.ending().is_none() {
            game.given_up = given_up(self.result, self.winner, game.position.next())?;
        }
        let ending = game.ending();
        if (ending.map(Ending::outcome), ending.and_then(Ending::winner)) != (self.result, self.winner) {
            return Err(Corrupt::WrongResult);
        }

        let begun = self.round > 1 || !self.moves.is_empty() || ending.is_some();
        match game.free_seat() {
            Some(_) if begun => return Err(Corrupt::EmptySeat),
            Some(Player::Red) if game.yellow.is_some() => return Err(Corrupt::EmptySeat),
            Some(Player::Red | Player::Yellow) | None => {}
        }
        if game.rematch_offered.is_some() && game.status() != Status::Over {
            return Err(Corrupt::EarlyOffer);
        }
        Ok(game)
    }
}

fn replay(begins: Player, moves: &str) -> Result<Position, Corrupt> {
    let mut position = Position::new(begins);
    for digit in moves.chars() {
        let digit = digit.to_digit(10).ok_or(Corrupt::NoSuchColumn)?;
        let column = Column::try_from(u64::from(digit)).map_err(|_| Corrupt::NoSuchColumn)?;
        let step = position.look(column).map_err(|_| Corrupt::IllegalMove)?;
        position.take(step);
    }
    Ok(position)
}

/// The ending of a round that the board did not end. Either player resigns when they like; only who is on turn forfeits.
fn given_up(result: Option<Outcome>, winner: Option<Player>, next: Option<Player>) -> Result<Option<Ending>, Corrupt> {
    match (result, winner) {
        (None, None) => Ok(None),
        (Some(Outcome::Resigned), Some(winner)) => Ok(Some(Ending::Resigned { winner })),
        (Some(Outcome::Forfeited), Some(winner)) if next == Some(winner.other()) => {
            Ok(Some(Ending::Forfeited { winner }))
        }
        (None | Some(Outcome::Won | Outcome::Drawn | Outcome::Resigned | Outcome::Forfeited), _) => {
            Err(Corrupt::WrongResult)
        }
    }
}
