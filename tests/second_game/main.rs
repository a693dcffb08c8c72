//! Tic-tac-toe, played through a whole server by the contract's own scenarios: those that are not about Connect Four's rules.
//! What a second game costs is `tic_tac_toe.rs`, and an entry in the list of games in `server.rs`.
//!
//! This program is both sides: called with `PARLOR_PORT`, as every server under test is, it is the server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm
)]

mod scenarios;
mod server;
mod tic_tac_toe;
mod two_versions;

#[allow(dead_code, unused_imports, reason = "the contract's stage has more than these scenarios need")]
#[path = "../contract/stage/mod.rs"]
mod stage;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use parlor_testkit::wire::WebSocket;
use scenarios::{absence, manners, table};

fn game() -> &'static table::Game {
    &table::Game {
        kind: "tic-tac-toe",
        seats: ["x", "o"],
        field: "square",
        opening: [4, 0, 1, 7, 3, 5],
        win: &[0, 3, 1, 4, 2],
        check: |events| {
            let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
            assert!(seqs.into_iter().eq(1..=events.len() as u64), "{events:#?}");
        },
    }
}

fn program() -> std::path::PathBuf {
    std::env::current_exe().unwrap()
}

fn main() -> ExitCode {
    if std::env::var_os("PARLOR_PORT").is_some() {
        server::serve(std::env::args_os().skip(1));
        return ExitCode::SUCCESS;
    }
    macro_rules! trials {
        ($($family:ident: $($scenario:ident)+;)+) => {
            vec![$($(Trial::test(concat!(stringify!($family), "::", stringify!($scenario)), || {
                $family::$scenario(&WebSocket);
                Ok(())
            }),)+)+]
        };
    }
    let upgrade = Trial::test("a_newer_server_takes_over_from_an_older_one", || {
        two_versions::a_newer_server_takes_over_from_an_older_one();
        Ok(())
    });
    let trials = trials! {
        table:
            creating_takes_the_red_seat
            secrets_are_not_revealed
            the_join_key_seats_once_and_then_watches
            the_watch_key_only_watches
            a_listed_game_is_watched_or_sat_at
            an_unlisted_game_needs_a_key;
        manners:
            who_watches_cannot_play
            resigning
            people_talk_at_the_table;
        absence:
            a_seat_comes_back_on_any_connection
            the_newest_holder_plays
            away_and_back
            away_off_turn_is_no_matter
            away_too_long_is_a_forfeit
            a_restart_does_not_stop_the_countdown;
    };
    libtest_mimic::run(&Arguments::from_args(), trials.into_iter().chain([upgrade]).collect()).exit_code()
}
