//! Tic-tac-toe for Parlor: the whole game, in one file.

use parlor_lounge::Person;
use parlor_lounge::games::{Command, ErrorCode, Events, Fields, Game, Refused, Seat, Who, integer};
use serde::{Deserialize, Serialize};

/// Squares in a line: rows, columns, diagonals.
const LINES: [[u8; 3]; 8] = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    X,
    O,
}

impl Mark {
    fn other(self) -> Self {
        match self {
            Mark::X => Mark::O,
            Mark::O => Mark::X,
        }
    }
}

impl Seat for Mark {
    const ALL: &'static [Self] = &[Mark::X, Mark::O];

    fn label(self) -> &'static str {
        match self {
            Mark::X => "x",
            Mark::O => "o",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Won,
    Drawn,
    Resigned,
    Forfeited,
}

/// The facts of a game.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    Seated { player: Mark, user: Person },
    Played { player: Mark, square: u8, turn: Option<Mark> },
    Ended { result: Outcome, winner: Option<Mark>, line: Vec<u8> },
    RematchOffered { player: Mark },
    Rematched { begins: Mark },
}

/// The game. The journal keeps it as it is: what it reads back it checks.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct TicTacToe(Kept);

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    x: Option<Person>,
    o: Option<Person>,
    begins: Mark,
    moves: Vec<u8>,
    result: Option<(Outcome, Option<Mark>)>,
    rematch_offered: Option<Mark>,
}

impl Default for Kept {
    fn default() -> Self {
        Kept { x: None, o: None, begins: Mark::X, moves: Vec::new(), result: None, rematch_offered: None }
    }
}

impl TryFrom<Kept> for TicTacToe {
    type Error = &'static str;

    fn try_from(kept: Kept) -> Result<Self, Self::Error> {
        let mut seen = [false; 9];
        let are_squares = kept
            .moves
            .iter()
            .all(|&square| seen.get_mut(usize::from(square)).is_some_and(|seen| !std::mem::replace(seen, true)));
        if are_squares { Ok(TicTacToe(kept)) } else { Err("moves that can't be") }
    }
}

impl From<TicTacToe> for Kept {
    fn from(game: TicTacToe) -> Self {
        game.0
    }
}

impl Kept {
    fn free(&self) -> Option<Mark> {
        if self.x.is_none() { Some(Mark::X) } else { self.o.is_none().then_some(Mark::O) }
    }

    fn turn(&self) -> Option<Mark> {
        let is_running = self.free().is_none() && self.result.is_none();
        is_running.then(|| if self.moves.len().is_multiple_of(2) { self.begins } else { self.begins.other() })
    }

    fn line(&self) -> Option<[u8; 3]> {
        let by = |player: usize| self.moves.iter().skip(player).step_by(2).collect::<Vec<_>>();
        let has = |squares: &[&u8], line: &[u8; 3]| line.iter().all(|square| squares.contains(&square));
        LINES.into_iter().find(|line| has(&by(0), line) || has(&by(1), line))
    }

    /// How the round ends if `player` takes `square` now.
    fn ending(&self, player: Mark, square: u8) -> Option<Event> {
        let mut after = self.clone();
        after.moves.push(square);
        let (result, winner, line) = match after.line() {
            Some(line) => (Outcome::Won, Some(player), line.to_vec()),
            None if after.moves.len() == 9 => (Outcome::Drawn, None, Vec::new()),
            None => return None,
        };
        Some(Event::Ended { result, winner, line })
    }

    fn play(&self, player: Mark, square: u8) -> Result<Events<Event>, Refused> {
        self.check_turn(player)?;
        if self.moves.contains(&square) {
            return Err(Refused::new(ErrorCode::Forbidden, "that square is taken"));
        }
        let ending = self.ending(player, square);
        let turn = ending.is_none().then(|| player.other());
        let played = Events::one(Event::Played { player, square, turn });
        Ok(match ending {
            Some(ended) => played.then(ended),
            None => played,
        })
    }

    fn give_up(&self, player: Mark, result: Outcome) -> Result<Events<Event>, Refused> {
        match (self.result, self.free()) {
            (Some(_), _) => Err(over()),
            (None, Some(_)) => Err(Refused::new(ErrorCode::Forbidden, "the game has not begun")),
            (None, None) => Ok(Events::one(Event::Ended { result, winner: Some(player.other()), line: Vec::new() })),
        }
    }

