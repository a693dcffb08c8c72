//! Helpers of the tests: two people, and short forms of commands.

mod lines;
mod log;
mod oracle;
mod perft;
mod stored;
mod table;
mod wire;

use uuid::Uuid;

use super::{Column, ConnectFour, DropDisc, Event, Player};
use crate::games::game::{Command, Events, Game, Who};
use crate::person::Person;
use crate::protocol::error::{ErrorCode, Refused};

type Told = Command<DropDisc>;

fn ada() -> Person {
    Person { id: Uuid::from_u128(1), name: "Ada".into() }
}

fn bob() -> Person {
    Person { id: Uuid::from_u128(2), name: "Bob".into() }
}

fn column(index: u64) -> Column {
    Column::try_from(index).unwrap()
}

fn drop_in(index: u64) -> Told {
    Command::Play(DropDisc { column: column(index) })
}

/// Decides and applies, as a room does.
fn tell(game: &mut ConnectFour, who: Who<'_, Player>, told: Told) -> Result<Events<Event>, Refused> {
    let events = game.decide(who, told)?;
    for event in events.iter() {
        game.apply(event);
    }
    Ok(events)
}

fn player(game: &mut ConnectFour, player: Player, told: Told) -> Result<Events<Event>, Refused> {
    tell(game, Who::Player(player), told)
}

/// A refusal must leave no trace.
fn refused(game: &mut ConnectFour, who: Who<'_, Player>, told: Told) -> ErrorCode {
    let before = game.clone();
    let refusal = tell(game, who, told).unwrap_err();
    assert_eq!(*game, before);
    assert!(!refusal.message.is_empty());
    refusal.code
}

/// Two people at the table, no move made.
fn begun() -> ConnectFour {
    let mut game = ConnectFour::default();
    tell(&mut game, Who::Visitor(&ada()), Command::Sit).unwrap();
    tell(&mut game, Who::Visitor(&bob()), Command::Sit).unwrap();
    game
}

/// A round in which whoever is on turn drops into the next of these columns.
fn after(columns: &str) -> ConnectFour {
    let mut game = begun();
    for digit in columns.chars() {
        let on_turn = game.on_turn().unwrap();
        player(&mut game, on_turn, drop_in(digit.to_digit(10).unwrap().into())).unwrap();
    }
    game
}

/// Full, and nobody has a line.
const DRAW: &str = "565362053156450024640044546630222331113211";

/// Red wins in the leftmost column.
const RED_WINS: &str = "0101010";

/// The 42nd disc makes a line.
const LAST_DISC_WINS: &str = "664505551034645532306300406633144211112222";
