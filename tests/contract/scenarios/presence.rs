//! Who is there.

use parlor_testkit::{Client, list, number, wait_until};
use serde_json::{Value, json};

use crate::stage::{House, On};

pub fn coming_is_told_to_the_others(on: On) {
    let house = House::open(on, &[]);
    let (mut ann, mut bo, mut cleo) = (house.person("Ann"), house.person("Bo"), house.person("Cleo"));
    ann.join("lobby");
    let seq = ann.join("lobby")["seq"].clone();
    cleo.join("attic");
    bo.join("lobby");
    assert_eq!(ann.all(), [json!({"type": "joined", "room": "lobby", "user": bo.user, "online": 2})]);
    for client in [&mut bo, &mut cleo] {
        client.hears_nothing();
    }
    assert_eq!(ann.join("lobby")["seq"], seq, "presence is not kept");
}

pub fn leaving_is_told_after_the_grace(on: On) {
    let house = House::open(on, &["--presence-grace", "100ms"]);
    let mut ann = house.person("Ann");
    ann.join("lobby");
    for word in ["close", "drop"] {
        let mut bo = house.person(&format!("Bo {word}"));
        bo.join("lobby");
        let user = bo.user.clone();
        if word == "close" {
            bo.close()
        } else {
            drop(bo)
        }
        ann.event("joined");
        assert_eq!(ann.event("left"), json!({"type": "left", "room": "lobby", "user": user, "online": 1}));
        assert_eq!(ann.join("lobby")["online"], 1);
    }
    somebody_passes_by(&house, &mut ann);
}

pub fn coming_back_within_the_grace_is_silent(on: On) {
    let house = House::open(on, &["--presence-grace", "5m"]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    ann.join("lobby");
    bo.join("lobby");
    ann.forget_heard();
    for _ in 0..3 {
        let token = bo.token.clone();
        drop(bo);
        bo = house.again(&token);
        assert_eq!(bo.join("lobby")["online"], 2);
    }
    bo.say("lobby", "here all the time");
    let heard = ann.all();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    assert_eq!(heard[0]["type"], "message");
    drop(bo);
    assert_eq!(house.person("Cleo").join("lobby")["online"], 3, "who may come back still counts");
}

pub fn a_user_with_several_sessions_is_there_once(on: On) {
    let house = House::open(on, &["--presence-grace", "100ms"]);
    let (mut ann, mut bo) = (house.person("Ann"), house.person("Bo"));
    let mut bos_other = house.again(&bo.token);
    ann.join("lobby");
    bo.join("lobby");
    assert_eq!(ann.event("joined")["online"], 2);
    let joined = bos_other.join("lobby");
    assert_eq!((&joined["online"], list(&joined["members"]).len()), (&json!(2), 2));
    bo.ok(json!({"type": "leave", "room": "lobby"}));
    drop(bo);
    wait_until("one of three connections is gone", || clients(&house) == 2);
    bos_other.say("lobby", "still here");
    assert_eq!(ann.next_event()["type"], "message");
    somebody_passes_by(&house, &mut ann);
    drop(bos_other);
    assert_eq!(ann.event("left")["user"]["name"], "Bo");
    somebody_passes_by(&house, &mut ann);
}

/// Somebody joins and goes, which takes longer than the grace: whatever began before is told by then, and it must be nothing.
fn somebody_passes_by(house: &House, watcher: &mut Client) {
    let mut passer = house.guest();
    passer.join("lobby");
    let user = passer.user.clone();
    drop(passer);
    for kind in ["joined", "left"] {
        let event = watcher.next_event();
        assert_eq!((&event["type"], &event["user"]), (&json!(kind), &user), "{event}");
    }
    watcher.hears_nothing();
}

/// Connections that all servers count.
fn clients(house: &House) -> u64 {
    let metrics: String = house.get_of_all("/metrics").into_iter().map(|answer| answer.body).collect();
    let counts = metrics.lines().filter(|line| line.starts_with("parlor_clients{"));
    counts.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
}

pub fn a_crowd_is_counted(on: On) {
    let house = House::open(on, &["--presence-room", "3", "--presence-grace", "0s"]);
    let mut ann = house.person("Ann");
    assert_eq!(ann.welcome["limits"]["presence_room"], 3);
    ann.join("stadium");
    let mut others: Vec<Client> = (0..9).map(|_| house.guest()).collect();
    for (n, other) in others.iter_mut().enumerate() {
        let joined = other.join("stadium");
        assert_eq!(joined["online"], json!(n + 2));
        assert_eq!(list(&joined["members"]).len(), (n + 2).min(3), "members stop at so many");
    }
    let last = crowd_of(&mut ann, 10);
    assert_eq!(last, json!({"type": "crowd", "room": "stadium", "online": 10}));
    let before = ann.all();
    assert!(before.iter().all(|event| event["type"] != "left"), "{before:#?}");
    assert!(
        before.iter().filter(|event| event["type"] == "joined").all(|event| number(&event["online"]) <= 3),
        "{before:#?}"
    );
    others.truncate(4);
    crowd_of(&mut ann, 5);
    assert!(ann.all().iter().all(|event| event["type"] == "crowd"), "nobody is told one by one");
    assert_eq!(ann.ok(json!({"type": "users", "room": "stadium"}))["count"], 5);
}

fn crowd_of(client: &mut Client, online: u64) -> Value {
    client.event_where("crowd", |crowd| crowd["online"] == online)
}
