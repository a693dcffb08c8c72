//! Many games at once, by players that only know the rules.

use std::net::{IpAddr, Ipv4Addr};
use std::thread;

use parlor_testkit::chance::Chance;
use parlor_testkit::connect4::{Board, Colour};
use serde_json::json;

use super::table::Table;
use crate::stage::{House, On};

const THREADS: u8 = 10;
const TABLES_EACH: u8 = 20;

pub fn two_hundred_games_at_once(on: On) {
    let house = House::open(on, &[]);
    let house = &house;
    let mut rows: Vec<Vec<Table>> = thread::scope(|scope| {
        let laying: Vec<_> = (0..THREADS).map(|row| scope.spawn(move || lay(house, row))).collect();
        laying.into_iter().map(|tables| tables.join().unwrap()).collect()
    });
    thread::scope(|scope| {
        for (row, tables) in (0..).zip(&mut rows) {
            scope.spawn(move || play(tables, &mut Chance::new(row)));
        }
    });
}

/// From an address of their own: how many rooms are made from one is limited.
fn lay(house: &House, row: u8) -> Vec<Table> {
    let from = IpAddr::V4(Ipv4Addr::new(127, 0, 2, row + 1));
    let create = json!({"type": "create", "kind": "connect4", "unlisted": true});
    let lay = |_| Table::laid(create.clone(), house.guest_from(from), house.guest_from(from));
    (0..TABLES_EACH).map(lay).collect()
}

/// A move at each table, again and again, until all games are over.
fn play(tables: &mut [Table], chance: &mut Chance) {
    let mut boards = vec![Board::new(Colour::Red); tables.len()];
    while boards.iter().any(|board| !board.is_over) {
        for (table, board) in tables.iter_mut().zip(&mut boards).filter(|(_, board)| !board.is_over) {
            let (colour, column) = (board.turn, chance.one_of(&board.open()));
            let dropped = board.play(column);
            let play = json!({"type": "play", "room": table.room, "column": column});
            assert_eq!(table.player(colour).ok(play)["row"], json!(dropped.row));
        }
    }
    for table in tables {
        let ended = table.red.event("ended");
        assert_eq!(table.yellow.event("ended"), ended);
        table.log();
    }
}
