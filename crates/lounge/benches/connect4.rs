//! The cost of a move: decided, applied, and the way through JSON that a room takes with it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use parlor_lounge::Person;
use parlor_lounge::games::connect4::{Board, Column, ConnectFour, DropDisc};
use parlor_lounge::games::{Command, Fields, Game, GameType, Who};
use serde_json::json;
use uuid::Uuid;

/// A drawn game: all 42 squares, and the search for lines never ends early.
const DRAW: &str = "565362053156450024640044546630222331113211";

fn begun() -> ConnectFour {
    let mut game = ConnectFour::default();
    for name in ["Ada", "Bob"] {
        let person = Person { id: Uuid::nil(), name: name.into() };
        for event in game.decide(Who::Visitor(&person), Command::Sit).unwrap() {
            game.apply(&event);
        }
    }
    game
}

fn columns() -> Vec<Column> {
    DRAW.bytes().map(|digit| Column::try_from(u64::from(digit - b'0')).unwrap()).collect()
}

fn make_move(game: &mut ConnectFour, column: Column) -> bool {
    let Some(player) = game.on_turn() else { return false };
    let Ok(events) = game.decide(Who::Player(player), Command::Play(DropDisc { column })) else { return false };
    for event in events {
        game.apply(&event);
    }
    true
}

fn moves(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("connect4");
    group.throughput(Throughput::Elements(DRAW.len() as u64));
    let columns = columns();

    group.bench_function("a game of 42 moves, decided and applied", |bencher| {
        bencher.iter_batched_ref(
            begun,
            |game| columns.iter().filter(|&&column| make_move(game, black_box(column))).count(),
            BatchSize::SmallInput,
        );
    });

    let plays: Vec<String> = columns.iter().map(|column| json!({ "column": column }).to_string()).collect();
    let stored = serde_json::to_string(&begun()).unwrap();
    let kind = GameType::of::<ConnectFour>();
    group.bench_function("the same as a room plays it, the state stored at each move", |bencher| {
        bencher.iter_batched(
            || kind.restore(&stored).unwrap(),
            |mut game| {
                for play in &plays {
                    let play = Fields::parse(play).unwrap();
                    let decided = game.decide(Who::Player(game.turn().unwrap()), Command::Play(&play)).ok().unwrap();
                    game = decided.after;
                    black_box(game.stored().unwrap());
                }
            },
            BatchSize::SmallInput,
        );
    });

    let mut over = begun();
    columns.iter().for_each(|&column| assert!(make_move(&mut over, column)));
    let stored = serde_json::to_string(&over).unwrap();
    group.bench_function("a full board restored: 42 moves replayed", |bencher| {
        bencher.iter(|| serde_json::from_str::<ConnectFour>(black_box(&stored)).unwrap());
    });
    group.finish();
}

/// Every position up to 6 plies, each once: 1 + 7 + 49 + 238 + 1120 + 4263 + 16422 of them.
fn perft(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("connect4");
    group.sample_size(20).throughput(Throughput::Elements(22_100));
    group.bench_function("perft 6", |bencher| {
        bencher.iter(|| {
            let mut games = vec![begun()];
            let mut found = 0;
            for ply in 0..=6 {
                found += games.len();
                if ply < 6 {
                    games = next_ply(&games);
                }
            }
            assert_eq!(found, 22_100);
        });
    });
    group.finish();
}

fn next_ply(games: &[ConnectFour]) -> Vec<ConnectFour> {
    let mut seen = BTreeSet::<Board>::new();
    let mut next = Vec::new();
    for game in games {
        for column in Column::all() {
            let mut game = game.clone();
            if make_move(&mut game, column) && seen.insert(*game.position().board()) {
                next.push(game);
            }
        }
    }
    next
}

criterion_group!(benches, moves, perft);
criterion_main!(benches);
