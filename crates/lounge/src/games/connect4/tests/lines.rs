//! Every line there is, and those that close together.

use std::collections::BTreeSet;

use super::*;
use crate::games::connect4::{Board, Ending, Outcome, Row, Square, Squares};

fn square(column: i32, row: i32) -> Option<Square> {
    let column = Column::try_from(u64::try_from(column).ok()?).ok()?;
    let row = Row::try_from(u64::try_from(row).ok()?).ok()?;
    Some(Square(column, row))
}

/// All lines of four, laid from every square in every direction and kept if they stay on the board.
fn all_lines() -> Vec<Squares> {
    let mut lines = Vec::new();
    for column in 0..7 {
        for row in 0..6 {
            for (right, up) in [(1, 0), (0, 1), (1, 1), (1, -1)] {
                lines.extend((0..4).map(|n| square(column + n * right, row + n * up)).collect::<Option<Squares>>());
            }
        }
    }
    lines
}

fn won(game: &ConnectFour) -> Vec<(u8, u8)> {
    let ending = game.ending().unwrap();
    assert_eq!(ending.outcome(), Outcome::Won);
    ending.line().iter().map(|Square(column, row)| (column.index(), row.index())).collect()
}

#[test]
fn there_are_69_and_each_is_seen() {
    let lines = all_lines();
    assert_eq!(lines.len(), 69);
    for line in lines {
        for player in [Player::Red, Player::Yellow] {
            assert_eq!(Board::of(player, line).lines(player), line);
            assert!(Board::of(player, line).lines(player.other()).is_empty());
            for missing in line.iter() {
                let three = line.iter().filter(|&square| square != missing).collect();
                assert!(Board::of(player, three).lines(player).is_empty(), "{three:?}");
            }
        }
    }
}

/// The squares that follow the last of one column or row are the first of the next: nothing may run on there.
#[test]
fn no_line_goes_round_a_border() {
    let lines = all_lines().into_iter().collect::<BTreeSet<_>>();
    let squares = Column::all().flat_map(|column| Row::all().map(move |row| Square(column, row))).collect::<Vec<_>>();
    for step in 1..14 {
        for first in 0..squares.len() {
            let Some(four) = (0..4).map(|n| squares.get(first + n * step).copied()).collect::<Option<Squares>>() else {
                continue;
            };
            assert_eq!(!Board::of(Player::Red, four).lines(Player::Red).is_empty(), lines.contains(&four), "{four:?}");
        }
    }
}

/// Chance plays until every line has decided a game by itself.
#[test]
fn each_of_the_69_can_be_won_with() {
    let mut unseen = all_lines().into_iter().collect::<BTreeSet<_>>();
    let mut chance = 1_u64;
    for _ in 0..100_000 {
        let mut game = begun();
        // Full columns are tried in vain, so more than 42 times; not for ever, should a full board not end the game.
        for _ in 0..1000 {
            let Some(on_turn) = game.on_turn() else { break };
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let _ = player(&mut game, on_turn, drop_in((chance >> 33) % 7));
        }
        if let Some(Ending::Won { line, .. }) = game.ending() {
            unseen.remove(line);
        }
        if unseen.is_empty() {
            return;
        }
    }
    panic!("never won with: {unseen:?}");
}

#[test]
fn wins_in_each_direction() {
    assert_eq!(won(&after("0101010")), [(0, 0), (0, 1), (0, 2), (0, 3)]);
    assert_eq!(won(&after("3344556")), [(3, 0), (4, 0), (5, 0), (6, 0)]);
    assert_eq!(won(&after("01122323363")), [(0, 0), (1, 1), (2, 2), (3, 3)]);
    assert_eq!(won(&after("65544343303")), [(3, 3), (4, 2), (5, 1), (6, 0)]);
}

#[test]
fn yellow_wins_as_well() {
    let game = after("01213141");
    assert_eq!(won(&game), [(1, 0), (1, 1), (1, 2), (1, 3)]);
    assert_eq!(game.ending().unwrap().winner(), Some(Player::Yellow));
}

#[test]
fn a_line_of_more_than_four_counts_whole() {
    assert_eq!(won(&after("053623461")), [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)]);
    assert_eq!(won(&after("114060226304164515615263")), [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1)]);
    assert_eq!(won(&after("4142150453062266203")), [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)]);
}

#[test]
fn lines_that_close_at_once_are_all_told() {
    let crossing = after("640300105154233433606152");
    assert_eq!(won(&crossing), [(0, 3), (1, 1), (1, 2), (2, 1), (3, 0), (3, 1), (4, 1)]);
    let three = after("343331354355116611162660565202050002224");
    assert_eq!(won(&three), [(1, 5), (2, 0), (2, 4), (3, 1), (3, 3), (4, 2), (5, 1), (5, 3), (6, 0), (6, 4)]);
    let four = after("53662255650601613114451013632344");
    assert_eq!(won(&four), [(1, 0), (2, 1), (3, 2), (3, 3), (3, 4), (4, 3), (5, 2), (5, 3), (5, 4), (6, 1), (6, 3)]);
}

#[test]
fn a_full_board_without_a_line_is_drawn() {
    let game = after(DRAW);
    assert_eq!(game.ending(), Some(&Ending::Drawn));
    assert_eq!(game.position().moves().len(), 42);
}

#[test]
fn a_line_with_the_last_disc_is_a_win() {
    assert_eq!(won(&after(LAST_DISC_WINS)).len(), 4);
    assert_eq!(LAST_DISC_WINS.len(), 42);
}
