//! One round of the game.

use std::collections::BTreeSet;

use crate::chance::Chance;

pub const COLUMNS: usize = 7;
pub const ROWS: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Red,
    Yellow,
}

impl Colour {
    pub fn other(self) -> Self {
        match self {
            Colour::Red => Colour::Yellow,
            Colour::Yellow => Colour::Red,
        }
    }

    /// The colour's word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Colour::Red => "red",
            Colour::Yellow => "yellow",
        }
    }
}

/// Columns are filled from the bottom.
#[derive(Clone, Debug)]
pub struct Board {
    columns: [Vec<Colour>; COLUMNS],
    pub turn: Colour,
    pub is_over: bool,
}

/// The effect of a disc.
#[derive(Debug, PartialEq, Eq)]
pub struct Dropped {
    pub row: usize,
    pub end: Option<End>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// With every square of the winning lines, as (column, row).
    Won(BTreeSet<(usize, usize)>),
    Drawn,
}

impl Board {
    pub fn new(begins: Colour) -> Self {
        Board { columns: Default::default(), turn: begins, is_over: false }
    }

    /// Columns that take a disc.
    pub fn open(&self) -> Vec<usize> {
        (0..COLUMNS).filter(|column| !self.is_over && self.columns[*column].len() < ROWS).collect()
    }

    pub fn play(&mut self, column: usize) -> Dropped {
        assert!(self.open().contains(&column), "no such move");
        let row = self.columns[column].len();
        self.columns[column].push(self.turn);
        let line = self.line_of(self.turn);
        self.turn = self.turn.other();
        let end = if !line.is_empty() {
            Some(End::Won(line))
        } else if self.columns.iter().all(|column| column.len() == ROWS) {
            Some(End::Drawn)
        } else {
            None
        };
        self.is_over = end.is_some();
        Dropped { row, end }
    }

    /// Every square that is one of four in a line.
    pub fn line_of(&self, colour: Colour) -> BTreeSet<(usize, usize)> {
        let is = |column: isize, row: isize| {
            let column = usize::try_from(column).ok().and_then(|column| self.columns.get(column));
            let disc = usize::try_from(row).ok().and_then(|row| column?.get(row));
            disc == Some(&colour)
        };
        let mut line = BTreeSet::new();
        for column in 0..COLUMNS as isize {
            for row in 0..ROWS as isize {
                for (right, up) in [(1, 0), (0, 1), (1, 1), (1, -1)] {
                    if (0..4).all(|step| is(column + step * right, row + step * up)) {
                        line.extend((0..4).map(|step| ((column + step * right) as usize, (row + step * up) as usize)));
                    }
                }
            }
        }
        line
    }
}

/// The moves of a game that ends in a draw.
pub fn a_draw() -> Vec<usize> {
    a_game_that(|end| *end == End::Drawn)
}

/// The moves of a game whose last disc completes two lines.
pub fn a_double_win() -> Vec<usize> {
    a_game_that(|end| matches!(end, End::Won(line) if line.len() >= 7))
}

fn a_game_that(ends_so: impl Fn(&End) -> bool) -> Vec<usize> {
    (0..)
        .find_map(|seed| {
            let (mut board, mut chance, mut moves) = (Board::new(Colour::Red), Chance::new(seed), Vec::new());
            loop {
                let column = chance.one_of(&board.open());
                moves.push(column);
                if let Some(end) = board.play(column).end {
                    return ends_so(&end).then_some(moves);
                }
            }
        })
        .unwrap()
}
