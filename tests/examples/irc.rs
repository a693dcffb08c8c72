//! Chat rooms by path and address.

use std::net::Ipv4Addr;

use parlor_testkit::{Heard, Peer, wait_until};
use serde_json::{Value, json};

use crate::{Example, hear, hear_until};

/// A saved room of 1000 messages has more.
const ROOM_BYTES_MIN: u64 = 50_000;

fn address(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, last)
}

fn call(peer: &mut Peer, name: &str) {
    peer.text(&json!({"type": "set_username", "value": name}).to_string());
}

fn say(peer: &mut Peer, words: &str) {
    peer.text(&json!({"type": "user_broadcast", "msg": words}).to_string());
}

fn online(message: &Value) -> u64 {
    message["value"].as_u64().unwrap()
}

#[test]
fn a_name_is_asked_for_once_for_each_address_and_kept() {
    let irc = Example::start("irc");
    let mut ann = irc.connect_from(address(1), "/tea");
    assert_eq!(online(&hear_until(&mut ann, "sys_broadcast")), 1);
    hear_until(&mut ann, "set_username");
    say(&mut ann, "too early");
    hear_until(&mut ann, "set_username");
    call(&mut ann, " ");
    hear_until(&mut ann, "set_username");
    call(&mut ann, "Ann");
    hear_until(&mut ann, "sys_broadcast");
    say(&mut ann, "hello");
    let message = hear_until(&mut ann, "user_broadcast");
    assert_eq!((&message["username"], &message["msg"]), (&json!("Ann"), &json!("hello")));

    let mut again = irc.connect_from(address(1), "/tea");
    assert_eq!(hear(&mut again), message, "what was said comes first");
    let came = hear(&mut again);
    assert_eq!((&came["msg"], online(&came)), (&json!("Ann came"), 1), "the same address is the same user");
    say(&mut again, "again");
    assert_eq!(hear_until(&mut ann, "user_broadcast")["username"], "Ann");

    let mut bo = irc.connect_from(address(2), "/tea");
    assert_eq!(online(&hear_until(&mut bo, "sys_broadcast")), 2);
    let mut elsewhere = irc.connect_from(address(2), "/coffee");
    assert_eq!(online(&hear(&mut elsewhere)), 1, "rooms are separate");
    drop(bo);
    wait_until("bo has left", || online(&hear_until(&mut ann, "sys_broadcast")) == 1);
}

#[test]
fn a_room_has_20_users_at_most() {
    let irc = Example::start("irc");
    let peers: Vec<Peer> = (1..=20).map(|last| irc.connect_from(address(last), "/")).collect();
    let mut more = irc.connect_from(address(21), "/");
    more.expect_close(1013);
    assert!(matches!(irc.connect_from(address(20), "/").hear(), Heard::Text(_)), "another tab of one who is here");
    assert!(matches!(irc.connect_from(address(21), "/other").hear(), Heard::Text(_)));
    drop(peers);
}

#[test]
fn names_and_1000_messages_outlive_a_kill() {
    let options = ["--save-every", "1"];
    let irc = Example::start_with("irc", &options);
    let mut ann = irc.connect_from(address(1), "/tea");
    call(&mut ann, "Ann");
    for number in 0..1100 {
        say(&mut ann, &number.to_string());
    }
    while hear_until(&mut ann, "user_broadcast")["msg"] != "1099" {}
    // The second save from here on began after the first had ended, and so after all messages.
    let log = irc.directory.path().join("irc.db-wal");
    for _ in 0..2 {
        let before = std::fs::metadata(&log).unwrap().len();
        wait_until("the room is saved", || {
            call(&mut ann, "Ann");
            std::fs::metadata(&log).unwrap().len() > before + ROOM_BYTES_MIN
        });
    }
    let irc = irc.again("irc", &options);
    let mut ann = irc.connect_from(address(1), "/tea");
    let messages: Vec<Value> = (0..1000).map(|_| hear(&mut ann)).collect();
    let words: Vec<&str> = messages.iter().map(|message| message["msg"].as_str().unwrap()).collect();
    assert_eq!(words, (100..1100).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(hear(&mut ann)["msg"], "Ann came");
}

#[test]
fn the_silent_are_disconnected() {
    let irc = Example::start_with("irc", &["--idle", "1"]);
    let mut ann = irc.connect("/");
    hear_until(&mut ann, "set_username");
    ann.expect_close(1000);
}
