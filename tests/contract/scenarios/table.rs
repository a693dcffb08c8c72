//! Games: laying a table, its seats and its secrets. Nothing here is about one game: [`crate::game`] says which is played.

use parlor_testkit::connect4::Colour;
use parlor_testkit::{Client, list, text};
use serde_json::{Value, json};

use crate::game;
use crate::stage::{House, On};

/// A game, as far as these scenarios have to know it.
pub struct Game {
    /// Its name in `create`.
    pub kind: &'static str,
    /// Its seats; the first one begins.
    pub seats: [&'static str; 2],
    /// The field of `play`.
    pub field: &'static str,
    /// Moves in turn that end nothing.
    pub opening: [usize; 6],
    /// Moves in turn with which who begins wins.
    pub win: &'static [usize],
    /// Checks the whole log of a room.
    pub check: fn(&[Value]),
}

impl Game {
    /// The seat of who makes the first move of a first round.
    pub fn first(&self) -> &'static str {
        self.seats[0]
    }

    pub fn second(&self) -> &'static str {
        self.seats[1]
    }

    pub fn create(&self) -> Value {
        json!({"type": "create", "kind": self.kind})
    }

    pub fn play(&self, room: &str, at: usize) -> Value {
        json!({"type": "play", "room": room, self.field: at})
    }
}

/// Two people at a table of theirs: red is who begins the first round.
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
        Self::laid(game().create(), house.person("Ann"), house.person("Bo"))
    }

    pub fn laid(create: Value, mut red: Client, mut yellow: Client) -> Self {
        let secrets = red.ok(create);
        let room = text(&secrets["room"]);
        let joined = red.ok(json!({"type": "join", "room": room, "seat": secrets["seat"]}));
        assert_eq!(joined["game"]["you"], game().first(), "{joined}");
        let joined = yellow.ok(json!({"type": "join", "key": secrets["join"]}));
        assert_eq!((&joined["room"], &joined["game"]["you"]), (&json!(room), &json!(game().second())), "{joined}");
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

    /// Moves `from..to` of the opening.
    pub fn open(&mut self, from: usize, to: usize) {
        for n in from..to {
            let play = game().play(&self.room, game().opening[n]);
            self.player([Colour::Red, Colour::Yellow][n % 2]).ok(play);
        }
    }

    /// Red wins.
    pub fn win(&mut self) {
        self.play(game().win);
    }

    /// Moves in turn, red first.
    pub fn play(&mut self, columns: &[usize]) {
        for (n, column) in columns.iter().enumerate() {
            let play = game().play(&self.room, *column);
            self.player([Colour::Red, Colour::Yellow][n % 2]).ok(play);
        }
    }

    /// The whole log, checked.
    pub fn log(&mut self) -> Vec<Value> {
        let page = self.red.ok(json!({"type": "history", "room": self.room, "limit": 1000}));
        assert_eq!(page["more"], false);
        (game().check)(list(&page["events"]));
        list(&page["events"]).to_vec()
    }

    pub fn request(&self, kind: &str) -> Value {
        json!({"type": kind, "room": self.room})
    }

    pub fn seat_of_red(&self) -> Value {
        json!({"type": "join", "room": self.room, "seat": self.secrets["seat"]})
    }
}

