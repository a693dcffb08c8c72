//! Seats, turns, giving up and playing again.

use ErrorCode::{ColumnFull, Forbidden, GameOver, NotAPlayer, NotYourTurn};

use super::*;
use crate::games::connect4::{Ending, Status};

const RED: Who<'_, Player> = Who::Player(Player::Red);
const YELLOW: Who<'_, Player> = Who::Player(Player::Yellow);

fn only(events: Events<Event>) -> Event {
    let mut events = events.into_iter();
    let event = events.next().unwrap();
    assert_eq!(events.next(), None);
    event
}

#[test]
fn seats_are_taken_in_order_and_once() {
    let (ada, bob) = (ada(), bob());
    let mut game = ConnectFour::default();
    assert_eq!(game.status(), Status::Waiting);

    let seated = tell(&mut game, Who::Visitor(&ada), Command::Sit).unwrap();
    assert_eq!(only(seated), Event::Seated { player: Player::Red, user: ada.clone() });
    assert_eq!((game.status(), game.on_turn()), (Status::Waiting, None));
    assert_eq!(refused(&mut game, RED, Command::Sit), Forbidden);

    let seated = tell(&mut game, Who::Visitor(&bob), Command::Sit).unwrap();
    assert_eq!(only(seated), Event::Seated { player: Player::Yellow, user: bob.clone() });
    assert_eq!((game.status(), game.on_turn()), (Status::Playing, Some(Player::Red)));
    assert_eq!((game.seat(Player::Red), game.seat(Player::Yellow)), (Some(&ada), Some(&bob)));
    assert_eq!(refused(&mut game, Who::Visitor(&ada), Command::Sit), Forbidden);
}

#[test]
fn two_tabs_of_one_person_are_two_players() {
    let mut game = ConnectFour::default();
    for _ in 0..2 {
        tell(&mut game, Who::Visitor(&ada()), Command::Sit).unwrap();
    }
    assert_eq!(game.status(), Status::Playing);
}

#[test]
fn nothing_is_played_before_there_are_two() {
    let mut game = ConnectFour::default();
    tell(&mut game, Who::Visitor(&ada()), Command::Sit).unwrap();
    for (told, code) in [
        (drop_in(3), NotYourTurn),
        (Command::Forfeit, NotYourTurn),
        (Command::Resign, Forbidden),
        (Command::Rematch, Forbidden),
        (Command::Withdraw, Forbidden),
    ] {
        assert_eq!(refused(&mut game, RED, told), code);
    }
    let refusal = game.decide(RED, drop_in(3)).unwrap_err();
    assert_eq!(refusal.message, "the game has not begun: yellow's seat is still free");
}

#[test]
fn who_watches_cannot_play_whatever_the_state() {
    for mut game in [ConnectFour::default(), begun(), after("334"), after(RED_WINS), after(DRAW)] {
        for told in [drop_in(3), Command::Resign, Command::Rematch, Command::Withdraw, Command::Forfeit] {
            assert_eq!(refused(&mut game, Who::Visitor(&ada()), told), NotAPlayer);
        }
    }
}

#[test]
fn players_take_turns() {
    let mut game = begun();
    assert_eq!(refused(&mut game, YELLOW, drop_in(3)), NotYourTurn);
    tell(&mut game, RED, drop_in(3)).unwrap();
    assert_eq!(refused(&mut game, RED, drop_in(3)), NotYourTurn);
    tell(&mut game, YELLOW, drop_in(3)).unwrap();
}

#[test]
fn a_column_takes_six() {
    let mut game = after("333333");
    assert_eq!(refused(&mut game, RED, drop_in(3)), ColumnFull);
    assert_eq!(refused(&mut game, YELLOW, drop_in(3)), NotYourTurn);
    assert_eq!(game.on_turn(), Some(Player::Red));
}

#[test]
fn after_the_end_no_move() {
    let mut resigned = after("33");
    tell(&mut resigned, YELLOW, Command::Resign).unwrap();
    let mut forfeited = after("33");
    tell(&mut forfeited, RED, Command::Forfeit).unwrap();

    for mut game in [after(RED_WINS), after(DRAW), resigned, forfeited] {
        assert_eq!((game.status(), game.on_turn()), (Status::Over, None));
        for who in [RED, YELLOW] {
            for told in [drop_in(0), drop_in(6), Command::Resign, Command::Forfeit] {
                assert_eq!(refused(&mut game, who, told), GameOver);
            }
        }
    }
}

