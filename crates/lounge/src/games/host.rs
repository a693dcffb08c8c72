//! A game of any kind, as a room holds it.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::connect4::ConnectFour;
use super::game::{Command, Game, Seat, Who};
use crate::person::Person;
use crate::protocol::error::{ErrorCode, Refused};
use crate::protocol::fields::{Fields, one_of};
use crate::protocol::kind::RoomKind;
use crate::protocol::record::Record;
use crate::refusals;

#[cfg(test)]
mod tests;

/// The games that a lounge offers.
#[derive(Clone, Debug)]
pub struct GameList(Arc<[GameType]>);

impl GameList {
    /// Returns a list of these games.
    pub fn of(games: impl IntoIterator<Item = GameType>) -> Self {
        GameList(games.into_iter().collect())
    }

    /// Returns the game of that name.
    pub fn find(&self, name: &str) -> Option<GameType> {
        self.0.iter().find(|game| game.name == name).copied()
    }

    /// Returns the kind of room of that name.
    pub fn room_kind(&self, name: &str) -> Option<RoomKind> {
        self.room_kinds().find(|kind| kind.as_str() == name)
    }

    /// Reads the `kind` of a `create` request.
    ///
    /// # Errors
    /// If there is no such kind of room.
    pub fn read_kind(&self, fields: &Fields<'_>) -> Result<RoomKind, Refused> {
        let mut kinds: Vec<(&str, RoomKind)> = self.room_kinds().map(|kind| (kind.as_str(), kind)).collect();
        kinds.sort_unstable_by_key(|(name, _)| *name);
        fields.required("kind", one_of(&kinds))
    }

    /// Checks the fields of a `play` request whose room has no game that could.
    ///
    /// # Errors
    /// If they are a move of no game: the first game's message.
    pub fn check_move(&self, fields: &Fields<'_>) -> Result<(), Refused> {
        let mut checks = self.0.iter().map(|game| (game.check_move)(fields));
        let Some(first) = checks.next() else { return Ok(()) };
        if checks.any(|check| check.is_ok()) { Ok(()) } else { first }
    }

    fn room_kinds(&self) -> impl Iterator<Item = RoomKind> {
        RoomKind::PLAIN.into_iter().chain(self.0.iter().map(|game| RoomKind::Game(game.name)))
    }
}

/// Connect Four.
impl Default for GameList {
    fn default() -> Self {
        GameList::of([GameType::of::<ConnectFour>()])
    }
}

/// A game that can be created or read back.
#[derive(Clone, Copy, Debug)]
pub struct GameType {
    /// Its name in `create`.
    pub name: &'static str,
    begin: fn() -> Box<dyn HostedGame>,
    restore: fn(&str) -> serde_json::Result<Box<dyn HostedGame>>,
    check_move: fn(&Fields<'_>) -> Result<(), Refused>,
}

impl GameType {
    /// Returns the type of a game.
    pub const fn of<G: Game>() -> Self {
        Self {
            name: G::KIND,
            begin: || Box::new(Hosted(G::default())),
            restore: |stored| Ok(Box::new(Hosted(serde_json::from_str::<G>(stored)?))),
            check_move: |fields| G::read_move(fields).map(|_| ()),
        }
    }

    /// Returns a game in which nobody sits yet.
    pub fn begin(&self) -> Box<dyn HostedGame> {
        (self.begin)()
    }

    /// Reads the game that [`HostedGame::stored`] wrote.
    ///
    /// # Errors
    /// If no events lead to it.
    pub fn restore(&self, stored: &str) -> serde_json::Result<Box<dyn HostedGame>> {
        (self.restore)(stored)
    }
}

/// [`Game`], with its types hidden.
pub trait HostedGame: Send {
    /// Returns its name in `create`.
    fn kind(&self) -> &'static str;

    /// Returns all seats, in the order in which they are taken.
    fn seats(&self) -> Vec<SeatName>;

    /// Returns the seat of that name.
    fn seat(&self, name: &str) -> Option<SeatName> {
        self.seats().into_iter().find(|seat| seat.as_str() == name)
    }

    /// Returns the person in a seat.
    fn person(&self, seat: SeatName) -> Option<&Person>;

    /// Returns the seat whose turn it is.
    fn turn(&self) -> Option<SeatName>;

