//! The board as bits: all lines are found at once with a few shifts.

use std::fmt;
use std::ops::BitOr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::coordinate::{Column, Row, Square};
use super::player::Player;

/// Bits a column takes: its six rows, and one above them that stays empty, so that no line runs on from the top of one
/// column into the bottom of the next.
const STRIDE: u8 = Row::COUNT + 1;

/// Distances between neighbours in a line: upwards, to the right, and along the two diagonals.
const DIRECTIONS: [u8; 4] = [1, STRIDE, STRIDE - 1, STRIDE + 1];

/// A set of squares. On the wire a list of `[column, row]`, sorted, none twice.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Squares(u64);

impl Squares {
    /// Returns whether there is no square in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the number of squares.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Returns whether a square is in it.
    pub fn contains(self, square: Square) -> bool {
        self.0 & Self::from(square).0 != 0
    }

    /// Returns the squares, by column and row.
    pub fn iter(self) -> impl Iterator<Item = Square> {
        let columns = Column::all();
        columns
            .flat_map(|column| Row::all().map(move |row| Square(column, row)))
            .filter(move |&square| self.contains(square))
    }

    /// Those that stand in a line of four or more.
    fn in_lines(self) -> Self {
        let mut found = 0;
        for step in DIRECTIONS {
            let pairs = self.0 & (self.0 >> step);
            let starts = pairs & (pairs >> (2 * step));
            found |= starts | starts << step | starts << (2 * step) | starts << (3 * step);
        }
        Self(found)
    }
}

impl From<Square> for Squares {
    fn from(Square(column, row): Square) -> Self {
        Self(1 << (column.index() * STRIDE + row.index()))
    }
}

impl BitOr for Squares {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<Square> for Squares {
    fn from_iter<I: IntoIterator<Item = Square>>(squares: I) -> Self {
        squares.into_iter().map(Self::from).fold(Self::default(), Self::bitor)
    }
}

impl fmt::Debug for Squares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|Square(column, row)| (column.index(), row.index()))).finish()
    }
}

impl Serialize for Squares {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Squares {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // At most 42 squares stay of it, however long the list.
        Ok(Vec::<Square>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// The discs of either colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Board {
    red: Squares,
    yellow: Squares,
}

impl Board {
    /// Discs of one colour alone, lying anywhere.
    #[cfg(test)]
    pub(super) fn of(player: Player, discs: Squares) -> Self {
        match player {
            Player::Red => Self { red: discs, ..Self::default() },
            Player::Yellow => Self { yellow: discs, ..Self::default() },
        }
    }

    /// The discs of one colour.
    pub fn discs(&self, player: Player) -> Squares {
        match player {
            Player::Red => self.red,
            Player::Yellow => self.yellow,
        }
    }

    /// Returns the row in which the next disc in `column` comes to lie; `None` if it is full.
    pub fn landing(&self, column: Column) -> Option<Row> {
        let discs = ((self.red | self.yellow).0 >> (column.index() * STRIDE)) & ((1 << Row::COUNT) - 1);
        Row::try_from(u64::from(discs.count_ones())).ok()
    }

    /// Returns whether all squares are taken.
    pub fn is_full(&self) -> bool {
        (self.red | self.yellow).len() == u32::from(Column::COUNT * Row::COUNT)
    }

    /// Every square of every line of four or more that `player` has.
    pub fn lines(&self, player: Player) -> Squares {
        self.discs(player).in_lines()
    }

    /// The board after `player` dropped a disc into `column`, and where it lies; `None` if the column is full.
    pub fn with_disc(mut self, player: Player, column: Column) -> Option<(Self, Row)> {
        let row = self.landing(column)?;
        let discs = match player {
            Player::Red => &mut self.red,
            Player::Yellow => &mut self.yellow,
        };
        *discs = *discs | Square(column, row).into();
        Some((self, row))
    }
}