#[test]
fn a_winning_move_is_played_and_ended() {
    let mut game = after(&RED_WINS[..6]);
    let events = tell(&mut game, RED, drop_in(0)).unwrap().into_iter().collect::<Vec<_>>();
    assert!(matches!(
        events[..],
        [Event::Played { turn: None, .. }, Event::Ended(Ending::Won { winner: Player::Red, .. })]
    ));
}

#[test]
fn either_resigns_when_they_like() {
    for (who, winner) in [(RED, Player::Yellow), (YELLOW, Player::Red)] {
        for mut game in [begun(), after("3")] {
            let ended = tell(&mut game, who, Command::Resign).unwrap();
            assert_eq!(only(ended), Event::Ended(Ending::Resigned { winner }));
            assert_eq!(game.ending(), Some(&Ending::Resigned { winner }));
        }
    }
}

#[test]
fn only_who_is_on_turn_forfeits() {
    let mut game = after("3");
    assert_eq!(refused(&mut game, RED, Command::Forfeit), NotYourTurn);
    let ended = tell(&mut game, YELLOW, Command::Forfeit).unwrap();
    assert_eq!(only(ended), Event::Ended(Ending::Forfeited { winner: Player::Red }));
    assert_eq!(game.ending(), Some(&Ending::Forfeited { winner: Player::Red }));
}

#[test]
fn a_rematch_needs_both_and_the_other_begins() {
    for (asks, agrees, asking) in [(RED, YELLOW, Player::Red), (YELLOW, RED, Player::Yellow)] {
        let mut game = after(RED_WINS);
        let offered = tell(&mut game, asks, Command::Rematch).unwrap();
        assert_eq!(only(offered), Event::RematchOffered { player: asking });
        assert_eq!(refused(&mut game, asks, Command::Rematch), Forbidden);
        assert_eq!(refused(&mut game, asks, drop_in(3)), GameOver);

        let rematched = tell(&mut game, agrees, Command::Rematch).unwrap();
        assert_eq!(only(rematched), Event::Rematched { begins: Player::Yellow });
        assert_eq!((game.status(), game.on_turn()), (Status::Playing, Some(Player::Yellow)));
        assert_eq!((game.round(), game.rematch_offered(), game.ending()), (2, None, None));
        assert_eq!((game.seat(Player::Red), game.seat(Player::Yellow)), (Some(&ada()), Some(&bob())));
        assert!(game.position().moves().is_empty());
        assert_eq!(refused(&mut game, RED, drop_in(0)), NotYourTurn);
    }
}

#[test]
fn an_offer_is_withdrawn_by_who_made_it() {
    for (asks, other, asking) in [(RED, YELLOW, Player::Red), (YELLOW, RED, Player::Yellow)] {
        let mut game = after(RED_WINS);
        assert_eq!(refused(&mut game, asks, Command::Withdraw), Forbidden);
        tell(&mut game, asks, Command::Rematch).unwrap();
        assert_eq!(refused(&mut game, other, Command::Withdraw), Forbidden);
        assert_eq!(only(tell(&mut game, asks, Command::Withdraw).unwrap()), Event::RematchWithdrawn { player: asking });
        assert_eq!((game.rematch_offered(), game.status()), (None, Status::Over));
        let offered = tell(&mut game, other, Command::Rematch).unwrap();
        assert!(matches!(only(offered), Event::RematchOffered { .. }), "the next one offers anew");
    }
}

#[test]
fn no_rematch_while_the_round_runs() {
    for mut game in [begun(), after("3343")] {
        for who in [RED, YELLOW] {
            assert_eq!(refused(&mut game, who, Command::Rematch), Forbidden);
        }
    }
}

#[test]
fn round_follows_round_however_they_end() {
    let mut game = after(DRAW);
    for round in 2..6 {
        for who in [YELLOW, RED] {
            tell(&mut game, who, Command::Rematch).unwrap();
        }
        let begins = if round % 2 == 0 { Player::Yellow } else { Player::Red };
        assert_eq!((game.round(), game.on_turn()), (round, Some(begins)));
        let end = if round == 3 { Command::Forfeit } else { Command::Resign };
        player(&mut game, begins, end).unwrap();
    }
}
