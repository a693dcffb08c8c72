//! Connect Four: seats, secrets, moves, absence.

use serde_json::{Value, json};

use crate::oracle::{Board, COLUMNS, Colour, a_draw, check_log};
use crate::stage::{Client, House, On, eventually, list, text};

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
        Self::laid(house, json!({"type": "create", "kind": "connect4"}), house.person("Ann"), house.person("Bo"))
    }

    pub fn laid(_: &House, create: Value, mut red: Client, mut yellow: Client) -> Self {
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
    fn play(&mut self, columns: &[usize]) {
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

    fn request(&self, kind: &str) -> Value {
        json!({"type": kind, "room": self.room})
    }

    fn seat_of_red(&self) -> Value {
        json!({"type": "join", "room": self.room, "seat": self.secrets["seat"]})
    }
}

/// Red has four on top of each other.
const RED_WINS: [usize; 7] = [0, 1, 0, 1, 0, 1, 0];

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

pub fn a_whole_game(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let mut spectator = house.person("Cleo");
    spectator.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    table.yellow.forget_heard();
    let mut board = Board::new(Colour::Red);
    for (n, column) in RED_WINS.into_iter().enumerate() {
        let colour = board.turn;
        let dropped = board.play(column);
        let request = json!({"type": "play", "room": table.room, "column": column});
        table.player(colour.other()).refused(request.clone(), "not_your_turn");
        let played = table.player(colour).ok(request);
        assert_eq!((&played["row"], &played["seq"]), (&json!(dropped.row), &json!(4 + n)));
        let turn = (!board.is_over).then(|| board.turn.word());
        let event = json!({"type": "played", "room": table.room, "seq": 4 + n, "player": colour.word(), "column": column, "row": dropped.row, "turn": turn});
        for client in [&mut table.red, &mut table.yellow, &mut spectator] {
            assert_eq!(client.event("played"), event);
        }
    }
    let ended = json!({"type": "ended", "room": table.room, "seq": 11, "result": "won", "winner": "red", "line": [[0, 0], [0, 1], [0, 2], [0, 3]]});
    for client in [&mut table.red, &mut table.yellow, &mut spectator] {
        assert_eq!(client.event("ended"), ended);
    }
    for client in [&mut table.red, &mut table.yellow] {
        for request in
            [json!({"type": "play", "room": table.room, "column": 3}), json!({"type": "resign", "room": table.room})]
        {
            client.refused(request, "game_over");
        }
    }
    let joined = house.guest().join(&table.room);
    let game = &joined["game"];
    assert_eq!((&game["status"], &game["turn"], &game["moves"]), (&json!("over"), &Value::Null, &json!(RED_WINS)));
    assert_eq!((&game["result"], &game["winner"], &game["line"]), (&json!("won"), &json!("red"), &ended["line"]));
    table.log();
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
    let own = Table::laid(&house, json!({"type": "create", "kind": "connect4"}), tab, other_tab);
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
    let mut table = Table::laid(&house, create, house.person("Ann"), house.person("Bo"));
    let mut cleo = house.person("Cleo");
    for request in
        [json!({"type": "join", "room": "back room"}), json!({"type": "join", "room": "back room", "sit": true})]
    {
        let answer = cleo.request(request);
        let code = text(&answer["code"]);
        assert!(["forbidden", "no_such_room"].contains(&code.as_str()), "{answer}");
    }
    cleo.hears_nothing();
    assert_eq!(cleo.ok(json!({"type": "rooms"}))["rooms"], json!([]));
    let watching = cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    assert_eq!((&watching["room"], &watching["game"]["you"]), (&json!("back room"), &Value::Null));
    table.play(&RED_WINS);
    assert_eq!(cleo.event("ended")["winner"], "red");
}

pub fn a_seat_comes_back_on_any_connection(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    table.play(&[3, 3]);
    let secret = table.seat_of_red();
    table.red = house.guest(); // not even the same user
    let joined = table.red.ok(secret);
    let game = &joined["game"];
    assert_eq!((&game["you"], &game["moves"], &game["turn"]), (&json!("red"), &json!([3, 3]), &json!("red")));
    table.yellow = house.guest();
    table.yellow.ok(json!({"type": "join", "room": table.room, "seat": table.seat}));
    table.play(&[0, 1, 0, 1]);
    table.log();
}

pub fn the_newest_holder_plays(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let mut newest = house.guest();
    newest.ok(table.seat_of_red());
    newest.ok(json!({"type": "play", "room": table.room, "column": 0}));
    table.yellow.ok(json!({"type": "play", "room": table.room, "column": 1}));
    let answer = table.red.request(json!({"type": "play", "room": table.room, "column": 6}));
    assert_eq!(answer["code"], "not_your_turn", "another holds the seat now: {answer}");
    newest.ok(json!({"type": "play", "room": table.room, "column": 0}));
    let moves: Vec<Value> =
        table.log().iter().filter(|event| event["type"] == "played").map(|event| event["column"].clone()).collect();
    assert_eq!(moves, [0, 1, 0]);
    table.yellow.ok(json!({"type": "play", "room": table.room, "column": 1}));
    let seat = table.seat_of_red();
    table.red.ok(seat);
    table.red.ok(json!({"type": "play", "room": table.room, "column": 6}));
}

pub fn a_double_press_is_one_move(on: On) {
    let house = House::open(on, &["--journal", "parlor.db"]);
    let mut table = Table::lay(&house);
    let moves = a_draw();
    for (n, column) in moves[..12].iter().enumerate() {
        let room = table.room.clone();
        let client = table.player([Colour::Red, Colour::Yellow][n % 2]);
        let asked = [*column, (column + 1) % COLUMNS]
            .map(|column| client.ask(json!({"type": "play", "room": room, "column": column})));
        let answers = asked.map(|id| client.answer(&id));
        assert_eq!((&answers[0]["type"], &answers[1]["code"]), (&json!("ok"), &json!("not_your_turn")), "{answers:?}");
        let event = client.event_where("played", |event| event["seq"] == answers[0]["seq"]);
        assert_eq!(event["column"], json!(column));
    }
    let mut second_tab = house.guest();
    second_tab.ok(table.seat_of_red());
    let play = |column| json!({"type": "play", "room": table.room, "column": column});
    let asked = (table.red.ask(play(moves[12])), second_tab.ask(play(moves[12])));
    let answers = [table.red.answer(&asked.0), second_tab.answer(&asked.1)];
    assert_eq!(answers.iter().filter(|answer| answer["type"] == "ok").count(), 1, "{answers:?}");
    table.log();
}

pub fn moves_that_cannot_be_made(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    for column in [json!(-1), json!(7), json!(1.5), json!(3.0), json!("3"), Value::Null, json!([3]), json!(u64::MAX)] {
        table.red.refused(json!({"type": "play", "room": table.room, "column": column}), "bad_request");
    }
    table.red.refused(table.request("play"), "bad_request");
    table.red.refused(table.request("rematch"), "forbidden");
    table.play(&[3, 3, 3, 3, 3, 3]);
    table.red.refused(json!({"type": "play", "room": table.room, "column": 3}), "column_full");
    table.yellow.refused(json!({"type": "play", "room": table.room, "column": 3}), "not_your_turn");
    table.red.ok(json!({"type": "play", "room": table.room, "column": 2}));
    assert_eq!(
        table.log().iter().filter(|event| event["type"] == "played").count(),
        7,
        "and nothing else has happened"
    );
}

pub fn who_watches_cannot_play(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let mut cleo = house.person("Cleo");
    cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    table.red.forget_heard();
    table.yellow.forget_heard();
    let seat = table.secrets["seat"].clone();
    for request in [
        json!({"type": "play", "room": table.room, "column": 3}),
        json!({"type": "play", "room": table.room, "column": 3, "player": "red", "seat": seat, "user": table.red.user}),
        table.request("resign"),
        table.request("rematch"),
    ] {
        cleo.refused(request, "not_a_player");
    }
    for client in [&mut table.red, &mut table.yellow, &mut cleo] {
        client.hears_nothing();
    }
    assert_eq!(cleo.join(&table.room)["game"]["moves"], json!([]));
}

pub fn resigning(on: On) {
    let house = House::open(on, &[]);
    for (colour, moves) in [(Colour::Red, &[][..]), (Colour::Yellow, &[]), (Colour::Red, &[3]), (Colour::Yellow, &[3])]
    {
        let guests = (house.guest(), house.guest());
        let mut table = Table::laid(&house, json!({"type": "create", "kind": "connect4"}), guests.0, guests.1);
        table.play(moves);
        let request = table.request("resign");
        let resigned = table.player(colour).ok(request.clone());
        let ended = table.player(colour.other()).event("ended");
        assert_eq!(
            ended,
            json!({"type": "ended", "room": table.room, "seq": resigned["seq"], "result": "resigned", "winner": colour.other().word(), "line": []})
        );
        table.player(colour.other()).refused(request, "game_over");
        table.log();
    }
}

pub fn a_drawn_game(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    table.play(&a_draw());
    let ended = table.yellow.event("ended");
    assert_eq!((&ended["result"], &ended["winner"], &ended["line"]), (&json!("drawn"), &Value::Null, &json!([])));
    table.log();
}

pub fn a_rematch_is_begun_by_the_other(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    table.play(&RED_WINS);
    let rematch = table.request("rematch");
    let offered = table.red.ok(rematch.clone());
    let event = table.yellow.event("rematch_offered");
    assert_eq!(event, json!({"type": "rematch_offered", "room": table.room, "seq": offered["seq"], "player": "red"}));
    table.red.refused(json!({"type": "play", "room": table.room, "column": 0}), "game_over");
    let agreed = table.yellow.ok(rematch.clone());
    let event = table.red.event("rematched");
    assert_eq!(event, json!({"type": "rematched", "room": table.room, "seq": agreed["seq"], "begins": "yellow"}));
    table.red.refused(json!({"type": "play", "room": table.room, "column": 0}), "not_your_turn");
    for n in 0..7 {
        let play = json!({"type": "play", "room": table.room, "column": n % 2});
        table.player([Colour::Yellow, Colour::Red][n % 2]).ok(play);
    }
    let ended = table.red.event_where("ended", |event| event["winner"] == "yellow");
    assert_eq!(ended["result"], "won", "seats keep their colour");
    table.yellow.ok(rematch.clone());
    table.red.ok(rematch);
    assert_eq!(table.yellow.event_where("rematched", |event| event["begins"] == "red")["begins"], "red");
    let rounds = check_log(&table.log());
    assert_eq!(rounds.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 0]);
}