    /// [`Game::moves`].
    fn moves(&self) -> usize;

    /// [`Game::decide`], and the game after it. A move is the fields of a `play` request.
    ///
    /// # Errors
    /// Why the command is refused.
    fn decide(&self, who: Who<'_, SeatName>, command: Command<&Fields<'_>>) -> Result<Decided, Refused>;

    /// [`Game::apply`], for an event that a log has: fields such as `room` and `seq` are ignored.
    ///
    /// # Errors
    /// If it is no event of this game.
    fn apply(&mut self, event: &str) -> serde_json::Result<()>;

    /// [`Game::view`].
    ///
    /// # Errors
    /// If it can't be written: a fault of the game's code.
    fn view(&self) -> serde_json::Result<Map<String, Value>>;

    /// Returns the game as the journal keeps it, for [`GameType::restore`].
    ///
    /// # Errors
    /// If it can't be written: a fault of the game's code.
    fn stored(&self) -> serde_json::Result<String>;

    /// Returns a copy.
    fn boxed_clone(&self) -> Box<dyn HostedGame>;
}

/// A seat of the game that gave this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct SeatName(&'static str);

impl SeatName {
    /// Returns the name.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// The result of a command, once it is committed.
pub struct Decided {
    /// The game after its events.
    pub after: Box<dyn HostedGame>,
    /// Its events: one or a few.
    pub records: Vec<Record>,
    /// The members that the `ok` carries beside `seq`.
    pub receipt: Map<String, Value>,
}

#[derive(Clone)]
struct Hosted<G>(G);

impl<G: Game> HostedGame for Hosted<G> {
    fn kind(&self) -> &'static str {
        G::KIND
    }

    fn seats(&self) -> Vec<SeatName> {
        G::Seat::ALL.iter().map(|seat| SeatName(seat.label())).collect()
    }

    fn person(&self, seat: SeatName) -> Option<&Person> {
        self.0.person(typed::<G>(seat)?)
    }

    fn turn(&self) -> Option<SeatName> {
        self.0.turn().map(|seat| SeatName(seat.label()))
    }

    fn moves(&self) -> usize {
        self.0.moves()
    }

    fn decide(&self, who: Who<'_, SeatName>, command: Command<&Fields<'_>>) -> Result<Decided, Refused> {
        let who = match who {
            Who::Visitor(person) => Who::Visitor(person),
            Who::Player(name) => Who::Player(typed::<G>(name).ok_or_else(|| {
                Refused::new(ErrorCode::NotAPlayer, format!("this game has no seat called {}", name.as_str()))
            })?),
        };
        let command = match command {
            Command::Play(fields) => Command::Play(G::read_move(fields)?),
            Command::Sit => Command::Sit,
            Command::Resign => Command::Resign,
            Command::Rematch => Command::Rematch,
            Command::Withdraw => Command::Withdraw,
            Command::Forfeit => Command::Forfeit,
        };
        let events = self.0.decide(who, command)?;
        let receipt = object(G::receipt(events.first())).map_err(|_| internal())?;
        let mut after = self.0.clone();
        let mut records = Vec::new();
        for event in events {
            after.apply(&event);
            records.push(Record::new(&event)?);
        }
        Ok(Decided { after: Box::new(Hosted(after)), records, receipt })
    }

    fn apply(&mut self, event: &str) -> serde_json::Result<()> {
        self.0.apply(&serde_json::from_str(event)?);
        Ok(())
    }

    fn view(&self) -> serde_json::Result<Map<String, Value>> {
        object(self.0.view())
    }

    fn stored(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.0)
    }

    fn boxed_clone(&self) -> Box<dyn HostedGame> {
        Box::new(self.clone())
    }
}

fn typed<G: Game>(name: SeatName) -> Option<G::Seat> {
    G::Seat::ALL.iter().copied().find(|seat| seat.label() == name.as_str())
}

fn object(value: impl serde::Serialize) -> serde_json::Result<Map<String, Value>> {
    match serde_json::to_value(value)? {
        Value::Object(members) => Ok(members),
        Value::Null => Ok(Map::new()),
        // The error names what it is instead.
        other @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            serde_json::from_value(other)
        }
    }
}

fn internal() -> Refused {
    refusals::internal("the game can't be written down")
}
