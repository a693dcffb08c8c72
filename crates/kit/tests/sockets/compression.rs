//! permessage-deflate (RFC 7692).

use parlor_kit::Compression;
use parlor_testkit::deflate::compress;
use parlor_testkit::frames::{BINARY, BINARY_BEGINS, COMPRESSED, CONTINUES, ENDS, PING, TEXT, frame, handshake};
use parlor_testkit::{Heard, Peer, wait_until};

use super::server::{Hosted, open};

/// The answer to these headers, and the value of `Sec-WebSocket-Extensions` in it.
fn offer(host: &Hosted, headers: &[&str]) -> (String, Option<String>) {
    let lines: String = headers.iter().map(|value| format!("Sec-WebSocket-Extensions: {value}\r\n")).collect();
    let mut peer = Peer::dial(host.address);
    let head = peer.ask(&handshake("/ws", &lines)).to_ascii_lowercase();
    let answer = head.lines().find_map(|line| line.strip_prefix("sec-websocket-extensions: ")).map(str::to_owned);
    (head[9..12].to_owned(), answer)
}

/// A line that is compressed; `talk` tells one from another.
fn line(talk: &str) -> String {
    format!("{talk} {}", "a line of talk ".repeat(40))
}

#[test]
fn offers_are_answered() {
    let host = Hosted::new(open());
    let both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    let accepted = |more: &str| ("101".to_owned(), Some(format!("{both}{more}")));
    let declined = ("101".to_owned(), None);
    assert_eq!(offer(&host, &["permessage-deflate; client_max_window_bits"]), accepted(""));
    let asked = "permessage-deflate; server_max_window_bits=10; client_max_window_bits=11; server_no_context_takeover";
    assert_eq!(offer(&host, &[asked]), accepted("; server_max_window_bits=10; client_max_window_bits=11"));
    let several = "permessage-deflate; server_max_window_bits=16, x-webkit-deflate-frame";
    assert_eq!(offer(&host, &[several, "permessage-deflate"]), accepted(""), "headers are one list");
    assert_eq!(offer(&host, &[several]), declined);
    assert_eq!(offer(&host, &["permessage-deflate; server_no_context_takeover=1"]), declined);
    assert_eq!(offer(&host, &[]), declined);
    for malformed in ["permessage-deflate;", "permessage-deflate; client_max_window_bits=", "=", "a b", "\u{e4}"] {
        assert_eq!(offer(&host, &[malformed]).0, "400", "{malformed}");
    }
    let plain = Hosted::new(open().compression(None));
    assert_eq!(offer(&plain, &["permessage-deflate"]), declined);
}

#[test]
fn messages_go_compressed_in_both_directions() {
    let host = Hosted::new(open());
    for bits in ["", "; server_max_window_bits=8", "; server_max_window_bits=9", "; server_max_window_bits=14"] {
        let mut peer = Peer::deflating(host.address, bits);
        peer.frame(TEXT | COMPRESSED, compress(line("one")));
        peer.expect(&line("one"));
        assert_eq!(peer.compressed, 1);
        peer.text(&line("plain")); // a client may send plain messages all the same
        peer.expect(&line("plain"));
        peer.frame(BINARY | COMPRESSED, compress(vec![7; 60_000]));
        assert_eq!(peer.hear(), Heard::Binary(vec![7; 60_000]));
        assert_eq!(peer.compressed, 3);
        peer.frame(TEXT | COMPRESSED, compress(""));
        peer.expect("");
        peer.text("short");
        peer.expect("short");
        assert_eq!(peer.compressed, 3, "short messages stay plain");
        peer.leave();
    }
    assert_eq!(host.sample("connections_compressed_total"), 4);
}

#[test]
fn the_threshold_is_a_setting() {
    let host = Hosted::new(open().compression(Compression { min_bytes: 40 }));
    let mut peer = Peer::deflating(host.address, "");
    for (bytes, compressed) in [(39, 0), (40, 1)] {
        peer.text(&"x".repeat(bytes));
        peer.expect(&"x".repeat(bytes));
        assert_eq!(peer.compressed, compressed);
    }
}

#[test]
fn fragments_and_control_frames_mix_with_compressed_messages() {
    let host = Hosted::new(open());
    let mut peer = Peer::deflating(host.address, "");
    let payload = compress(line("in pieces"));
    let frames = [
        frame(0x01 | COMPRESSED, &payload[..5]),
        frame(PING, "between"),
        frame(CONTINUES, ""),
        frame(ENDS, &payload[5..]),
        frame(TEXT, "plain"),
    ];
    for byte in frames.concat() {
        peer.raw(&[byte]);
    }
    assert_eq!(peer.hear(), Heard::Pong(b"between".to_vec()));
    peer.expect(&line("in pieces"));
    peer.expect("plain");
}

#[test]
fn broken_rules_end_the_connection() {
    let host = Hosted::new(open());
    let payload = compress("hello");
    for (code, what, frames) in [
        (1002, "a compressed ping", frame(PING | COMPRESSED, "")),
        (
            1002,
            "a later frame with the bit",
            [frame(0x01 | COMPRESSED, &payload), frame(ENDS | COMPRESSED, "")].concat(),
        ),
        (1002, "another reserved bit", frame(TEXT | COMPRESSED | 0x20, &payload)),
        (1007, "no DEFLATE", frame(TEXT | COMPRESSED, [7])),
        (1007, "no UTF-8", frame(TEXT | COMPRESSED, compress([0xff, 0xfe]))),
    ] {
        let mut peer = Peer::deflating(host.address, "");
        peer.raw(&frames);
        println!("{what}");
        peer.expect_close(code);
    }
    let mut plain = Peer::new(host.address);
    plain.frame(TEXT | COMPRESSED, &payload);
    plain.expect_close(1002);
    assert_eq!(host.log.count("new"), 6);
}