pub fn away_and_back(on: On) {
    let house = House::open(on, &["--presence-grace", "5m"]);
    let mut table = Table::lay(&house);
    let mut cleo = house.guest();
    cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    let seat = table.seat_of_red();
    for _ in 0..2 {
        table.red = house.guest(); // the one before drops, without the presence grace
        let away = table.yellow.event("away");
        assert_eq!(away, cleo.event("away"));
        assert_eq!((&away["room"], &away["player"]), (&json!(table.room), &json!("red")));
        assert!(chrono::DateTime::parse_from_rfc3339(&text(&away["forfeits_at"])).is_ok());
        assert_eq!(away.get("seq"), None, "it is not kept");
        let joined = house.guest().join(&table.room);
        let players = &joined["game"]["players"];
        assert_eq!((&players["red"]["online"], &players["yellow"]["online"]), (&json!(false), &json!(true)));
        assert_eq!(players["red"]["forfeits_at"], away["forfeits_at"]);
        table.red.ok(seat.clone());
        assert_eq!(table.yellow.event("back"), json!({"type": "back", "room": table.room, "player": "red"}));
    }
    table.play(&RED_WINS);
    assert_eq!(table.yellow.event("ended")["result"], "won");
    table.log();
}

pub fn away_off_turn_is_no_matter(on: On) {
    let house = House::open(on, &["--presence-grace", "0s"]);
    let mut table = Table::lay(&house);
    let (user, seat, room) = (table.yellow.user.clone(), table.seat.clone(), table.room.clone());
    table.yellow = house.guest(); // off turn, the one before drops
    table.red.event_where("left", |event| event["user"] == user);
    let heard = table.red.all();
    assert!(heard.iter().all(|event| event["type"] != "away"), "{heard:#?}");
    table.red.ok(json!({"type": "play", "room": room, "column": 0}));
    assert_eq!(table.red.event("away")["player"], "yellow", "now it is their turn");
    table.yellow.ok(json!({"type": "join", "room": room, "seat": seat}));
    assert_eq!(table.red.event("back")["player"], "yellow");
    // Two connections hold the seat; one goes.
    let mut second = house.guest();
    second.ok(json!({"type": "join", "room": room, "seat": seat}));
    let user = second.user.clone();
    drop(second);
    table.red.event_where("left", |event| event["user"] == user);
    table.yellow.ok(json!({"type": "play", "room": room, "column": 1}));
    let heard = table.red.all();
    assert!(heard.iter().all(|event| event["type"] != "away"), "somebody held it all the time: {heard:#?}");
}

