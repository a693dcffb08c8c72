//! Connect Four: laying a table, its seats and its secrets.

use parlor_testkit::connect4::{Colour, check_log};
use parlor_testkit::{Client, list, text};
use serde_json::{Value, json};

use crate::stage::{House, On};

/// Two people at a table of theirs.
pub struct Table {
    pub room: String,
    pub red: Client,
    pub yellow: Client,
    pub secrets: Value,
    /// Yellow's.
    pub seat: String,
}

impl Table {
    pub fn lay(house: &House) -> Self {
        Self::laid(json!({"type": "create", "kind": "connect4"}), house.person("Ann"), house.person("Bo"))
    }

    pub fn laid(create: Value, mut red: Client, mut yellow: Client) -> Self {
        let secrets = red.ok(create);
        let room = text(&secrets["room"]);
        let joined = red.ok(json!({"type": "join", "room": room, "seat": secrets["seat"]}));
        assert_eq!(joined["game"]["you"], "red", "{joined}");
        let joined = yellow.ok(json!({"type": "join", "key": secrets["join"]}));
        assert_eq!((&joined["room"], &joined["game"]["you"]), (&json!(room), &json!("yellow")), "{joined}");
        let seat = text(&joined["game"]["seat"]);
        red.event("seated");
        red.forget_heard();
        yellow.forget_heard();
        Table { room, red, yellow, secrets, seat }
    }

    pub fn player(&mut self, colour: Colour) -> &mut Client {
        match colour {
            Colour::Red => &mut self.red,
            Colour::Yellow => &mut self.yellow,
        }
    }

    /// Moves in turn, red first.
    pub fn play(&mut self, columns: &[usize]) {
        for (n, column) in columns.iter().enumerate() {
            let play = json!({"type": "play", "room": self.room, "column": column});
            self.player([Colour::Red, Colour::Yellow][n % 2]).ok(play);
        }
    }

    /// The whole log, checked.
    pub fn log(&mut self) -> Vec<Value> {
        let page = self.red.ok(json!({"type": "history", "room": self.room, "limit": 1000}));
        assert_eq!(page["more"], false);
        check_log(list(&page["events"]));
        list(&page["events"]).to_vec()
    }

    pub fn request(&self, kind: &str) -> Value {
        json!({"type": kind, "room": self.room})
    }

    pub fn seat_of_red(&self) -> Value {
        json!({"type": "join", "room": self.room, "seat": self.secrets["seat"]})
    }
}

/// Red has four on top of each other.
pub const RED_WINS: [usize; 7] = [0, 1, 0, 1, 0, 1, 0];

pub fn creating_takes_the_red_seat(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    let secrets = ann.ok(json!({"type": "create", "kind": "connect4", "room": "table"}));
    let [join, watch, seat] = ["join", "watch", "seat"].map(|secret| text(&secrets[secret]));
    assert!(join != watch && watch != seat && seat != join, "{secrets}");
    assert!([&join, &watch, &seat].iter().all(|secret| secret.len() >= 20), "not to be guessed: {secrets}");
    let joined = ann.ok(json!({"type": "join", "room": "table", "seat": seat}));
    let kinds: Vec<&Value> = list(&joined["events"]).iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds, ["created", "seated"]);
    assert_eq!((&joined["events"][1]["player"], &joined["events"][1]["user"]), (&json!("red"), &ann.user));
    let game = &joined["game"];
    assert_eq!((&game["status"], &game["turn"], &game["moves"]), (&json!("waiting"), &Value::Null, &json!([])));
    assert_eq!(
        (&game["you"], &game["players"]["yellow"], &game["spectators"]),
        (&json!("red"), &Value::Null, &json!(0))
    );
    assert_eq!((&game["players"]["red"]["user"], &game["players"]["red"]["online"]), (&ann.user, &json!(true)));
    ann.refused(json!({"type": "play", "room": "table", "column": 0}), "not_your_turn");
    let joined = bo.ok(json!({"type": "join", "key": join}));
    let game = &joined["game"];
    assert_eq!((&game["status"], &game["turn"], &game["begins"]), (&json!("playing"), &json!("red"), &json!("red")));
    assert_eq!((&game["you"], &game["players"]["yellow"]["user"]), (&json!("yellow"), &bo.user));
    assert!(!text(&game["seat"]).is_empty());
    let seated = ann.event("seated");
    assert_eq!((&seated["player"], &seated["user"], &seated["seq"]), (&json!("yellow"), &bo.user, &json!(3)));
}

pub fn secrets_are_not_revealed(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let [join, watch, red] = ["join", "watch", "seat"].map(|secret| text(&table.secrets[secret]));
    let yellow = table.seat.clone();
    let mut shown = Vec::new();
    let (mut watching, mut visiting, mut late) = (house.guest(), house.guest(), house.guest());
    shown.push(watching.ok(json!({"type": "join", "key": watch})));
    shown.push(late.ok(json!({"type": "join", "key": join})));
    shown.push(visiting.join(&table.room));
    table.play(&RED_WINS);
    shown.extend(watching.all());
    shown.extend(table.log());
    shown.push(visiting.ok(json!({"type": "rooms"})));
    shown.push(table.yellow.ok(json!({"type": "join", "room": table.room, "seat": yellow})));
    shown.push(table.red.ok(table.seat_of_red()));
    for frame in shown {
        let frame = frame.to_string();
        for secret in [&join, &watch, &red, &yellow] {
            assert!(!frame.contains(secret.as_str()), "a secret in {frame}");
        }
    }
    let log = house.log();
    for secret in [&join, &watch, &red, &yellow] {
        assert!(!log.contains(secret.as_str()), "a secret in the server's log");
    }
    for wrong in ["", "x", &red, &yellow, &join[1..]] {
        let answer = visiting.request(json!({"type": "join", "key": wrong}));
        assert_eq!(answer["code"], "no_such_room", "only keys are keys: {answer}");
    }
    for wrong in ["", "x", &join, &watch, &red[1..]] {
        let answer = visiting.request(json!({"type": "join", "room": table.room, "seat": wrong}));
        assert_eq!(answer["code"], "forbidden", "only seats are seats: {answer}");
    }
}

