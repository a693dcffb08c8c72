//! The examples that pass messages on: hello, login, broadcast, direct, admin.

use std::time::Duration;

use parlor_testkit::frames::BINARY;
use parlor_testkit::process::Program;
use parlor_testkit::{Heard, Launch, Peer, http, wait_until};
use serde_json::{Value, json};

use crate::{Example, hear, program};

#[test]
fn hello_greets_by_name_and_closes() {
    let hello = Example::start("hello");
    for name in ["Ann", "小明", ""] {
        let mut peer = hello.connect("/");
        peer.text(name);
        peer.expect(&format!("Hello {name}!"));
        peer.expect_close(1000);
    }
}

/// The example of `parlor-client`.
#[test]
fn guest_says_hello_and_hears_it() {
    let server = Launch::new(env!("CARGO_BIN_EXE_parlor")).start();
    let guest = Program::new(program("guest")).args([format!("ws://{}/ws", server.address)]).start();
    assert_eq!(guest.line().unwrap(), "guest-1: hello");
}

#[test]
fn login_asks_until_the_name_is_on_the_list() {
    let login = Example::start_with("login", &["--names", "ann,小明"]);
    let mut peer = login.connect("/");
    for (sent, heard) in
        [("bo", "name is not exist"), ("", "name is not exist"), ("小明", "True"), ("ann", "ann"), ("bo", "bo")]
    {
        peer.text(sent);
        peer.expect(heard);
    }
    let mut other = login.connect("/");
    other.text("hello");
    other.expect("name is not exist");
}

#[test]
fn broadcast_reaches_everyone_but_its_sender() {
    let broadcast = Example::start("broadcast");
    let mut peers: Vec<Peer> = (0..3).map(|_| broadcast.connect("/ws")).collect();
    let settled = "everybody is here";
    peers[2].text(settled);
    peers[0].expect(settled);
    peers[1].expect(settled);
    peers[0].text("from 0");
    peers[0].frame(BINARY, [1, 2]);
    for peer in &mut peers[1..] {
        peer.expect("from 0");
        assert_eq!(peer.hear(), Heard::Binary(vec![1, 2]));
    }
    peers[1].text("from 1");
    peers[0].expect("from 1");
}

fn letter(sender: &str, receiver: &str, data: &str) -> Value {
    json!({"sender": sender, "receiver": receiver, "data": data})
}

#[test]
fn direct_messages_reach_their_receiver_alone_and_wait_for_the_absent() {
    let direct = Example::start("direct");
    let mut ann = direct.connect("/ws/ann");
    ann.text(&letter("ann", "bo", "one").to_string());
    let told = hear(&mut ann);
    assert_eq!((&told["sender"], &told["receiver"]), (&json!("server"), &json!("ann")), "{told}");
    ann.text(&letter("somebody else", "bo", "two").to_string());
    assert_eq!(hear(&mut ann)["sender"], "server");

    let mut bo = direct.connect("/ws/bo");
    assert_eq!([hear(&mut bo), hear(&mut bo)], [letter("ann", "bo", "one"), letter("ann", "bo", "two")]);
    let mut again = direct.connect("/ws/bo");
    again.text(&letter("bo", "ann", "three").to_string());
    assert_eq!(hear(&mut ann), letter("bo", "ann", "three"));
    ann.text(&letter("ann", "bo", "four").to_string());
    assert_eq!([hear(&mut bo), hear(&mut again)], [letter("ann", "bo", "four"), letter("ann", "bo", "four")]);
    again.leave();
    ann.text("no letter");
    assert_eq!(hear(&mut ann)["type"], "error");
    ann.text(&letter("ann", "bo", "five").to_string());
    assert_eq!(hear(&mut bo), letter("ann", "bo", "five"), "one of two connections has left");
}

#[test]
fn admin_speaks_to_everybody_and_answers_what_is_wrong() {
    let admin = Example::start("admin");
    let mut peers = [admin.connect("/ws"), admin.connect("/ws")];
    let post = |more: &str, body: &str| http::send(admin.address, "POST", "/announce", more, body).status;
    for peer in &mut peers {
        // A handshake is answered before the app has heard of its client.
        wait_until("the app knows the client", || {
            assert_eq!(post("", "who is there?"), 202);
            peer.hear_within(Duration::from_millis(100)).is_some()
        });
    }
    for body in ["hello", "茶"] {
        assert_eq!(post("", body), 202);
        peers.iter_mut().for_each(|peer| peer.wait_for(body));
    }
    assert_eq!(post("", " "), 400);
    assert_eq!(post("Sec-Fetch-Site: cross-site\r\n", "spam"), 403);
    assert_eq!(http::get(admin.address, "/announce").status, 404);
    assert_eq!(post("Sec-Fetch-Site: same-origin\r\n", "from the page"), 202);
    peers.iter_mut().for_each(|peer| peer.wait_for("from the page"));
}
