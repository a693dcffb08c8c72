//! State is what the events add up to, and nothing breaks it.

use proptest::prelude::*;

use super::*;
use crate::games::connect4::{Ending, Row, Square, Status};

#[derive(Clone, Copy, Debug)]
pub(super) enum Actor {
    OnTurn,
    Seated(Player),
    Watching,
}

fn a_player() -> impl Strategy<Value = Player> {
    prop_oneof![Just(Player::Red), Just(Player::Yellow)]
}

fn an_actor() -> impl Strategy<Value = Actor> {
    prop_oneof![12 => Just(Actor::OnTurn), 4 => a_player().prop_map(Actor::Seated), 1 => Just(Actor::Watching)]
}

fn a_command() -> impl Strategy<Value = Told> {
    prop_oneof![
        40 => (0..7u64).prop_map(drop_in),
        2 => Just(Command::Sit),
        1 => Just(Command::Resign),
        8 => Just(Command::Rematch),
        2 => Just(Command::Withdraw),
        1 => Just(Command::Forfeit),
    ]
}

/// Random requests, allowed or not. Long enough for several rounds.
pub(super) fn a_script() -> impl Strategy<Value = Vec<(Actor, Told)>> {
    prop::collection::vec((an_actor(), a_command()), 0..150)
}

/// The game that a script leads to, and its log.
pub(super) fn perform(script: Vec<(Actor, Told)>) -> (ConnectFour, Vec<Event>) {
    let (mut game, mut log) = (ConnectFour::default(), Vec::new());
    for (actor, told) in [(Actor::Watching, Command::Sit); 2].into_iter().chain(script) {
        let before = game.clone();
        let ada = ada();
        let who = match actor {
            Actor::OnTurn => Who::Player(game.on_turn().unwrap_or(Player::Yellow)),
            Actor::Seated(player) => Who::Player(player),
            Actor::Watching => Who::Visitor(&ada),
        };
        match tell(&mut game, who, told) {
            Ok(events) => log.extend(events),
            Err(_) => assert_eq!(game, before),
        }
    }
    (game, log)
}

fn a_square() -> impl Strategy<Value = Square> {
    (0..7u64, 0..6u64).prop_map(|(index, row)| Square(column(index), Row::try_from(row).unwrap()))
}

fn an_ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        (a_player(), prop::collection::vec(a_square(), 4..8))
            .prop_map(|(winner, line)| Ending::Won { winner, line: line.into_iter().collect() }),
        Just(Ending::Drawn),
        a_player().prop_map(|winner| Ending::Resigned { winner }),
        a_player().prop_map(|winner| Ending::Forfeited { winner }),
    ]
}

/// Any event that can be written down, fitting or not.
fn an_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        1 => a_player().prop_map(|player| Event::Seated { player, user: bob() }),
        20 => (a_player(), a_square(), prop::option::of(a_player()))
            .prop_map(|(player, Square(column, row), turn)| Event::Played { player, column, row, turn }),
        3 => an_ending().prop_map(Event::Ended),
        3 => a_player().prop_map(|player| Event::RematchOffered { player }),
        2 => a_player().prop_map(|player| Event::RematchWithdrawn { player }),
        3 => a_player().prop_map(|begins| Event::Rematched { begins }),
    ]
}

proptest! {
    #[test]
    fn a_written_log_replayed_gives_the_live_game(script in a_script()) {
        let (live, log) = perform(script);
        let mut replayed = ConnectFour::default();
        for event in log {
            let written = serde_json::to_string(&event).unwrap();
            let read = serde_json::from_str::<Event>(&written).unwrap();
            prop_assert_eq!(&read, &event);
            replayed.apply(&read);
        }
        prop_assert_eq!(replayed, live);
    }

    /// So the journal may keep the state beside any event of a batch.
    #[test]
    fn a_state_stored_at_any_event_goes_on_from_there(script in a_script(), at in any::<prop::sample::Index>()) {
        let (live, log) = perform(script);
        let (before, after) = log.split_at(at.index(log.len()));
        let mut game = ConnectFour::default();
        before.iter().for_each(|event| game.apply(event));
        let mut game = serde_json::from_str::<ConnectFour>(&serde_json::to_string(&game).unwrap()).unwrap();
        after.iter().for_each(|event| game.apply(event));
        prop_assert_eq!(game, live);
    }

    /// Events of another game leave a state that could still be stored and read back.
    #[test]
    fn foreign_events_break_nothing(script in prop::option::of(a_script()), events in prop::collection::vec(an_event(), 0..40)) {
        let mut game = script.map(|script| perform(script).0).unwrap_or_default();
        for event in events {
            game.apply(&event);
            let written = serde_json::to_string(&game).unwrap();
            prop_assert_eq!(&serde_json::from_str::<ConnectFour>(&written).unwrap(), &game);
        }
    }

    /// Whoever was told `ended` was told all there is to know of the end.
    #[test]
    fn the_game_is_over_as_the_last_event_says(script in a_script()) {
        let (game, log) = perform(script);
        let last = log.iter().rfind(|event| !matches!(event, Event::RematchOffered { .. } | Event::RematchWithdrawn { .. }));
        match last {
            Some(Event::Ended(ending)) => prop_assert_eq!(game.ending(), Some(ending)),
            Some(Event::Played { turn, .. }) => prop_assert_eq!(game.on_turn(), *turn),
            _ => prop_assert_eq!(game.status(), Status::Playing),
        }
    }
}

/// An end by the board may only come from the board, a move only from who is on turn, and so on.
#[test]
fn an_event_that_cannot_follow_changes_nothing() {
    let (row_0, row_1) = (Row::try_from(0).unwrap(), Row::try_from(1).unwrap());
    let played = |player, index, row, turn| Event::Played { player, column: column(index), row, turn };
    let running = after("334");
    let line = running.position().board().discs(Player::Red);
    let over = after(RED_WINS);
    let mut offered = after(RED_WINS);
    player(&mut offered, Player::Red, Command::Rematch).unwrap();

    for (game, event) in [
        (ConnectFour::default(), Event::Seated { player: Player::Yellow, user: ada() }),
        (ConnectFour::default(), played(Player::Red, 0, row_0, Some(Player::Yellow))),
        (ConnectFour::default(), Event::Ended(Ending::Resigned { winner: Player::Red })),
        (running.clone(), Event::Seated { player: Player::Red, user: bob() }),
        (running.clone(), played(Player::Red, 0, row_0, Some(Player::Yellow))),
        (running.clone(), played(Player::Yellow, 0, row_1, Some(Player::Red))),
        (running.clone(), played(Player::Yellow, 0, row_0, Some(Player::Yellow))),
        (running.clone(), played(Player::Yellow, 0, row_0, None)),
        (running.clone(), Event::Ended(Ending::Drawn)),
        (running.clone(), Event::Ended(Ending::Won { winner: Player::Red, line })),
        (running.clone(), Event::Ended(Ending::Forfeited { winner: Player::Yellow })),
        (running.clone(), Event::RematchOffered { player: Player::Red }),
        (running, Event::Rematched { begins: Player::Yellow }),
        (over.clone(), played(Player::Yellow, 2, row_0, Some(Player::Red))),
        (over.clone(), Event::Ended(Ending::Resigned { winner: Player::Yellow })),
        (over, Event::Rematched { begins: Player::Yellow }),
        (offered.clone(), Event::RematchOffered { player: Player::Yellow }),
        (offered, Event::Rematched { begins: Player::Red }),
    ] {
        let mut after = game.clone();
        after.apply(&event);
        assert_eq!(after, game, "{event:?}");
    }
}
