//! Which command is allowed when, and what an event changes.

use serde::{Deserialize, Serialize};

use super::coordinate::{Column, Row};
use super::ending::Ending;
use super::event::Event;
use super::player::Player;
use super::position::{Illegal, Position};
use super::state::{ConnectFour, Status};
use super::view::View;
use crate::games::game::{Command, Events, Game, Seat, Who};
use crate::person::Person;
use crate::protocol::error::{ErrorCode, Refused};
use crate::protocol::fields::{Fields, bad_field, integer};

/// A move: a disc is dropped into a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropDisc {
    /// The column.
    pub column: Column,
}

impl Game for ConnectFour {
    const KIND: &'static str = "connect4";

    type Seat = Player;
    type Move = DropDisc;
    type Event = Event;

    fn read_move(fields: &Fields<'_>) -> Result<DropDisc, Refused> {
        let column = fields.required("column", integer(0..=Column::COUNT - 1))?;
        Column::try_from(u64::from(column))
            .map(|column| DropDisc { column })
            .map_err(|error| bad_field("column", error.to_string()))
    }

    fn decide(&self, who: Who<'_, Player>, command: Command<DropDisc>) -> Result<Events<Event>, Refused> {
        match (command, who) {
            (Command::Sit, Who::Visitor(person)) => self.sit(person),
            (Command::Sit, Who::Player(player)) => Err(already_seated(player)),
            (Command::Play(DropDisc { column }), Who::Player(player)) => self.play(player, column),
            (Command::Resign, Who::Player(player)) => self.resign(player),
            (Command::Rematch, Who::Player(player)) => self.rematch(player),
            (Command::Withdraw, Who::Player(player)) => self.withdraw(player),
            (Command::Forfeit, Who::Player(player)) => self.forfeit(player),
            (
                Command::Play(_) | Command::Resign | Command::Rematch | Command::Withdraw | Command::Forfeit,
                Who::Visitor(_),
            ) => Err(Refused::new(ErrorCode::NotAPlayer, "who watches can't play: the game is its two players'")),
        }
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Seated { player, user } if self.free_seat() == Some(*player) => match player {
                Player::Red => self.red = Some(user.clone()),
                Player::Yellow => self.yellow = Some(user.clone()),
            },
            Event::Played { player, column, row, turn } if self.on_turn() == Some(*player) => {
                if let Ok(step) = self.position.look(*column)
                    && (step.row, step.turn()) == (*row, *turn)
                {
                    self.position.take(step);
                }
            }
            Event::Ended(ending) => self.end(ending),
            Event::RematchOffered { player } if self.status() == Status::Over && self.rematch_offered.is_none() => {
                self.rematch_offered = Some(*player);
            }
            Event::RematchWithdrawn { player } if self.rematch_offered == Some(*player) => self.rematch_offered = None,
            Event::Rematched { begins } if self.rematch_offered.is_some() && *begins == self.next_begins() => {
                // After the last number there is comes the 2nd round again: an even one, as it must be.
                self.round = self.round.checked_add(1).unwrap_or(2);
                self.position = Position::new(*begins);
                self.given_up = None;
                self.rematch_offered = None;
            }
            // Of another game than this: see the trait.
            Event::Seated { .. }
            | Event::Played { .. }
            | Event::RematchOffered { .. }
            | Event::RematchWithdrawn { .. }
            | Event::Rematched { .. } => {}
        }
    }

    fn person(&self, seat: Player) -> Option<&Person> {
        self.seat(seat)
    }

    fn turn(&self) -> Option<Player> {
        self.on_turn()
    }

    fn moves(&self) -> usize {
        self.position.moves().len()
    }

    fn view(&self) -> impl Serialize {
        View::of(self)
    }

    fn receipt(event: &Event) -> impl Serialize {
        match event {
            Event::Played { row, .. } => Receipt { row: Some(*row) },
            Event::Seated { .. }
            | Event::Ended(_)
            | Event::RematchOffered { .. }
            | Event::RematchWithdrawn { .. }
            | Event::Rematched { .. } => Receipt { row: None },
        }
    }
}

