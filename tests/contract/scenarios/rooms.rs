//! Joining, leaving, making and listing rooms.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::thread;

use parlor_testkit::{Client, list, number, text};
use serde_json::{Value, json};

use crate::stage::{House, On};

pub fn joining_makes_a_chat_room(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.person("Ann");
    let joined = ann.join("lobby");
    assert_eq!(joined["room"], "lobby");
    assert_eq!(joined["kind"], "chat");
    assert!(!text(&joined["epoch"]).is_empty());
    assert_eq!(joined["recovered"], false);
    assert_eq!(number(&joined["seq"]), list(&joined["events"]).len() as u64);
    assert_eq!(joined["members"], json!([ann.user]), "with oneself among them");
    assert_eq!(joined["online"], 1);
    assert_eq!(joined.get("game"), None);
    ann.hears_nothing();
    let mut bo = house.person("Bo");
    let again = bo.join("lobby");
    assert_eq!((&again["epoch"], &again["seq"], &again["online"]), (&joined["epoch"], &joined["seq"], &json!(2)));
    let members: BTreeSet<String> = list(&again["members"]).iter().map(Value::to_string).collect();
    assert_eq!(members, BTreeSet::from([ann.user.to_string(), bo.user.to_string()]));
}

pub fn joining_again_is_allowed(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    ann.join("lobby");
    bo.join("lobby");
    ann.say("lobby", "one");
    ann.forget_heard();
    let first = bo.join("lobby");
    let second = bo.join("lobby");
    for field in ["room", "kind", "epoch", "seq", "recovered", "events", "members", "online"] {
        assert_eq!(first[field], second[field], "{field}");
    }
    ann.hears_nothing();
    ann.say("lobby", "two");
    let said: Vec<Value> = bo.all_of("message").iter().map(|event| event["body"].clone()).collect();
    assert_eq!(said, ["one", "two"], "each once, however often it joined");
    bo.ok(json!({"type": "leave", "room": "lobby"}));
    bo.refused(json!({"type": "leave", "room": "lobby"}), "not_in_room");
}

pub fn who_leaves_hears_no_more(on: On) {
    let house = House::open(on, &["--presence-grace", "100ms"]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    ann.join("lobby");
    bo.join("lobby");
    let left = bo.ok(json!({"type": "leave", "room": "lobby"}));
    assert_eq!(left.as_object().unwrap().len(), 2, "nothing but type and re: {left}");
    let heard = ann.event("left");
    assert_eq!(heard, json!({"type": "left", "room": "lobby", "user": bo.user, "online": 1}));
    bo.forget_heard();
    ann.say("lobby", "is anybody here?");
    bo.hears_nothing();
    let joined = bo.join("lobby");
    assert_eq!(list(&joined["events"]).last().unwrap()["body"], "is anybody here?");
    assert_eq!(ann.event_where("joined", |event| event["user"] == bo.user)["online"], 2);
}

pub fn one_has_to_be_in_a_room(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.guest(), house.guest());
    bo.join("lobby");
    bo.ok(json!({"type": "create", "kind": "counter", "room": "votes"}));
    bo.ok(json!({"type": "create", "kind": "connect4", "room": "table"}));
    for request in [
        json!({"type": "say", "room": "lobby", "body": "x"}),
        json!({"type": "typing", "room": "lobby"}),
        json!({"type": "leave", "room": "lobby"}),
        json!({"type": "count", "room": "votes", "by": 1}),
        json!({"type": "play", "room": "table", "column": 0}),
        json!({"type": "resign", "room": "table"}),
        json!({"type": "rematch", "room": "table"}),
    ] {
        ann.refused(request.clone(), "not_in_room");
        bo.forget_heard();
    }
    bo.hears_nothing();
    assert_eq!(bo.join("votes")["value"], 0);
}