    fn check_turn(&self, player: Mark) -> Result<(), Refused> {
        match self.turn() {
            _ if self.result.is_some() => Err(over()),
            Some(turn) if turn == player => Ok(()),
            Some(_) | None => Err(Refused::new(ErrorCode::NotYourTurn, "it is not your turn")),
        }
    }
}

fn over() -> Refused {
    Refused::new(ErrorCode::GameOver, "this round is over")
}

impl Game for TicTacToe {
    const KIND: &'static str = "tic-tac-toe";

    type Seat = Mark;
    type Move = u8;
    type Event = Event;

    fn read_move(fields: &Fields<'_>) -> Result<u8, Refused> {
        fields.required("square", integer(0..=8u8))
    }

    fn decide(&self, who: Who<'_, Mark>, command: Command<u8>) -> Result<Events<Event>, Refused> {
        let game = &self.0;
        match (command, who) {
            (Command::Sit, Who::Visitor(person)) => match game.free() {
                Some(player) => Ok(Events::one(Event::Seated { player, user: person.clone() })),
                None => Err(Refused::new(ErrorCode::Forbidden, "both seats are taken")),
            },
            (_, Who::Visitor(_)) => Err(Refused::new(ErrorCode::NotAPlayer, "the game is its two players'")),
            (Command::Sit, Who::Player(_)) => Err(Refused::new(ErrorCode::Forbidden, "you hold a seat already")),
            (Command::Play(square), Who::Player(player)) => game.play(player, square),
            (Command::Resign, Who::Player(player)) => game.give_up(player, Outcome::Resigned),
            (Command::Forfeit, Who::Player(player)) => {
                game.check_turn(player).and_then(|()| game.give_up(player, Outcome::Forfeited))
            }
            (Command::Rematch, Who::Player(player)) => match (game.result, game.rematch_offered) {
                (None, _) => Err(Refused::new(ErrorCode::Forbidden, "this round is not over yet")),
                (Some(_), Some(by)) if by == player => Err(Refused::new(ErrorCode::Forbidden, "you have offered it")),
                (Some(_), Some(_)) => Ok(Events::one(Event::Rematched { begins: game.begins.other() })),
                (Some(_), None) => Ok(Events::one(Event::RematchOffered { player })),
            },
            (Command::Withdraw, Who::Player(_)) => {
                Err(Refused::new(ErrorCode::Forbidden, "an offer stands in this game"))
            }
        }
    }

    fn apply(&mut self, event: &Event) {
        let game = &mut self.0;
        match event {
            Event::Seated { player: Mark::X, user } => game.x = Some(user.clone()),
            Event::Seated { player: Mark::O, user } => game.o = Some(user.clone()),
            Event::Played { square, .. } => game.moves.push(*square),
            Event::Ended { result, winner, .. } => game.result = Some((*result, *winner)),
            Event::RematchOffered { player } => game.rematch_offered = Some(*player),
            Event::Rematched { begins } => {
                *game = Kept { x: game.x.take(), o: game.o.take(), begins: *begins, ..Kept::default() };
            }
        }
    }

    fn person(&self, seat: Mark) -> Option<&Person> {
        match seat {
            Mark::X => self.0.x.as_ref(),
            Mark::O => self.0.o.as_ref(),
        }
    }

    fn turn(&self) -> Option<Mark> {
        self.0.turn()
    }

    fn moves(&self) -> usize {
        self.0.moves.len()
    }

    fn view(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct View {
            moves: Vec<u8>,
            begins: Mark,
            turn: Option<Mark>,
            status: &'static str,
            result: Option<Outcome>,
            winner: Option<Mark>,
            rematch_offered: Option<Mark>,
        }
        let game = &self.0;
        View {
            moves: game.moves.clone(),
            begins: game.begins,
            turn: game.turn(),
            status: match (game.free(), game.result) {
                (Some(_), _) => "waiting",
                (None, None) => "playing",
                (None, Some(_)) => "over",
            },
            result: game.result.map(|(result, _)| result),
            winner: game.result.and_then(|(_, winner)| winner),
            rematch_offered: game.rematch_offered,
        }
    }
}