#[test]
fn a_bomb_is_refused_with_1009() {
    let host = Hosted::new(open());
    let bomb = compress(vec![0; 16 << 20]);
    assert!(bomb.len() < 64 * 1024, "{} bytes", bomb.len());
    let mut peer = Peer::deflating(host.address, "");
    peer.frame(BINARY | COMPRESSED, &bomb);
    peer.expect_close(1009);
    let mut peer = Peer::deflating(host.address, "");
    peer.frame(BINARY_BEGINS | COMPRESSED, &bomb[..1000]);
    peer.frame(ENDS, &bomb[1000..]);
    peer.expect_close(1009);
}

/// Two windows, plain clients among them, on two workers.
#[test]
fn a_broadcast_is_compressed_once_for_each_window() {
    let host = Hosted::new(open());
    let offers = [
        None,
        Some(""),
        Some(""),
        Some(""),
        Some("; server_max_window_bits=9"),
        None,
        Some("; server_max_window_bits=9"),
        Some(""),
    ];
    let mut peers: Vec<Peer> = offers
        .iter()
        .map(|offer| offer.map_or_else(|| Peer::new(host.address), |offer| Peer::deflating(host.address, offer)))
        .collect();
    for peer in &mut peers {
        peer.text("join 1");
        peer.expect("joined");
    }
    // A worker counts what it has sent after its clients may have read it.
    let before = 8 * ("joined".len() as u64 + 2);
    host.wait_sample("bytes_out_total", before);
    peers[0].text(&format!("say 1 {}", line("to all")));
    for (peer, offer) in peers.iter_mut().zip(offers) {
        peer.expect(&line("to all"));
        assert_eq!(peer.compressed, usize::from(offer.is_some()));
    }
    let plain = 8 * (line("to all").len() as u64 + 4);
    let (sent, saved) = (|| host.sample("bytes_out_total") - before, || host.sample("bytes_saved_total"));
    wait_until("sent and saved", || sent() + saved() == plain);
    host.wait_sample("messages_compressed_total", 2);
    assert!(saved() > plain / 2, "{} of {plain}", saved());
}

#[test]
fn a_broadcast_to_plain_clients_is_not_compressed() {
    let host = Hosted::new(open());
    let mut elsewhere = Peer::deflating(host.address, "");
    let mut peers: Vec<Peer> = (0..3).map(|_| Peer::new(host.address)).collect();
    for peer in &mut peers {
        peer.text("join 1");
        peer.expect("joined");
    }
    peers[0].text(&format!("say 1 {}", line("to all")));
    peers.iter_mut().for_each(|peer| peer.expect(&line("to all")));
    elsewhere.text("still here");
    elsewhere.expect("still here");
    assert_eq!(host.sample("messages_compressed_total"), 0);
    assert_eq!(host.sample("bytes_saved_total"), 0);
}

#[test]
fn who_is_left_out_costs_no_compression_of_its_own() {
    let host = Hosted::new(open());
    let mut peers: Vec<Peer> = (0..4).map(|_| Peer::deflating(host.address, "")).collect();
    for peer in &mut peers {
        peer.text("join 1");
        peer.expect("joined");
    }
    // They arrive together, so that they are gathered: each of the senders has a list of its own.
    host.log.hold(true);
    for (index, peer) in peers.iter_mut().enumerate() {
        peer.text(&format!("others 1 {}", line(&index.to_string())));
    }
    host.log.hold(false);
    for (index, peer) in peers.iter_mut().enumerate() {
        let mut heard: Vec<String> = (0..3).map(|_| peer.hear_text()).collect();
        heard.sort();
        let expected: Vec<String> =
            (0..4).filter(|other| *other != index).map(|other| line(&other.to_string())).collect();
        assert_eq!(heard, expected);
        assert_eq!(peer.compressed, 3);
    }
    assert_eq!(host.sample("messages_compressed_total"), 4);
}

/// A reader that stops is closed behind the end of the frame that had begun: all before it is whole.
#[test]
fn a_slow_reader_hears_whole_messages_then_4000() {
    let host = Hosted::new(open().outbox_bytes(256 * 1024));
    let mut stuck = Peer::dial_narrow(host.address).deflate("");
    // Numbers that compress to about half: what waits are compressed bytes.
    let numbers = |index: u32| -> String {
        (0..4000_u32).map(|i| format!("{:x}", (i + index * 4000).wrapping_mul(2_654_435_761))).collect()
    };
    stuck.text("join 1");
    stuck.expect("joined");
    let mut speaker = Peer::new(host.address);
    let mut said = 0;
    while host.log.count("left") == 0 {
        speaker.text(&format!("say 1 {}", numbers(said)));
        speaker.text("so far");
        speaker.expect("so far");
        said += 1;
        assert!(said < 10_000, "it is never full");
    }
    let mut next = 0;
    let code = loop {
        match stuck.hear() {
            Heard::Text(text) => assert_eq!(text, numbers(next)),
            Heard::Close(code, _) => break code,
            other => panic!("{other:?}"),
        }
        next += 1;
    };
    assert_eq!(code, 4000);
    assert!(next < said && stuck.compressed as u32 == next, "{next} of {said}, {} compressed", stuck.compressed);
    assert_eq!(host.sample("slow_consumers_total"), 1);
}
