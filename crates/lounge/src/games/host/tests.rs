//! Two games in one host.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::games::game::Events;
use crate::protocol::fields::integer;

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

    fn read_move(fields: &Fields<'_>) -> Result<Take, Refused> {
        fields.required("matches", integer(1..=3u8)).map(|matches| Take { matches })
    }

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

    fn moves(&self) -> usize {
        usize::from(self.left < 21)
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

const NIM: GameType = GameType::of::<Nim>();

fn person(name: &str) -> Person {
    Person { id: Uuid::nil(), name: name.into() }
}

fn fields(value: &Value) -> Fields<'static> {
    Fields::parse(&value.to_string()).unwrap().to_be_read_later()
}

fn connect4() -> GameType {
    GameList::default().find("connect4").unwrap()
}

fn refusal(game: &dyn HostedGame, who: Who<'_, SeatName>, command: Command<&Fields<'_>>) -> Refused {
    match game.decide(who, command) {
        Err(refused) => refused,
        Ok(_) => panic!("it is allowed"),
    }
}

/// A table with both seats taken.
fn table(game: GameType) -> Box<dyn HostedGame> {
    let mut game = game.begin();
    for name in ["Ada", "Bob"] {
        game = game.decide(Who::Visitor(&person(name)), Command::Sit).unwrap().after;
    }
    game
}

#[test]
fn one_host_for_every_game() {
    for (kind, first, play) in [(connect4(), "red", json!({"column": 3})), (NIM, "first", json!({"matches": 2}))] {
        let game = table(kind);
        assert_eq!(game.kind(), kind.name);
        let seat = game.seat(first).unwrap();
        assert_eq!((game.seats()[0], game.turn()), (seat, Some(seat)));
        assert_eq!(game.person(seat), Some(&person("Ada")));

        let before = game.stored().unwrap();
        let decided = game.decide(Who::Player(seat), Command::Play(&fields(&play))).unwrap();
        assert_eq!(game.stored().unwrap(), before, "deciding changes nothing");
        let mut told = game.boxed_clone();
        for record in &decided.records {
            told.apply(std::str::from_utf8(&record.bytes()).unwrap()).unwrap();
        }
        let after = decided.after.stored().unwrap();
        assert_ne!(after, before);
        assert_eq!(told.stored().unwrap(), after, "its events lead to the state after it");
        assert_eq!(kind.restore(&after).unwrap().view().unwrap(), decided.after.view().unwrap());
    }
}

#[test]
fn what_a_room_writes_and_answers() {
    let game = table(connect4());
    let red = game.seat("red").unwrap();
    let request = json!({"type": "play", "room": "den", "column": 3});
    let decided = game.decide(Who::Player(red), Command::Play(&fields(&request))).unwrap();
    assert_eq!(
        decided.records[0].bytes(),
        r#"{"v":1,"type":"played","player":"red","column":3,"row":0,"turn":"yellow"}"#
    );
    assert_eq!(Value::Object(decided.receipt), json!({"row": 0}));
    let resigned = game.decide(Who::Player(red), Command::Resign).unwrap();
    assert_eq!(resigned.receipt, Map::new());
}

#[test]
fn an_event_is_read_as_a_log_has_it() {
    let mut game = table(connect4());
    game.apply(r#"{"type":"played","room":"den","seq":4,"player":"red","column":3,"row":0,"turn":"yellow"}"#).unwrap();
    assert_eq!(game.turn(), game.seat("yellow"));
    assert!(game.apply(r#"{"type":"message","room":"den","seq":5,"body":"hello"}"#).is_err());
    assert!(game.apply("").is_err());
}

#[test]
fn a_move_that_is_none_is_a_bad_request() {
    let game = table(connect4());
    let red = game.seat("red").unwrap();
    for wrong in ["-1", "7", "1.5", "\"3\"", "null", "3.0", "3e0", "[3]", "true", "256", "99999999999999999999"] {
        let play = Fields::parse(&format!(r#"{{"column":{wrong}}}"#)).unwrap().to_be_read_later();
        let refused = refusal(&*game, Who::Player(red), Command::Play(&play));
        assert_eq!(refused.to_string(), r#"bad_request: "column" must be an integer from 0 to 6"#, "{wrong}");
    }
    let refused = refusal(&*game, Who::Player(red), Command::Play(&fields(&json!({}))));
    assert_eq!(refused.to_string(), r#"bad_request: "column" is missing: it must be an integer from 0 to 6"#);

    let long = "é".repeat(10_000);
    let refused = refusal(&*game, Who::Player(red), Command::Play(&fields(&json!({"column": long}))));
    assert_eq!(refused.message, r#""column" must be an integer from 0 to 6"#);
    let nim = table(NIM);
    let first = nim.seat("first").unwrap();
    let refused = refusal(&*nim, Who::Player(first), Command::Play(&fields(&json!({"matches": long}))));
    assert!(refused.message.chars().count() <= 200);
}

#[test]
fn seats_and_states_of_other_games_are_refused() {
    let game = table(connect4());
    let first = table(NIM).seat("first").unwrap();
    assert_eq!(game.person(first), None);
    assert_eq!(game.seat("first"), None);
    assert_eq!(refusal(&*game, Who::Player(first), Command::Resign).code, ErrorCode::NotAPlayer);
    assert!(game.stored().is_ok_and(|stored| NIM.restore(&stored).is_err()));
}

#[test]
fn the_list_says_what_may_be_created_and_played() {
    let both = GameList::of([connect4(), NIM]);
    let kind = |list: &GameList, kind: Value| list.read_kind(&fields(&json!({ "kind": kind })));
    for (name, wanted) in [
        ("chat", RoomKind::Chat),
        ("counter", RoomKind::Counter),
        ("connect4", RoomKind::Game("connect4")),
        ("nim", RoomKind::Game("nim")),
    ] {
        assert_eq!(kind(&both, json!(name)), Ok(wanted));
    }
    let only = GameList::default();
    for wrong in [json!("nim"), json!("chess"), json!(7)] {
        let refused = kind(&only, wrong).unwrap_err();
        assert_eq!(refused.to_string(), r#"bad_request: "kind" must be "chat", "connect4" or "counter""#);
    }
    let refused = only.read_kind(&fields(&json!({}))).unwrap_err();
    assert_eq!(refused.message, r#""kind" is missing: it must be "chat", "connect4" or "counter""#);
    assert!(kind(&both, json!("chess")).unwrap_err().message.ends_with(r#""counter" or "nim""#));

    assert!(both.check_move(&fields(&json!({"matches": 2}))).is_ok(), "a move of some game");
    let refused = both.check_move(&fields(&json!({"matches": 7}))).unwrap_err();
    assert_eq!(refused.message, r#""column" is missing: it must be an integer from 0 to 6"#);
}
