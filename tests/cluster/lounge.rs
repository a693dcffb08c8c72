//! One lounge on three servers, on a good day.

use std::time::Instant;

use parlor_testkit::{Client, number, text};
use serde_json::json;

use super::cluster::{Cluster, LEFT_WITHIN};

/// A client at each server.
fn everywhere(cluster: &Cluster) -> [Client; 3] {
    let mut all = cluster.nodes.iter().map(super::cluster::Node::connect);
    std::array::from_fn(|_| all.next().unwrap())
}

#[test]
fn a_room_has_one_order_for_clients_of_all_servers() {
    let cluster = Cluster::start(3);
    let mut clients = everywhere(&cluster);
    for client in &mut clients {
        client.join("lobby");
    }
    std::thread::scope(|scope| {
        for (number, client) in clients.iter_mut().enumerate() {
            scope.spawn(move || client.say_all("lobby", (0..200).map(|n| format!("{number} says {n}"))));
        }
    });
    let [ann, bo, cy] = clients.map(|mut client| {
        let events = client.all_of("message");
        assert_eq!(events.len(), 600, "the client has checked that there is no gap");
        events
    });
    assert!(ann == bo && bo == cy);
}

#[test]
fn players_and_watchers_sit_on_different_servers() {
    let cluster = Cluster::start(3);
    let [mut red, mut yellow, mut watcher] = everywhere(&cluster);
    let made = red.ok(json!({"type": "create", "kind": "connect4", "room": "table"}));
    red.ok(json!({"type": "join", "room": "table", "seat": made["seat"]}));
    let sat = yellow.ok(json!({"type": "join", "key": made["join"]}));
    assert_eq!(sat["game"]["players"]["red"]["online"], true);
    let seen = watcher.ok(json!({"type": "join", "key": made["watch"]}));
    assert_eq!((&seen["game"]["you"], &seen["game"]["spectators"]), (&json!(null), &json!(1)));
    for column in [0, 1, 0, 1, 0, 1, 0] {
        let turn = if column == 0 { &mut red } else { &mut yellow };
        turn.ok(json!({"type": "play", "room": "table", "column": column}));
    }
    assert_eq!(watcher.event("ended")["winner"], "red");
    assert_eq!(watcher.all_of("played").len(), 7);
    // The loser's server dies: its seat is played on from another.
    let seat = sat["game"]["seat"].clone();
    yellow = cluster.nodes[2].connect();
    yellow.ok(json!({"type": "join", "room": "table", "seat": seat}));
    yellow.ok(json!({"type": "rematch", "room": "table"}));
    red.ok(json!({"type": "rematch", "room": "table"}));
    watcher.event("rematched");
}

#[test]
fn a_user_is_one_on_all_servers() {
    let cluster = Cluster::start(3);
    let [mut ann, mut bo, mut other] = everywhere(&cluster);
    ann.rename("Ann");
    bo.refused(json!({"type": "rename", "name": "ＡＮＮ"}), "name_taken");
    other.resume(&ann.token);
    assert_eq!((other.name(), other.id()), ("Ann".to_owned(), ann.id()));
    let told = bo.ok(json!({"type": "tell", "to": "ann", "body": "hello"}));
    assert_eq!(told["delivered"], 2);
    assert_eq!(ann.event("private")["body"], "hello");
    assert_eq!(other.event("private")["body"], "hello");
    let signed_out = other.ok(json!({"type": "sign_out", "everywhere": true}));
    assert_eq!(ann.closed().code, 4501);
    let mut late = cluster.nodes[1].connect();
    late.refused(json!({"type": "resume", "token": ann.token}), "forbidden");
    late.resume(&text(&signed_out["token"]));
    let moved = late.ok(json!({"type": "transfer"}));
    let mut device = cluster.nodes[0].connect();
    device.resume(&text(&moved["token"]));
    let mut thief = cluster.nodes[2].connect();
    thief.refused(json!({"type": "resume", "token": moved["token"]}), "forbidden");
}

#[test]
fn all_servers_tick_at_the_same_instants() {
    let cluster = Cluster::start(2);
    let mut clients = [cluster.nodes[0].connect(), cluster.nodes[1].connect()];
    for client in &mut clients {
        client.ok(json!({"type": "watch_time", "every_ms": 200}));
    }
    let [here, there] = clients.map(|mut client| {
        (0..5).map(|_| client.event("tick")).map(|tick| (number(&tick["n"]), tick["at"].clone())).collect::<Vec<_>>()
    });
    let first = here[0].0.max(there[0].0);
    let common = |ticks: Vec<(u64, serde_json::Value)>| {
        ticks.into_iter().filter(|(n, _)| (first..first + 2).contains(n)).collect::<Vec<_>>()
    };
    assert_eq!(common(here), common(there));
}

#[test]
fn who_was_on_a_server_that_died_has_left_in_time_unless_they_come_back() {
    let mut cluster = Cluster::start(3);
    let [mut ann, mut bo, mut cy] = everywhere(&cluster);
    for client in [&mut ann, &mut bo, &mut cy] {
        client.join("lobby");
    }
    let mut other = cluster.nodes[2].connect();
    other.join("lobby");
    ann.forget_heard();
    let (gone, back, token) = (other.id(), cy.id(), cy.token.clone());
    cluster.nodes[2].server.kill();
    let died_at = Instant::now();
    let mut cy = cluster.nodes[1].connect();
    cy.resume(&token);
    cy.join("lobby");
    let left = ann.event("left");
    println!("left after {:?}", died_at.elapsed());
    assert_eq!(left["user"]["id"], gone, "and not {back}");
    assert!(died_at.elapsed() < LEFT_WITHIN);
    cluster.wait_until_on_at(&[0, 1], &[ann.id(), bo.id(), cy.id()]);
    assert!(ann.all().iter().all(|event| event["type"] != "left" && event["type"] != "joined"));
}

#[test]
fn a_server_that_leaves_in_order_is_not_waited_for() {
    let mut cluster = Cluster::start(2);
    let (mut ann, mut bo) = (cluster.nodes[0].connect(), cluster.nodes[1].connect());
    ann.join("lobby");
    bo.join("lobby");
    assert_eq!(cluster.nodes[1].server.stop(), Some(0));
    assert_eq!(ann.event("left")["user"]["id"], bo.id());
}

/// Each change expects the value that it changes: of two servers that count at once, one is refused by the journal and decides
/// again. None is refused for ever.
#[test]
fn a_counter_that_everybody_presses_on_all_servers_refuses_nobody() {
    const PRESSES: usize = 300;
    let cluster = Cluster::start(3);
    let mut clients = everywhere(&cluster);
    clients[0].ok(json!({"type": "create", "kind": "counter", "room": "clicks"}));
    for client in &mut clients {
        client.join("clicks");
    }
    std::thread::scope(|scope| {
        for client in &mut clients {
            scope.spawn(move || {
                let mut asked = std::collections::VecDeque::new();
                for number in 0..PRESSES {
                    asked.push_back(client.ask(json!({"type": "count", "room": "clicks", "by": 1})));
                    if asked.len() == 16 || number == PRESSES - 1 {
                        asked.drain(..).for_each(|id| assert_eq!(client.answer(&id)["type"], "ok"));
                    }
                }
            });
        }
    });
    for client in &mut clients {
        assert_eq!(client.join("clicks")["value"], 3 * PRESSES);
    }
}
