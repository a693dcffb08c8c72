//! One round on the board: the moves so far and what they come to.

use super::board::Board;
use super::coordinate::{Column, Row};
use super::ending::Ending;
use super::player::Player;

/// A board, and the moves that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    begins: Player,
    /// In order. The players take turns, so that whose a move was need not be kept.
    moves: Vec<Column>,
    board: Board,
    ending: Option<Ending>,
}

impl Position {
    pub(super) fn new(begins: Player) -> Self {
        Self { begins, moves: Vec::new(), board: Board::default(), ending: None }
    }

    /// Returns the player who made or makes the first move.
    pub fn begins(&self) -> Player {
        self.begins
    }

    /// Returns the moves, in order.
    pub fn moves(&self) -> &[Column] {
        &self.moves
    }

    /// Returns the board.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Won or drawn, by what is on the board.
    pub fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// Returns the player of the next move. A player who gave up or is late does not matter to the position.
    pub fn next(&self) -> Option<Player> {
        self.ending.is_none().then(|| self.mover())
    }

    /// Returns the result of a disc in `column`.
    pub(super) fn look(&self, column: Column) -> Result<Step, Illegal> {
        if self.ending.is_some() {
            return Err(Illegal::Over);
        }
        let player = self.mover();
        let (board, row) = self.board.with_disc(player, column).ok_or(Illegal::ColumnFull)?;
        let line = board.lines(player);
        let ending = if !line.is_empty() {
            Some(Ending::Won { winner: player, line })
        } else if board.is_full() {
            Some(Ending::Drawn)
        } else {
            None
        };
        Ok(Step { player, column, row, board, ending })
    }

    /// Makes a move that was looked at in this very position.
    pub(super) fn take(&mut self, step: Step) {
        self.moves.push(step.column);
        self.board = step.board;
        self.ending = step.ending;
    }

    fn mover(&self) -> Player {
        if self.moves.len().is_multiple_of(2) { self.begins } else { self.begins.other() }
    }
}

/// A legal move, and what comes of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub player: Player,
    pub column: Column,
    pub row: Row,
    pub ending: Option<Ending>,
    board: Board,
}

impl Step {
    /// Returns the player whose turn it is then.
    pub(super) fn turn(&self) -> Option<Player> {
        self.ending.is_none().then(|| self.player.other())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Illegal {
    Over,
    ColumnFull,
}
