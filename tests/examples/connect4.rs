//! The tutorial's game.

use std::net::Ipv4Addr;

use parlor_testkit::Peer;
use serde_json::{Value, json};

use crate::{Example, hear};

fn play(peer: &mut Peer, column: Value) {
    peer.text(&json!({"type": "play", "column": column}).to_string());
}

fn played(player: &str, column: u64, row: u64) -> Value {
    json!({"type": "play", "player": player, "column": column, "row": row})
}

fn error(message: &str) -> Value {
    json!({"type": "error", "message": message})
}

/// Red and yellow, and the keys for joining and watching.
fn begin(server: &Example) -> (Peer, Peer, String, String) {
    let mut red = server.connect("/");
    red.text(r#"{"type":"init"}"#);
    let init = hear(&mut red);
    assert_eq!(init["type"], "init");
    let key = |name: &str| init[name].as_str().unwrap().to_owned();
    let (join, watch) = (key("join"), key("watch"));
    assert!(join.len() >= 16 && watch.len() >= 16 && join != watch, "{init}");
    (red, enter(server, "join", &join), join, watch)
}

fn enter(server: &Example, by: &str, key: &str) -> Peer {
    let mut peer = server.connect_from(Ipv4Addr::new(127, 0, 0, 2), "/");
    peer.text(&json!({"type": "init", by: key}).to_string());
    peer
}

#[test]
fn a_game_is_won_and_over_and_later_watchers_see_all_of_it() {
    let server = Example::start("connect4");
    let (mut red, mut yellow, _, watch) = begin(&server);
    let mut watcher = enter(&server, "watch", &watch);
    let mut moves = Vec::new();
    for (turn, column) in [3, 4, 3, 4, 3, 4, 3].into_iter().enumerate() {
        let (peer, player) = if turn % 2 == 0 { (&mut red, "red") } else { (&mut yellow, "yellow") };
        play(peer, json!(column));
        moves.push(played(player, column, turn as u64 / 2));
        for peer in [&mut red, &mut yellow, &mut watcher] {
            assert_eq!(hear(peer), moves[turn]);
        }
    }
    moves.push(json!({"type": "win", "player": "red"}));
    for peer in [&mut red, &mut yellow, &mut watcher] {
        assert_eq!(hear(peer), moves[7]);
    }
    for peer in [&mut yellow, &mut red] {
        play(peer, json!(0));
        assert_eq!(hear(peer), error("The game is over."));
    }
    let mut late = enter(&server, "watch", &watch);
    assert_eq!(moves.iter().map(|_| hear(&mut late)).collect::<Vec<_>>(), moves);
}

#[test]
fn what_is_not_allowed_is_said_and_the_game_goes_on() {
    let server = Example::start("connect4");
    let (mut red, mut yellow, join, watch) = begin(&server);
    play(&mut yellow, json!(0));
    assert_eq!(hear(&mut yellow), error("It isn't your turn."));
    for column in [json!(7), json!(-1), json!("3"), json!(null), json!(2.5), json!(u64::MAX)] {
        play(&mut red, column.clone());
        assert_eq!(hear(&mut red)["type"], "error", "{column}");
    }
    let mut watcher = enter(&server, "watch", &watch);
    play(&mut watcher, json!(0));
    assert_eq!(hear(&mut watcher)["type"], "error");
    for row in 0..6 {
        let (peer, player) = if row % 2 == 0 { (&mut red, "red") } else { (&mut yellow, "yellow") };
        play(peer, json!(6));
        for peer in [&mut red, &mut yellow] {
            assert_eq!(hear(peer), played(player, 6, row));
        }
    }
    play(&mut red, json!(6));
    assert_eq!(hear(&mut red), error("This slot is full."));
    drop(yellow);
    let mut back = enter(&server, "join", &join);
    assert_eq!(hear(&mut back), played("red", 6, 0), "who comes back gets the past moves");
}

#[test]
fn a_game_that_is_not_there_is_not_found_and_ends_with_its_people() {
    let server = Example::start("connect4");
    for by in ["join", "watch"] {
        let mut peer = enter(&server, by, "AAAAAAAAAAAAAAAA");
        assert_eq!(hear(&mut peer), error("Game not found."));
        peer.expect_close(1000);
    }
    let mut early = server.connect("/");
    play(&mut early, json!(0));
    assert_eq!(hear(&mut early)["type"], "error");
    let (red, yellow, join, _) = begin(&server);
    red.leave();
    yellow.leave();
    parlor_testkit::wait_until("the game is gone", || {
        hear(&mut enter(&server, "join", &join)) == error("Game not found.")
    });
}
