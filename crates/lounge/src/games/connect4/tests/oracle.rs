//! Random games against rules written as plainly as can be.

use proptest::prelude::*;

use super::*;
use crate::games::connect4::{Ending, Row, Square};

#[derive(Default)]
struct Naive {
    /// By column, then by row.
    grid: [[Option<Player>; 6]; 7],
    over: bool,
}

impl Naive {
    fn drop(&mut self, player: Player, column: usize) -> Result<(usize, Option<Naively>), ErrorCode> {
        if self.over {
            return Err(ErrorCode::GameOver);
        }
        let row = (0..6).find(|&row| self.grid[column][row].is_none()).ok_or(ErrorCode::ColumnFull)?;
        self.grid[column][row] = Some(player);
        let line = self.lines(player);
        let ended = if !line.is_empty() {
            Some(Naively::Won(line))
        } else if self.grid.iter().flatten().all(Option::is_some) {
            Some(Naively::Drawn)
        } else {
            None
        };
        self.over = ended.is_some();
        Ok((row, ended))
    }

    fn lines(&self, player: Player) -> Vec<(usize, usize)> {
        let mut squares = Vec::new();
        for column in 0..7 {
            for row in 0..6 {
                for (right, up) in [(1, 0), (0, 1), (1, 1), (1, -1)] {
                    let four = (0..4).map(|n| (column + n * right, row + n * up)).collect::<Vec<(i32, i32)>>();
                    if four.iter().all(|&(column, row)| self.at(column, row) == Some(player)) {
                        squares.extend(four.iter().map(|&(column, row)| (column as usize, row as usize)));
                    }
                }
            }
        }
        squares.sort_unstable();
        squares.dedup();
        squares
    }

    fn at(&self, column: i32, row: i32) -> Option<Player> {
        if (0..7).contains(&column) && (0..6).contains(&row) { self.grid[column as usize][row as usize] } else { None }
    }
}

enum Naively {
    Won(Vec<(usize, usize)>),
    Drawn,
}

fn plain(squares: impl Iterator<Item = Square>) -> Vec<(usize, usize)> {
    squares.map(|Square(column, row)| (column.index().into(), row.index().into())).collect()
}

fn same(naive: &Option<Naively>, ending: Option<&Ending>, mover: Player) -> bool {
    match (naive, ending) {
        (None, None) | (Some(Naively::Drawn), Some(Ending::Drawn)) => true,
        (Some(Naively::Won(squares)), Some(Ending::Won { winner, line })) => {
            *winner == mover && *squares == plain(line.iter())
        }
        (None | Some(Naively::Won(_) | Naively::Drawn), _) => false,
    }
}

fn check(columns: &[u64]) {
    let mut naive = Naive::default();
    let mut game = begun();
    let mut mover = Player::Red;
    for &index in columns {
        let told = player(&mut game, mover, drop_in(index));
        let (row, ended) = match (naive.drop(mover, index as usize), told) {
            (Err(code), Err(refusal)) => {
                assert_eq!(refusal.code, code);
                continue;
            }
            (Ok((row, ended)), Ok(events)) => {
                let turn = ended.is_none().then(|| mover.other());
                let row = Row::try_from(row as u64).unwrap();
                assert_eq!(*events.first(), Event::Played { player: mover, column: column(index), row, turn });
                let told = events.into_iter().nth(1);
                match &told {
                    None => assert!(ended.is_none()),
                    Some(Event::Ended(ending)) => assert!(same(&ended, Some(ending), mover)),
                    Some(other) => panic!("{other:?}"),
                }
                (row, ended)
            }
            (naive, told) => panic!("{:?} but {told:?}", naive.map(|(row, _)| row)),
        };
        assert!(game.position().board().discs(mover).contains(Square(column(index), row)));
        assert!(same(&ended, game.ending(), mover));
        assert_eq!(game.on_turn(), ended.is_none().then(|| mover.other()));
        mover = mover.other();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn plays_as_the_naive_rules_do(columns in prop::collection::vec(0..7u64, 0..70)) {
        check(&columns);
    }

    /// Dealing out all 42 squares at random fills boards that free choice hardly ever reaches.
    #[test]
    fn plays_full_boards_as_the_naive_rules_do(
        columns in Just((0..42u64).map(|n| n % 7).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        check(&columns);
    }
}

#[test]
fn a_draw_is_one_by_the_naive_rules_too() {
    check(&DRAW.chars().map(|digit| digit.to_digit(10).unwrap().into()).collect::<Vec<_>>());
}
