//! Two games in one host.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::*;

/// A second game, to see what one costs: heaps of matches are no room's business.
#[derive(Clone, Serialize, Deserialize)]
struct Nim {
    left: u8,
    here: Vec<Person>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    First,
    Second,
}

#[derive(Deserialize)]
struct Take {
    matches: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Happened {
    Seated { user: Person },
    Taken { matches: u8 },
}

impl Seat for Side {
    const ALL: &'static [Self] = &[Self::First, Self::Second];

    fn label(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }
}

impl Default for Nim {
    fn default() -> Self {
        Self { left: 21, here: Vec::new() }
    }
}

impl Game for Nim {
    const KIND: &'static str = "nim";

    type Seat = Side;
    type Move = Take;
    type Event = Happened;

    fn decide(&self, who: Who<'_, Side>, command: Command<Take>) -> Result<Events<Happened>, Refused> {
        match (command, who) {
            (Command::Sit, Who::Visitor(person)) => Ok(Events::one(Happened::Seated { user: person.clone() })),
            (Command::Play(Take { matches }), Who::Player(side)) if Some(side) == self.turn() => {
                Ok(Events::one(Happened::Taken { matches }))
            }
            _ => Err(Refused::new(ErrorCode::NotYourTurn, "not now")),
        }
    }

    fn apply(&mut self, event: &Happened) {
        match event {
            Happened::Seated { user } => self.here.push(user.clone()),
            Happened::Taken { matches } => self.left = self.left.saturating_sub(*matches),
        }
    }

    fn person(&self, seat: Side) -> Option<&Person> {
        self.here.get(seat as usize)
    }

    fn turn(&self) -> Option<Side> {
        (self.here.len() == 2 && self.left > 0).then_some(Side::First)
    }

    fn view(&self) -> impl Serialize {
        json!({"left": self.left})
    }
}

const NIM: Kind = Kind::of::<Nim>();

fn person(name: &str) -> Person {
    Person { id: Uuid::nil(), name: name.into() }
}

fn fields(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// What a room does with a decision, once it is committed.
fn commit(game: &mut dyn AnyGame, decision: &Decision) {
    for event in decision.events.iter() {
        game.apply(event).unwrap();
    }
}

/// A table with both seats taken.
fn table(kind: &Kind) -> Box<dyn AnyGame> {
    let mut game = kind.begin();
    for name in ["Ada", "Bob"] {
        let decision = game.decide(Who::Visitor(&person(name)), Command::Sit).unwrap();
        commit(&mut *game, &decision);
    }
    game
}

#[test]
fn one_host_for_every_game() {
    let connect4 = Kind::find("connect4").unwrap();
    for (kind, first, play) in [(connect4, "red", json!({"column": 3})), (&NIM, "first", json!({"matches": 2}))] {
        let mut game = table(kind);
        assert_eq!(game.kind(), kind.name);
        let seat = game.seat(first).unwrap();
        assert_eq!((game.seats()[0], game.turn()), (seat, Some(seat)));
        assert_eq!(game.person(seat), Some(&person("Ada")));

        let before = game.stored().unwrap();
        let decision = game.decide(Who::Player(seat), Command::Play(fields(play))).unwrap();
        assert_eq!(game.stored().unwrap(), before);
        let kept = game.boxed_clone();
        commit(&mut *game, &decision);
        assert_eq!(kept.stored().unwrap(), before);

        let after = game.stored().unwrap();
        assert_ne!(after, before);
        assert_eq!(kind.restore(&after).unwrap().view().unwrap(), game.view().unwrap());
    }
}

#[test]
fn what_a_room_writes_and_answers() {
    let game = table(Kind::find("connect4").unwrap());
    let red = game.seat("red").unwrap();
    let request = json!({"type": "play", "room": "den", "column": 3});
    let decision = game.decide(Who::Player(red), Command::Play(fields(request))).unwrap();
    assert_eq!(decision.events.first(), r#"{"type":"played","player":"red","column":3,"row":0,"turn":"yellow"}"#);
    assert_eq!(decision.receipt, fields(json!({"row": 0})));
    let resigned = game.decide(Who::Player(red), Command::Resign).unwrap();
    assert_eq!(resigned.receipt, Map::new());
}

#[test]
fn an_event_is_read_as_a_log_has_it() {
    let mut game = table(Kind::find("connect4").unwrap());
    game.apply(r#"{"type":"played","room":"den","seq":4,"player":"red","column":3,"row":0,"turn":"yellow"}"#).unwrap();
    assert_eq!(game.turn(), game.seat("yellow"));
    assert!(game.apply(r#"{"type":"message","room":"den","seq":5,"body":"hello"}"#).is_err());
    assert!(game.apply("").is_err());
}

#[test]
fn a_move_that_is_none_is_a_bad_request() {
    let game = table(Kind::find("connect4").unwrap());
    let red = game.seat("red").unwrap();
    for wrong in [json!(-1), json!(7), json!(1.5), json!("3"), json!(null)] {
        let refusal = game.decide(Who::Player(red), Command::Play(fields(json!({"column": wrong})))).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::BadRequest);
        assert!(refusal.message.contains("`column`"), "{refusal}");
    }
    let refusal = game.decide(Who::Player(red), Command::Play(Map::new())).unwrap_err();
    assert_eq!(refusal.to_string(), "bad_request: missing field `column`");

    let long = "é".repeat(10_000);
    let refusal = game.decide(Who::Player(red), Command::Play(fields(json!({"column": long})))).unwrap_err();
    assert_eq!(refusal.message, "invalid type: string, expected a whole number from 0 to 6 as `column`");
    let nim = table(&NIM);
    let first = nim.seat("first").unwrap();
    let refusal = nim.decide(Who::Player(first), Command::Play(fields(json!({"matches": long})))).unwrap_err();
    assert_eq!(refusal.message.chars().count(), 200);
}

#[test]
fn seats_and_states_of_other_games_are_refused() {
    let game = table(Kind::find("connect4").unwrap());
    let first = table(&NIM).seat("first").unwrap();
    assert_eq!(game.person(first), None);
    assert_eq!(game.seat("first"), None);
    let refusal = game.decide(Who::Player(first), Command::Resign).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::NotAPlayer);
    assert!(game.stored().is_ok_and(|stored| NIM.restore(&stored).is_err()));
}