pub fn away_too_long_is_a_forfeit(on: On) {
    let house = House::open(on, &["--forfeit-after", "300ms"]);
    let mut table = Table::lay(&house);
    table.play(&[3]);
    let (seat, room) = (table.seat.clone(), table.room.clone());
    table.yellow = house.guest();
    assert_eq!(table.red.event("away")["player"], "yellow");
    let ended = table.red.event("ended");
    assert_eq!((&ended["result"], &ended["winner"], &ended["line"]), (&json!("forfeited"), &json!("red"), &json!([])));
    assert_eq!(ended["seq"], 5);
    let back = table.yellow.ok(json!({"type": "join", "room": room, "seat": seat}));
    assert_eq!((&back["game"]["status"], &back["game"]["result"]), (&json!("over"), &json!("forfeited")));
    table.yellow.refused(json!({"type": "play", "room": room, "column": 0}), "game_over");
    for client in [&mut table.red, &mut table.yellow] {
        client.ok(json!({"type": "rematch", "room": room}));
    }
    table.yellow.ok(json!({"type": "play", "room": room, "column": 0}));
    table.log();
}

pub fn people_talk_at_the_table(on: On) {
    let house = House::open(on, &[]);
    let mut table = Table::lay(&house);
    let mut cleo = house.person("Cleo");
    cleo.ok(json!({"type": "join", "key": table.secrets["watch"]}));
    cleo.say(&table.room.clone(), "Good luck");
    for client in [&mut table.red, &mut table.yellow] {
        assert_eq!(client.event("message")["body"], "Good luck");
    }
    table.play(&RED_WINS);
    table.red.say(&table.room.clone(), "Thanks");
    assert_eq!(cleo.event("message")["body"], "Good luck");
    assert_eq!(cleo.event("message")["body"], "Thanks");
    table.log();
    eventually("the game is listed", || {
        let rooms = cleo.ok(json!({"type": "rooms"}));
        list(&rooms["rooms"]).iter().any(|room| room["room"] == table.room).then_some(())
    });
}
