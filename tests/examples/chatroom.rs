//! The Tornado chat room. `clients.sh` tries it with Redis.

use parlor_testkit::frames::handshake;
use parlor_testkit::process::Signal;
use parlor_testkit::{PATIENCE, Peer};
use serde_json::{Value, json};

use crate::{Example, hear, hear_until};

fn connect(room: &Example, cookie: &str) -> Peer {
    let mut peer = Peer::dial(room.address);
    let head = peer.ask(&handshake("/chatsocket", &format!("Cookie: a=b; username={cookie}\r\n")));
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    peer
}

fn say(peer: &mut Peer, body: &str) {
    peer.text(&json!({"body": body}).to_string());
}

fn name(message: &Value) -> &str {
    message["username"].as_str().unwrap()
}

#[test]
fn names_come_from_the_cookie_or_are_numbered() {
    let room = Example::start("chatroom");
    for (cookie, expected) in [
        ("5bCP5piO", "小明"),
        ("\"QW5u\"", "Ann"),
        ("", "游客1"),
        ("not base64", "游客2"),
        ("////", "游客3"), // no UTF-8
        ("ICAg", "游客4"), // spaces
    ] {
        let mut peer = connect(&room, cookie);
        assert_eq!(name(&hear_until(&mut peer, "online")), expected, "{cookie}");
    }
}

#[test]
fn all_fields_are_there_and_html_is_escaped() {
    let room = Example::start("chatroom");
    let mut ann = connect(&room, "PGI+"); // <b>
    let online = hear(&mut ann);
    say(&mut ann, "1 < 2 & <script>");
    let message = hear(&mut ann);
    assert_eq!((&online["type"], &message["type"]), (&json!("online"), &json!("message")));
    assert_eq!((&message["body"], name(&message)), (&json!("1 < 2 & <script>"), "<b>"));
    assert_eq!(message["client_id"], online["client_id"]);
    assert_ne!(message["id"], online["id"]);
    let datetime = message["datetime"].as_str().unwrap();
    assert!(chrono::NaiveDateTime::parse_from_str(datetime, "%Y-%m-%d %H:%M:%S").is_ok(), "{datetime}");
    let html = message["html"].as_str().unwrap();
    assert!(html.contains("<b>&lt;b&gt;</b>: 1 &lt; 2 &amp; &lt;script&gt;"), "{html}");
    for junk in ["", "[]", r#"{"body":1}"#, "{}"] {
        ann.text(junk);
        assert_eq!(hear(&mut ann)["type"], "error", "{junk}");
    }
    let bo = connect(&room, "");
    assert_eq!(name(&hear(&mut ann)), "游客1");
    drop(bo);
    let offline = hear(&mut ann);
    assert_eq!((&offline["type"], name(&offline)), (&json!("offline"), "游客1"));
}

#[test]
fn the_newest_100_messages_outlive_the_process() {
    let mut room = Example::start("chatroom");
    let mut ann = connect(&room, "QW5u");
    for number in 0..130 {
        say(&mut ann, &number.to_string());
    }
    while hear_until(&mut ann, "message")["body"] != "129" {}
    // Right after a start, the history may come after "online".
    let bodies = |peer: &mut Peer| -> Vec<String> {
        (0..100).map(|_| hear_until(peer, "message")["body"].as_str().unwrap().to_owned()).collect()
    };
    let expected: Vec<String> = (30..130).map(|number| number.to_string()).collect();
    assert_eq!(bodies(&mut connect(&room, "")), expected);
    // It is shown before it is written: a server that is asked to stop writes all of it.
    room.process.signal(Signal::TERM);
    assert_eq!(room.process.ended_within(PATIENCE).and_then(|status| status.code()), Some(0));
    let room = room.again("chatroom", &[]);
    let kept = bodies(&mut connect(&room, ""));
    assert_eq!(kept, expected);
}