pub fn the_join_key_seats_once_and_then_watches(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let mut cleo = house.person("Cleo");
    let joined = cleo.ok(json!({"type": "join", "key": table.secrets["join"]}));
    assert_eq!((&joined["game"]["you"], joined["game"].get("seat")), (&Value::Null, None));
    assert_eq!(joined["game"]["spectators"], 1);
    cleo.refused(json!({"type": "play", "room": table.room, "column": 0}), "not_a_player");
    let again = cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    assert_eq!((&again["game"]["you"], &again["game"]["spectators"]), (&Value::Null, &json!(1)));

    let tab = house.person("Dan");
    let other_tab = house.again(&tab.token);
    let own = Table::laid(json!({"type": "create", "kind": "connect4"}), tab, other_tab);
    assert_eq!(own.red.id(), own.yellow.id(), "two tabs of one browser are two players");
    assert_eq!(table.red.join(&own.room)["game"]["spectators"], 1);
    let racers: Vec<Value> = {
        let secrets = table.red.ok(json!({"type": "create", "kind": "connect4"}));
        let mut racers: Vec<Client> = (0..8).map(|_| house.guest()).collect();
        let asked: Vec<Value> =
            racers.iter_mut().map(|racer| racer.ask(json!({"type": "join", "key": secrets["join"]}))).collect();
        racers.iter_mut().zip(&asked).map(|(racer, id)| racer.answer(id)).collect()
    };
    let seated = racers.iter().filter(|answer| answer["game"]["you"] == "yellow").count();
    let watching = racers.iter().filter(|answer| answer["type"] == "ok" && answer["game"]["you"].is_null()).count();
    assert_eq!((seated, watching), (1, 7), "{racers:#?}");
}

pub fn the_watch_key_only_watches(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    for unlisted in [false, true] {
        let secrets = ann.ok(json!({"type": "create", "kind": "connect4", "unlisted": unlisted}));
        let watching = bo.ok(json!({"type": "join", "key": secrets["watch"]}));
        let game = &watching["game"];
        assert_eq!((&game["you"], game.get("seat"), &game["status"]), (&Value::Null, None, &json!("waiting")));
        if unlisted {
            let answer = bo.request(json!({"type": "join", "key": secrets["watch"], "sit": true}));
            assert_ne!(answer["game"]["you"], "yellow", "for that it takes the other key: {answer}");
        }
        assert_eq!(bo.ok(json!({"type": "join", "key": secrets["join"]}))["game"]["you"], "yellow");
    }
}

pub fn a_listed_game_is_watched_or_sat_at(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo, mut cleo) = (house.person("Ann"), house.person("Bo"), house.person("Cleo"));
    let secrets = ann.ok(json!({"type": "create", "kind": "connect4", "room": "table"}));
    ann.ok(json!({"type": "join", "room": "table", "seat": secrets["seat"]}));
    let listed = |asker: &mut Client| asker.ok(json!({"type": "rooms"}))["rooms"][0].clone();
    assert_eq!((&listed(&mut bo)["kind"], &listed(&mut bo)["room"]), (&json!("connect4"), &json!("table")));
    assert_eq!(cleo.join("table")["game"]["you"], Value::Null);
    let sat = bo.ok(json!({"type": "join", "room": "table", "sit": true}));
    assert_eq!((&sat["game"]["you"], &sat["game"]["status"]), (&json!("yellow"), &json!("playing")));
    let seat = text(&sat["game"]["seat"]);
    ann.ok(json!({"type": "play", "room": "table", "column": 3}));
    bo.ok(json!({"type": "play", "room": "table", "column": 3}));
    let answer = cleo.request(json!({"type": "join", "room": "table", "sit": true}));
    assert_ne!(answer["game"]["you"], "yellow", "there is no free seat: {answer}");
    let mut elsewhere = house.guest();
    let back = elsewhere.ok(json!({"type": "join", "room": "table", "seat": seat}));
    assert_eq!(back["game"]["you"], "yellow", "the seat that was given is a seat");
}

pub fn an_unlisted_game_needs_a_key(on: On) {
    let house = House::open(on, &[]);
    let create = json!({"type": "create", "kind": "connect4", "room": "back room", "unlisted": true});
    let mut table = Table::laid(create, house.person("Ann"), house.person("Bo"));
    let mut cleo = house.person("Cleo");
    for request in
        [json!({"type": "join", "room": "back room"}), json!({"type": "join", "room": "back room", "sit": true})]
    {
        let answer = cleo.request(request);
        let code = text(&answer["code"]);
        assert!(["forbidden", "no_such_room"].contains(&code.as_str()), "{answer}");
    }
    for request in ["history", "users"] {
        let answer = cleo.request(json!({"type": request, "room": "back room"}));
        assert_eq!(answer["type"], "error", "nor is it shown in another way: {answer}");
    }
    cleo.hears_nothing();
    assert_eq!(cleo.ok(json!({"type": "rooms"}))["rooms"], json!([]));
    let watching = cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    assert_eq!((&watching["room"], &watching["game"]["you"]), (&json!("back room"), &Value::Null));
    table.play(&RED_WINS);
    assert_eq!(cleo.event("ended")["winner"], "red");
}
