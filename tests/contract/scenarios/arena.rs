//! Many games at once, by players that only know the rules.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Barrier;
use std::thread;

use serde_json::json;

use super::table::Table;
use crate::oracle::{Board, Colour, Whim};
use crate::stage::{House, On};

const THREADS: u8 = 10;
const TABLES_EACH: u8 = 20;

pub fn two_hundred_games_at_once(on: On) {
    let house = House::open(on, &[]);
    let all_sit = Barrier::new(THREADS.into());
    thread::scope(|scope| {
        for player in 0..THREADS {
            let (house, all_sit) = (&house, &all_sit);
            scope.spawn(move || {
                let from = IpAddr::V4(Ipv4Addr::new(127, 0, 2, player + 1));
                let mut tables: Vec<(Table, Board)> = (0..TABLES_EACH)
                    .map(|_| {
                        let create = json!({"type": "create", "kind": "connect4", "unlisted": true});
                        let table = Table::laid(house, create, house.guest_from(from), house.guest_from(from));
                        (table, Board::new(Colour::Red))
                    })
                    .collect();
                all_sit.wait();
                let mut whim = Whim::new(player.into());
                while tables.iter().any(|(_, board)| !board.is_over) {
                    for (table, board) in tables.iter_mut().filter(|(_, board)| !board.is_over) {
                        let (colour, column) = (board.turn, whim.one_of(&board.open()));
                        let dropped = board.play(column);
                        let play = json!({"type": "play", "room": table.room, "column": column});
                        assert_eq!(table.player(colour).ok(play)["row"], json!(dropped.row));
                    }
                }
                for (table, _) in &mut tables {
                    let ended = table.red.event("ended");
                    assert_eq!(table.yellow.event("ended"), ended);
                    table.log();
                }
            });
        }
    });
}
