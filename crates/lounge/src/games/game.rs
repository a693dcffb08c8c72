//! The trait of a game: a value that decides the events of a command, and changes by events.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::person::Person;
use crate::protocol::error::Refused;
use crate::protocol::fields::Fields;

/// A game for named seats. The value is the game's state: what its events add up to, starting from `default()`.
///
/// A room hosts any game through [`HostedGame`](super::host::HostedGame). A further game is one file that implements this
/// trait, and an entry in the [`GameList`](super::host::GameList) that is handed to the lounge.
///
/// The journal keeps the serialized state beside the newest event. `Deserialize` must therefore check what it reads as
/// strictly as `decide` checks commands, and refuse what no sequence of events leads to.
pub trait Game: Clone + Default + Serialize + DeserializeOwned + Send + 'static {
    /// Its name in `create`.
    const KIND: &'static str;

    /// A seat.
    type Seat: Seat;

    /// A move of a seat in its turn.
    type Move;

    /// A fact of the room's log, as on the wire, without `room` and `seq`.
    type Event: Serialize + DeserializeOwned;

    /// Reads a move from the fields of a `play` request; unknown fields are ignored.
    ///
    /// # Errors
    /// For whatever is out of bounds in any state: the message names the field, and repeats nothing long.
    fn read_move(fields: &Fields<'_>) -> Result<Self::Move, Refused>;

    /// Returns the events of `command`, or why it is refused. Changes nothing: the events count once they are committed.
    fn decide(&self, who: Who<'_, Self::Seat>, command: Command<Self::Move>) -> Result<Events<Self::Event>, Refused>;

    /// Takes up a committed event. An event that cannot follow from this state changes nothing.
    fn apply(&mut self, event: &Self::Event);

    /// Returns the person in a seat.
    fn person(&self, seat: Self::Seat) -> Option<&Person>;

    /// Returns the seat whose turn it is; `None` unless the game runs. Who is away in their turn forfeits after a countdown.
    fn turn(&self) -> Option<Self::Seat>;

    /// Returns how many moves the round that runs, or ended last, has had.
    fn moves(&self) -> usize;

    /// The game as the reply to `join` shows it: an object, to which the room adds who is there and which seat is yours.
    fn view(&self) -> impl Serialize;

    /// The members that the `ok` to the command that led to `event` carries beside `seq`: an object.
    fn receipt(event: &Self::Event) -> impl Serialize {
        let _ = event;
        NoReceipt {}
    }
}

/// A place at the table. Whoever proves to hold it plays, from whatever connection.
pub trait Seat: Copy + Eq + Debug + 'static {
    /// All of them, in the order in which they are taken.
    const ALL: &'static [Self];

    /// Its name on the wire.
    fn label(self) -> &'static str;
}

/// The origin of a command. The room has checked it; a game believes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'a, S> {
    /// Somebody in the room who holds no seat.
    Visitor(&'a Person),
    /// The holder of a seat.
    Player(S),
}

/// A request to a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<M> {
    /// Take the first free seat.
    Sit,
    /// Make a move.
    Play(M),
    /// Give up the round.
    Resign,
    /// Ask for another round, or agree to it.
    Rematch,
    /// Take back one's offer of another round.
    Withdraw,
    /// The player was away in their turn until the countdown ended. Issued by the server in that player's name, never by a
    /// client; refused if the turn has passed on meanwhile.
    Forfeit,
}

impl<M> Command<M> {
    /// Returns the same command with its move borrowed.
    pub fn as_ref(&self) -> Command<&M> {
        match self {
            Command::Sit => Command::Sit,
            Command::Play(play) => Command::Play(play),
            Command::Resign => Command::Resign,
            Command::Rematch => Command::Rematch,
            Command::Withdraw => Command::Withdraw,
            Command::Forfeit => Command::Forfeit,
        }
    }
}

/// The events of a command: one or a few, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events<E> {
    first: E,
    /// Mostly empty, and then it holds no memory.
    rest: Vec<E>,
}

impl<E> Events<E> {
    /// Returns a single event.
    pub fn one(first: E) -> Self {
        Self { first, rest: Vec::new() }
    }

    /// The same with `event` after the others.
    pub fn then(mut self, event: E) -> Self {
        self.rest.push(event);
        self
    }

    /// Returns the first event.
    pub fn first(&self) -> &E {
        &self.first
    }
}

#[cfg(test)]
impl<E> Events<E> {
    /// Returns all events, in order.
    pub fn iter(&self) -> impl Iterator<Item = &E> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

impl<E> IntoIterator for Events<E> {
    type Item = E;
    type IntoIter = std::iter::Chain<std::iter::Once<E>, std::vec::IntoIter<E>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.first).chain(self.rest)
    }
}

#[derive(Serialize)]
struct NoReceipt {}
