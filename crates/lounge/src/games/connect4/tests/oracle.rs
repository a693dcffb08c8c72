//! Random games against rules written as plainly as can be.

use std::collections::BTreeSet;

use parlor_testkit::connect4::{Board, Colour, Dropped, End};
use proptest::prelude::*;

use super::*;
use crate::games::connect4::{Ending, Row, Square};

/// The oracle's move, unless it is refused.
fn naive(board: &mut Board, column: usize) -> Result<Dropped, ErrorCode> {
    if board.is_over {
        return Err(ErrorCode::GameOver);
    }
    if !board.open().contains(&column) {
        return Err(ErrorCode::ColumnFull);
    }
    Ok(board.play(column))
}

fn seat(colour: Colour) -> Player {
    match colour {
        Colour::Red => Player::Red,
        Colour::Yellow => Player::Yellow,
    }
}

fn plain(squares: impl Iterator<Item = Square>) -> BTreeSet<(usize, usize)> {
    squares.map(|Square(column, row)| (column.index().into(), row.index().into())).collect()
}

fn same(naive: Option<&End>, ending: Option<&Ending>, mover: Player) -> bool {
    match (naive, ending) {
        (None, None) | (Some(End::Drawn), Some(Ending::Drawn)) => true,
        (Some(End::Won(squares)), Some(Ending::Won { winner, line })) => {
            *winner == mover && *squares == plain(line.iter())
        }
        (None | Some(End::Won(_) | End::Drawn), _) => false,
    }
}

fn check(columns: &[u64]) {
    let mut board = Board::new(Colour::Red);
    let mut game = begun();
    for &index in columns {
        let mover = seat(board.turn);
        let told = player(&mut game, mover, drop_in(index));
        let dropped = match (naive(&mut board, index as usize), told) {
            (Err(code), Err(refusal)) => {
                assert_eq!(refusal.code, code);
                continue;
            }
            (Ok(dropped), Ok(events)) => {
                let turn = dropped.end.is_none().then(|| mover.other());
                let row = Row::try_from(dropped.row as u64).unwrap();
                assert_eq!(*events.first(), Event::Played { player: mover, column: column(index), row, turn });
                match &events.into_iter().nth(1) {
                    None => assert!(dropped.end.is_none()),
                    Some(Event::Ended(ending)) => assert!(same(dropped.end.as_ref(), Some(ending), mover)),
                    Some(other) => panic!("{other:?}"),
                }
                dropped
            }
            (naive, told) => panic!("{naive:?} but {told:?}"),
        };
        let row = Row::try_from(dropped.row as u64).unwrap();
        assert!(game.position().board().discs(mover).contains(Square(column(index), row)));
        assert!(same(dropped.end.as_ref(), game.ending(), mover));
        assert_eq!(game.on_turn(), dropped.end.is_none().then(|| mover.other()));
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