pub fn rooms_and_games_that_are_not_there(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    ann.refused(json!({"type": "join", "key": "no key of any room"}), "no_such_room");
    ann.refused(json!({"type": "join", "key": ""}), "no_such_room");
    ann.refused(json!({"type": "users", "room": "nowhere"}), "no_such_room");
    ann.refused(json!({"type": "history", "room": "nowhere"}), "no_such_room");
    ann.join("lobby");
    for request in ["play", "resign", "rematch"] {
        ann.refused(json!({"type": request, "room": "lobby", "column": 0}), "no_such_game");
    }
    let refused = ann.request(json!({"type": "count", "room": "lobby", "by": 1}));
    assert_eq!(refused["type"], "error", "a chat room counts nothing");
}

pub fn room_names(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    let longest = "𠀀".repeat(64);
    for (given, taken) in [
        ("e\u{301}", "é"),
        ("Lobby 2", "Lobby 2"),
        ("休息室", "休息室"),
        ("🦀 & <friends>", "🦀 & <friends>"),
        (&longest, &longest),
        ("a@b", "a@b"),
    ] {
        assert_eq!(ann.join(given)["room"], taken, "{given}");
        ann.say(given, "under either name");
        assert_eq!(ann.event("message")["room"], taken);
    }
    let too_long = "x".repeat(65);
    for name in ["", &too_long, "@", "@inbox2", "@lobby", "a\nb", "a\u{7f}b", "a\u{0}", "\u{202e}abc", "a\u{2069}"] {
        for request in ["join", "create", "leave", "say", "users"] {
            let request = json!({"type": request, "room": name, "kind": "chat", "body": "x"});
            assert!(text(&ann.refused(request, "bad_request")["message"]).contains("room"));
        }
    }
}

pub fn a_client_is_in_so_many_rooms(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest();
    for n in 0..64 {
        ann.join(&format!("room {n}"));
    }
    ann.refused(json!({"type": "join", "room": "one too many"}), "bad_request");
    ann.join("room 7");
    ann.ok(json!({"type": "leave", "room": "room 7"}));
    ann.join("one more");
    ann.refused(json!({"type": "join", "room": "room 7"}), "bad_request");
    ann.ok(json!({"type": "join", "room": "@inbox"}));
}

pub fn created_rooms_begin_with_created(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.person("Ann");
    for kind in ["chat", "counter", "connect4"] {
        let made = ann.ok(json!({"type": "create", "kind": kind, "room": kind}));
        assert_eq!(made["room"], kind);
        for secret in ["join", "watch", "seat"] {
            assert_eq!(made.get(secret).is_some(), kind == "connect4", "{made}");
        }
        ann.refused(json!({"type": "say", "room": kind, "body": "creating is not joining"}), "not_in_room");
        ann.refused(json!({"type": "create", "kind": kind, "room": kind}), "name_taken");
        let joined = ann.join(kind);
        assert_eq!(joined["kind"], kind);
        let first = &joined["events"][0];
        assert_eq!((&first["type"], &first["seq"], &first["kind"]), (&json!("created"), &json!(1), &json!(kind)));
        assert_eq!(first["room"], kind);
        assert_eq!(joined.get("value"), (kind == "counter").then_some(&json!(0)));
        assert_eq!(joined.get("game").is_some(), kind == "connect4");
    }
    ann.join("lobby");
    ann.refused(json!({"type": "create", "kind": "chat", "room": "lobby"}), "name_taken");
    let names = [(); 2].map(|()| text(&ann.ok(json!({"type": "create", "kind": "chat"}))["room"]));
    assert!(!names[0].is_empty() && names[0] != names[1], "{names:?}");
    ann.join(&names[0]);
}

pub fn unlisted_rooms_are_not_listed(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    for (room, unlisted) in [("open", false), ("hidden", true)] {
        ann.ok(json!({"type": "create", "kind": "counter", "room": room, "unlisted": unlisted}));
        ann.join(room);
    }
    ann.join("lobby");
    ann.say("lobby", "x");
    bo.ok(json!({"type": "join", "room": "@inbox"}));
    let rooms = bo.ok(json!({"type": "rooms"}));
    assert_eq!((&rooms["more"], &rooms["next"]), (&json!(false), &Value::Null));
    let names: BTreeSet<String> = list(&rooms["rooms"]).iter().map(|room| text(&room["room"])).collect();
    assert_eq!(names, BTreeSet::from(["open".to_owned(), "lobby".to_owned()]));
    let lobby = list(&rooms["rooms"]).iter().find(|room| room["room"] == "lobby").unwrap();
    assert_eq!((&lobby["kind"], &lobby["online"]), (&json!("chat"), &json!(1)));
    let message = ann.event("message");
    assert_eq!((&lobby["seq"], &lobby["last_at"]), (&message["seq"], &message["at"]));
    for request in ["history", "users"] {
        bo.refused(json!({"type": request, "room": "hidden"}), "not_in_room");
    }
    assert_eq!(bo.join("hidden")["kind"], "counter", "who knows the name may come in");
    for request in ["history", "users"] {
        bo.ok(json!({"type": request, "room": "hidden"}));
    }
    bo.refused(json!({"type": "create", "kind": "chat", "room": "hidden"}), "name_taken");
}

