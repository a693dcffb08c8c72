//! A game of whatever kind, as a room holds it: JSON at the border, so that the room knows no game.

use serde_json::{Map, Value};

use crate::games::connect4::ConnectFour;
use crate::games::game::{Command, Events, Game, Seat, Who};
use crate::person::Person;
use crate::protocol::error::{ErrorCode, Refused};

#[cfg(test)]
mod tests;

/// Every game that can be created.
pub const KINDS: &[Kind] = &[Kind::of::<ConnectFour>()];

/// A kind of game, by which one is begun or read back.
#[derive(Clone, Copy)]
pub struct Kind {
    /// What `create` calls it.
    pub name: &'static str,
    begin: fn() -> Box<dyn AnyGame>,
    restore: fn(&str) -> serde_json::Result<Box<dyn AnyGame>>,
}

impl Kind {
    pub fn find(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    pub const fn of<G: Game>() -> Self {
        Self {
            name: G::KIND,
            begin: || Box::new(Hosted(G::default())),
            restore: |stored| Ok(Box::new(Hosted(serde_json::from_str::<G>(stored)?))),
        }
    }

    /// A game in which nobody sits yet.
    pub fn begin(&self) -> Box<dyn AnyGame> {
        (self.begin)()
    }

    /// The game that [`AnyGame::stored`] wrote down; an error if it is not one that events lead to.
    pub fn restore(&self, stored: &str) -> serde_json::Result<Box<dyn AnyGame>> {
        (self.restore)(stored)
    }
}

/// [`Game`], with its types behind JSON.
pub trait AnyGame: Send {
    fn kind(&self) -> &'static str;

    /// All seats, in the order in which they are taken.
    fn seats(&self) -> Vec<SeatName>;

    /// The seat of that name.
    fn seat(&self, name: &str) -> Option<SeatName> {
        self.seats().into_iter().find(|seat| seat.as_str() == name)
    }

    fn person(&self, seat: SeatName) -> Option<&Person>;

    fn turn(&self) -> Option<SeatName>;

    /// [`Game::decide`]. A move is a `play` request's fields; those it doesn't know are passed over.
    fn decide(&self, who: Who<'_, SeatName>, command: Command<Map<String, Value>>) -> Result<Decision, Refused>;

    /// [`Game::apply`]. An error if it is no event of this game; fields such as `room` and `seq` are passed over.
    fn apply(&mut self, event: &str) -> serde_json::Result<()>;

    /// [`Game::view`].
    fn view(&self) -> serde_json::Result<Map<String, Value>>;

    /// For the journal: [`Kind::restore`] reads it.
    fn stored(&self) -> serde_json::Result<String>;

    fn boxed_clone(&self) -> Box<dyn AnyGame>;
}

/// A seat of the game that gave this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct SeatName(&'static str);

impl SeatName {
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// What a command leads to once it is committed.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Each a JSON object that begins with its `type`, without `room` and `seq`.
    pub events: Events<String>,
    /// What the `ok` carries beside `seq`.
    pub receipt: Map<String, Value>,
}

#[derive(Clone)]
struct Hosted<G>(G);

impl<G: Game> AnyGame for Hosted<G> {
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

    fn decide(&self, who: Who<'_, SeatName>, command: Command<Map<String, Value>>) -> Result<Decision, Refused> {
        let who = match who {
            Who::Visitor(person) => Who::Visitor(person),
            Who::Player(name) => Who::Player(typed::<G>(name).ok_or_else(|| {
                Refused::new(ErrorCode::NotAPlayer, format!("this game has no seat called {}", name.as_str()))
            })?),
        };
        let command = match command {
            Command::Play(fields) => Command::Play(parse_move::<G>(fields)?),
            Command::Sit => Command::Sit,
            Command::Resign => Command::Resign,
            Command::Rematch => Command::Rematch,
            Command::Forfeit => Command::Forfeit,
        };
        let events = self.0.decide(who, command)?;
        let receipt = object(G::receipt(events.first())).map_err(internal)?;
        let events = events.try_map(|event| serde_json::to_string(&event)).map_err(internal)?;
        Ok(Decision { events, receipt })
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

    fn boxed_clone(&self) -> Box<dyn AnyGame> {
        Box::new(self.clone())
    }
}

fn typed<G: Game>(name: SeatName) -> Option<G::Seat> {
    G::Seat::ALL.iter().copied().find(|seat| seat.label() == name.as_str())
}

fn parse_move<G: Game>(fields: Map<String, Value>) -> Result<G::Move, Refused> {
    /// Enough for a sentence; a game that repeats what it was sent is cut short.
    const MESSAGE_CHARS_MAX: usize = 200;

    serde_json::from_value(Value::Object(fields)).map_err(|error| {
        let message: String = error.to_string().chars().take(MESSAGE_CHARS_MAX).collect();
        Refused::new(ErrorCode::BadRequest, message)
    })
}

fn object(value: impl serde::Serialize) -> serde_json::Result<Map<String, Value>> {
    serde_json::from_value(serde_json::to_value(value)?)
}

fn internal(error: serde_json::Error) -> Refused {
    Refused::new(ErrorCode::Internal, format!("the game cannot be written down: {error}"))
}