/// The members of the `ok` to a command.
#[derive(Serialize)]
struct Receipt {
    /// The row in which the disc came to lie.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<Row>,
}

impl ConnectFour {
    fn sit(&self, person: &Person) -> Result<Events<Event>, Refused> {
        match self.free_seat() {
            Some(player) => Ok(Events::one(Event::Seated { player, user: person.clone() })),
            None => Err(Refused::new(ErrorCode::Forbidden, "both seats are taken")),
        }
    }

    fn play(&self, player: Player, column: Column) -> Result<Events<Event>, Refused> {
        self.check_turn(player)?;
        let step = self.position.look(column).map_err(|illegal| match illegal {
            Illegal::Over => over(),
            Illegal::ColumnFull => Refused::new(ErrorCode::ColumnFull, "that column is full").about("column"),
        })?;
        let events = Events::one(Event::Played { player, column, row: step.row, turn: step.turn() });
        Ok(match step.ending {
            Some(ending) => events.then(Event::Ended(ending)),
            None => events,
        })
    }

    fn resign(&self, player: Player) -> Result<Events<Event>, Refused> {
        match self.status() {
            Status::Waiting => {
                Err(Refused::new(ErrorCode::Forbidden, "there is no game to resign from: a seat is still free"))
            }
            Status::Over => Err(over()),
            Status::Playing => Ok(Events::one(Event::Ended(Ending::Resigned { winner: player.other() }))),
        }
    }

    fn forfeit(&self, player: Player) -> Result<Events<Event>, Refused> {
        self.check_turn(player)?;
        Ok(Events::one(Event::Ended(Ending::Forfeited { winner: player.other() })))
    }

    fn rematch(&self, player: Player) -> Result<Events<Event>, Refused> {
        match self.status() {
            Status::Waiting | Status::Playing => Err(Refused::new(ErrorCode::Forbidden, "this round is not over yet")),
            Status::Over if self.rematch_offered == Some(player) => Err(Refused::new(
                ErrorCode::Forbidden,
                "you have offered a rematch already: it is for the other to agree",
            )),
            Status::Over if self.rematch_offered.is_some() => {
                Ok(Events::one(Event::Rematched { begins: self.next_begins() }))
            }
            Status::Over => Ok(Events::one(Event::RematchOffered { player })),
        }
    }

    fn withdraw(&self, player: Player) -> Result<Events<Event>, Refused> {
        if self.rematch_offered == Some(player) {
            Ok(Events::one(Event::RematchWithdrawn { player }))
        } else {
            Err(Refused::new(ErrorCode::Forbidden, "you have offered no rematch"))
        }
    }

    fn check_turn(&self, player: Player) -> Result<(), Refused> {
        match (self.status(), self.free_seat()) {
            (Status::Over, _) => Err(over()),
            (_, Some(free)) => Err(Refused::new(
                ErrorCode::NotYourTurn,
                format!("the game has not begun: {}'s seat is still free", free.label()),
            )),
            (Status::Waiting | Status::Playing, None) if self.on_turn() == Some(player) => Ok(()),
            (Status::Waiting | Status::Playing, None) => {
                Err(Refused::new(ErrorCode::NotYourTurn, format!("it is {}'s turn", player.other().label())))
            }
        }
    }

    /// A win and a draw are on the board since the move before: what `Ended` says of them is for the room to hear.
    fn end(&mut self, ending: &Ending) {
        let possible = match ending {
            Ending::Won { .. } | Ending::Drawn => false,
            Ending::Resigned { .. } => self.status() == Status::Playing,
            Ending::Forfeited { winner } => self.on_turn() == Some(winner.other()),
        };
        if possible {
            self.given_up = Some(*ending);
        }
    }

    /// Seats keep their colour, the beginner changes.
    fn next_begins(&self) -> Player {
        self.position.begins().other()
    }
}

fn over() -> Refused {
    Refused::new(ErrorCode::GameOver, "this round is over")
}

fn already_seated(player: Player) -> Refused {
    Refused::new(ErrorCode::Forbidden, format!("you hold {}'s seat already", player.label()))
}