pub fn of_racing_creates_one_wins(on: On) {
    let house = House::open(on, &[]);
    for round in 0..10 {
        let room = format!("room {round}");
        let mut makers: Vec<_> = (0..8).map(|_| house.guest()).collect();
        let asked: Vec<Value> =
            makers.iter_mut().map(|maker| maker.ask(json!({"type": "create", "kind": "chat", "room": room}))).collect();
        let answers: Vec<Value> = makers.iter_mut().zip(&asked).map(|(maker, id)| maker.answer(id)).collect();
        let won = answers.iter().filter(|answer| answer["type"] == "ok").count();
        let lost = answers.iter().filter(|answer| answer["code"] == "name_taken").count();
        assert_eq!((won, lost), (1, 7), "{answers:?}");
        assert_eq!(makers[0].join(&room)["seq"], 1);
    }
}

pub fn racing_joins_make_one_room(on: On) {
    let house = House::open(on, &[]);
    let joined: Vec<Value> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| house.guest().join("lobby"))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let epochs: BTreeSet<String> = joined.iter().map(|joined| text(&joined["epoch"])).collect();
    assert_eq!(epochs.len(), 1, "{joined:#?}");
}

pub fn the_server_takes_so_many_rooms(on: On) {
    let house = House::open(on, &["--max-rooms", "2"]);
    let mut ann = house.guest();
    ann.join("one");
    ann.ok(json!({"type": "create", "kind": "chat", "room": "two"}));
    ann.refused(json!({"type": "create", "kind": "chat", "room": "three"}), "server_full");
    ann.refused(json!({"type": "join", "room": "three"}), "server_full");
    ann.join("two");
}

pub fn making_rooms_is_limited_by_address(on: On) {
    let house = House::open(on, &[]);
    let mut ann = house.guest_from(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)));
    let refused = (0..1000)
        .map(|_| ann.request(json!({"type": "create", "kind": "chat"})))
        .find(|answer| answer["type"] == "error")
        .expect("a limit");
    assert_eq!(refused["code"], "rate_limited");
    assert!(number(&refused["retry_after_ms"]) > 0, "{refused}");
    ann.refused(json!({"type": "join", "room": "by joining neither"}), "rate_limited");
    let mut bo = house.guest_from(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3)));
    bo.ok(json!({"type": "create", "kind": "chat", "room": "elsewhere"}));
    ann.join("elsewhere");
}

pub fn the_list_of_rooms_is_paged(on: On) {
    let house = House::open(on, &[]);
    let mut made = BTreeSet::new();
    for last in 1..=15 {
        let mut maker = house.guest_from(IpAddr::V4(Ipv4Addr::new(127, 0, 1, last)));
        let asked: Vec<Value> = (0..70)
            .map(|n| {
                let room = format!("{}{:04}", "𠀀".repeat(60), usize::from(last) * 100 + n);
                let id = maker.ask(json!({"type": "create", "kind": "chat", "room": room}));
                assert!(made.insert(room));
                id
            })
            .collect();
        for id in &asked {
            assert_eq!(maker.answer(id)["type"], "ok");
        }
    }
    let pages = all_pages(&mut house.guest(), json!({"type": "rooms"}), "rooms");
    assert!(pages.len() > 1, "more than fits into one");
    let listed: Vec<String> = pages.concat().iter().map(|room| text(&room["room"])).collect();
    assert_eq!(listed.len(), made.len(), "each once");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), made);
}

