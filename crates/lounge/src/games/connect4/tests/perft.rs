//! The number of positions after so many moves is known: https://oeis.org/A212693.

use std::collections::BTreeSet;

use super::*;
use crate::games::connect4::Board;

#[test]
fn as_many_positions_as_are_known_at_each_ply() {
    let mut counts = Vec::new();
    let mut games = vec![begun()];
    for _ in 0..=8 {
        counts.push(games.len());
        games = next_ply(&games);
    }
    assert_eq!(counts, [1, 7, 49, 238, 1120, 4263, 16422, 54859, 184_275]);
}

/// The positions that all moves lead to, each once.
fn next_ply(games: &[ConnectFour]) -> Vec<ConnectFour> {
    let mut seen = BTreeSet::<Board>::new();
    let mut next = Vec::new();
    for game in games {
        let Some(on_turn) = game.on_turn() else { continue };
        for column in Column::all() {
            let mut game = game.clone();
            if player(&mut game, on_turn, Command::Play(DropDisc { column })).is_ok()
                && seen.insert(*game.position().board())
            {
                next.push(game);
            }
        }
    }
    next
}