pub fn creating_takes_the_red_seat(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    let secrets = ann.ok(json!({"type": "create", "kind": game().kind, "room": "table"}));
    let [join, watch, seat] = ["join", "watch", "seat"].map(|secret| text(&secrets[secret]));
    assert!(join != watch && watch != seat && seat != join, "{secrets}");
    assert!([&join, &watch, &seat].iter().all(|secret| secret.len() >= 20), "not to be guessed: {secrets}");
    let joined = ann.ok(json!({"type": "join", "room": "table", "seat": seat}));
    let kinds: Vec<&Value> = list(&joined["events"]).iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds, ["created", "seated"]);
    assert_eq!((&joined["events"][1]["player"], &joined["events"][1]["user"]), (&json!(game().first()), &ann.user));
    let shown = &joined["game"];
    assert_eq!((&shown["status"], &shown["turn"], &shown["moves"]), (&json!("waiting"), &Value::Null, &json!([])));
    assert_eq!(
        (&shown["you"], &shown["players"][game().second()], &shown["spectators"]),
        (&json!(game().first()), &Value::Null, &json!(0))
    );
    assert_eq!(
        (&shown["players"][game().first()]["user"], &shown["players"][game().first()]["online"]),
        (&ann.user, &json!(true))
    );
    ann.refused(game().play("table", 0), "not_your_turn");
    let joined = bo.ok(json!({"type": "join", "key": join}));
    let shown = &joined["game"];
    assert_eq!(
        (&shown["status"], &shown["turn"], &shown["begins"]),
        (&json!("playing"), &json!(game().first()), &json!(game().first()))
    );
    assert_eq!((&shown["you"], &shown["players"][game().second()]["user"]), (&json!(game().second()), &bo.user));
    assert!(!text(&shown["seat"]).is_empty());
    let seated = ann.event("seated");
    assert_eq!((&seated["player"], &seated["user"], &seated["seq"]), (&json!(game().second()), &bo.user, &json!(3)));
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
    table.win();
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
    cleo.refused(game().play(&table.room, 0), "not_a_player");
    let again = cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    assert_eq!((&again["game"]["you"], &again["game"]["spectators"]), (&Value::Null, &json!(1)));

    let tab = house.person("Dan");
    let other_tab = house.again(&tab.token);
    let own = Table::laid(game().create(), tab, other_tab);
    assert_eq!(own.red.id(), own.yellow.id(), "two tabs of one browser are two players");
    assert_eq!(table.red.join(&own.room)["game"]["spectators"], 1);
    let racers: Vec<Value> = {
        let secrets = table.red.ok(game().create());
        let mut racers: Vec<Client> = (0..8).map(|_| house.guest()).collect();
        let asked: Vec<Value> =
            racers.iter_mut().map(|racer| racer.ask(json!({"type": "join", "key": secrets["join"]}))).collect();
        racers.iter_mut().zip(&asked).map(|(racer, id)| racer.answer(id)).collect()
    };
    let seated = racers.iter().filter(|answer| answer["game"]["you"] == game().second()).count();
    let watching = racers.iter().filter(|answer| answer["type"] == "ok" && answer["game"]["you"].is_null()).count();
    assert_eq!((seated, watching), (1, 7), "{racers:#?}");
}

pub fn the_watch_key_only_watches(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    for unlisted in [false, true] {
        let secrets = ann.ok(json!({"type": "create", "kind": game().kind, "unlisted": unlisted}));
        let watching = bo.ok(json!({"type": "join", "key": secrets["watch"]}));
        let shown = &watching["game"];
        assert_eq!((&shown["you"], shown.get("seat"), &shown["status"]), (&Value::Null, None, &json!("waiting")));
        if unlisted {
            let answer = bo.request(json!({"type": "join", "key": secrets["watch"], "sit": true}));
            assert_ne!(answer["game"]["you"], game().second(), "for that it takes the other key: {answer}");
        }
        assert_eq!(bo.ok(json!({"type": "join", "key": secrets["join"]}))["game"]["you"], game().second());
    }
}

pub fn a_listed_game_is_watched_or_sat_at(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo, mut cleo) = (house.person("Ann"), house.person("Bo"), house.person("Cleo"));
    let secrets = ann.ok(json!({"type": "create", "kind": game().kind, "room": "table"}));
    ann.ok(json!({"type": "join", "room": "table", "seat": secrets["seat"]}));
    let listed = |asker: &mut Client| asker.ok(json!({"type": "rooms"}))["rooms"][0].clone();
    assert_eq!((&listed(&mut bo)["kind"], &listed(&mut bo)["room"]), (&json!(game().kind), &json!("table")));
    assert_eq!(cleo.join("table")["game"]["you"], Value::Null);
    let sat = bo.ok(json!({"type": "join", "room": "table", "sit": true}));
    assert_eq!((&sat["game"]["you"], &sat["game"]["status"]), (&json!(game().second()), &json!("playing")));
    let seat = text(&sat["game"]["seat"]);
    ann.ok(game().play("table", game().opening[0]));
    bo.ok(game().play("table", game().opening[1]));
    let answer = cleo.request(json!({"type": "join", "room": "table", "sit": true}));
    assert_ne!(answer["game"]["you"], game().second(), "there is no free seat: {answer}");
    let mut elsewhere = house.guest();
    let back = elsewhere.ok(json!({"type": "join", "room": "table", "seat": seat}));
    assert_eq!(back["game"]["you"], game().second(), "the seat that was given is a seat");
}

pub fn an_unlisted_game_needs_a_key(on: On) {
    let house = House::open(on, &[]);
    let create = json!({"type": "create", "kind": game().kind, "room": "back room", "unlisted": true});
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
    table.win();
    assert_eq!(cleo.event("ended")["winner"], game().first());
}