pub fn the_list_of_users_is_paged(on: On) {
    let house = House::open(on, &[]);
    let mut people = Vec::new();
    for n in 0..1300_u32 {
        let mut person = house.guest_from(IpAddr::V4(Ipv4Addr::new(127, 0, 3, u8::try_from(n / 100).unwrap())));
        let id = person.ask(json!({"type": "rename", "name": format!("{}{n:04}", "𠀀".repeat(28))}));
        people.push((person, id));
    }
    for (person, id) in &mut people {
        assert_eq!(person.answer(id)["type"], "ok");
    }
    let asker = &mut people[0].0;
    let count = asker.ok(json!({"type": "users"}))["count"].clone();
    assert_eq!(count, 1300);
    let pages = all_pages(asker, json!({"type": "users"}), "users");
    assert!(pages.len() > 1, "more than fits into one");
    let listed: BTreeSet<String> = pages.concat().iter().map(|user| text(&user["id"])).collect();
    assert_eq!((listed.len(), pages.concat().len()), (1300, 1300), "each once");
}

/// Follows `next` to the end.
fn all_pages(asker: &mut Client, mut request: Value, field: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    loop {
        let page = asker.ok(request.clone());
        assert!(page[field].to_string().len() <= 256 * 1024, "no reply carries more of list");
        pages.push(list(&page[field]).to_vec());
        assert_eq!(page["more"], !page["next"].is_null());
        if page["more"] == false {
            return pages;
        }
        request["after"] = page["next"].clone();
    }
}

pub fn users_of_a_room(on: On) {
    let house = House::open(on, &["--presence-grace", "0s"]);
    let (mut ann, mut bo, mut cleo) = (house.person("Ann"), house.person("Bo"), house.person("Cleo"));
    ann.join("lobby");
    bo.join("lobby");
    let users = cleo.ok(json!({"type": "users", "room": "lobby"}));
    assert_eq!((&users["count"], &users["more"], &users["next"]), (&json!(2), &json!(false), &Value::Null));
    let mut names: Vec<&str> = list(&users["users"]).iter().map(|user| user["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Ann", "Bo"]);
    for user in list(&users["users"]) {
        assert!(chrono::DateTime::parse_from_rfc3339(&text(&user["online_since"])).is_ok(), "{user}");
    }
    assert_eq!(cleo.ok(json!({"type": "users"}))["count"], 3);
    bo.close();
    ann.event("left");
    assert_eq!(cleo.ok(json!({"type": "users", "room": "lobby"}))["count"], 1);
    assert_eq!(cleo.ok(json!({"type": "users"}))["count"], 2);
}

pub fn the_list_says_how_games_stand(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    let secrets = ann.ok(json!({"type": "create", "kind": "connect4", "room": "table"}));
    ann.ok(json!({"type": "join", "room": "table", "seat": secrets["seat"]}));
    ann.join("lobby");
    let asked = |client: &mut Client| client.ok(json!({"type": "rooms", "games": true}))["rooms"].clone();
    let rooms = asked(&mut bo);
    assert_eq!((&rooms[0]["room"], rooms[0].get("game")), (&json!("lobby"), None));
    let red = json!({"user": ann.user, "online": true});
    assert_eq!(rooms[1]["game"], json!({"status": "waiting", "moves": 0, "players": {"red": red, "yellow": null}}));
    bo.ok(json!({"type": "join", "room": "table", "sit": true}));
    ann.ok(json!({"type": "play", "room": "table", "column": 3}));
    bo.ok(json!({"type": "rename", "name": "Bob"}));
    let game = asked(&mut ann)[1]["game"].clone();
    assert_eq!((&game["status"], &game["moves"]), (&json!("playing"), &json!(1)));
    assert_eq!(game["players"]["yellow"]["user"]["name"], "Bob", "by the name they have now");
    bo.ok(json!({"type": "resign", "room": "table"}));
    assert_eq!(asked(&mut ann)[1]["game"]["status"], "over");
    assert_eq!(ann.ok(json!({"type": "rooms"}))["rooms"][1].get("game"), None, "only who asks is told");
}
