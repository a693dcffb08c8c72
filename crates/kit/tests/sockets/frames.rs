//! Frames as clients may send them, and as they may not.

use parlor_testkit::frames::{BINARY, CLOSE, PING, TEXT, frame};
use parlor_testkit::{Heard, Peer};

use super::server::{Hosted, open};

#[test]
fn many_frames_in_one_segment() {
    let host = Hosted::new(open());
    let mut peer = Peer::new(host.address);
    let all: Vec<u8> = (0..500).flat_map(|index| frame(TEXT, index.to_string())).collect();
    peer.raw(&all);
    for index in 0..500 {
        peer.expect(&index.to_string());
    }
}

#[test]
fn a_frame_byte_by_byte() {
    let host = Hosted::new(open());
    let mut peer = Peer::new(host.address);
    for byte in [frame(0x01, "gr\u{fc}"), frame(PING, "between"), frame(0x80, "\u{df}e")].concat() {
        peer.raw(&[byte]);
    }
    assert_eq!(peer.hear(), Heard::Pong(b"between".to_vec()));
    peer.expect("gr\u{fc}\u{df}e");
}

#[test]
fn messages_of_all_lengths_come_back() {
    let host = Hosted::new(open().frame_bytes(1 << 20));
    let mut peer = Peer::new(host.address);
    for bytes in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
        let payload: Vec<u8> = (0..bytes).map(|index| index as u8).collect();
        peer.frame(BINARY, &payload);
        assert_eq!(peer.hear(), Heard::Binary(payload));
    }
    peer.frame(0x02, vec![7; 1 << 19]);
    peer.frame(0x00, vec![7; (1 << 19) - 1]);
    peer.frame(0x80, [7]);
    assert_eq!(peer.hear(), Heard::Binary(vec![7; 1 << 20]));
}

#[test]
fn pings_are_answered_in_order_and_before_the_goodbye() {
    let host = Hosted::new(open());
    let mut peer = Peer::new(host.address);
    let all: Vec<u8> = (0..50).flat_map(|index| frame(PING, index.to_string())).collect();
    peer.raw(&[all, frame(CLOSE, 3000_u16.to_be_bytes())].concat());
    for index in 0..50 {
        assert_eq!(peer.hear(), Heard::Pong(index.to_string().into_bytes()));
    }
    assert_eq!(peer.hear(), Heard::Close(3000, "the client closed the connection".to_owned()));
    assert_eq!(peer.hear(), Heard::End);
    host.log.wait("left", 1);
    assert_eq!(host.sample("1000"), 0);
    assert_eq!(host.sample("other"), 1);
}

#[test]
fn what_is_wrong_is_closed_with_its_code_and_nothing_after_it_is_handled() {
    let host = Hosted::new(open().frame_bytes(1000).fragments(3));
    let wrong = [
        (1002, vec![0x81, 0x01, b'x']),
        (1002, frame(0xc1, "x")),
        (1002, frame(0x83, "x")),
        (1002, frame(0x09, "x")),
        (1002, frame(PING, [0; 126])),
        (1002, frame(0x80, "x")),
        (1002, [frame(0x01, "x"), frame(TEXT, "y")].concat()),
        (1002, frame(CLOSE, [3])),
        (1002, frame(CLOSE, 1005_u16.to_be_bytes())),
        (1007, frame(TEXT, [0xff])),
        (1007, [frame(0x01, [0xce]), frame(0x80, [0xff])].concat()),
        (1007, frame(CLOSE, [3, 0xe8, 0xff])),
        (1009, frame(TEXT, [b'x'; 1001])),
        (1009, [frame(0x01, [b'x'; 600]), frame(0x80, [b'x'; 600])].concat()),
        (1009, [frame(0x01, ""), frame(0, ""), frame(0, ""), frame(0, "")].concat()),
    ];
    for (count, (code, bytes)) in wrong.into_iter().enumerate() {
        let mut peer = Peer::new(host.address);
        peer.raw(&[frame(TEXT, "before"), bytes.clone(), frame(TEXT, "after")].concat());
        // What the app answers may come too late: the goodbye does not wait for it.
        let mut heard = peer.hear();
        if heard == Heard::Text("before".into()) {
            heard = peer.hear();
        }
        assert!(matches!(&heard, Heard::Close(closed, reason) if *closed == code && !reason.is_empty()), "{heard:?}");
        assert_eq!(peer.hear(), Heard::End, "{bytes:?}");
        host.log.wait("left", count + 1);
    }
    assert_eq!((host.sample("1002"), host.sample("1007"), host.sample("1009")), (9, 3, 3));
}

#[test]
fn the_last_words_are_not_lost_with_what_is_not_read() {
    let host = Hosted::new(open());
    let mut peer = Peer::new(host.address);
    peer.raw(&[frame(BINARY, vec![0; 70_000]), vec![0; 4 << 20]].concat());
    assert!(matches!(peer.hear(), Heard::Close(1009, _)));
    peer.raw(&vec![0; 1 << 20]);
    peer.shut_writing();
    assert_eq!(peer.hear(), Heard::End);
}

#[test]
fn junk_ends_only_who_sends_it() {
    let host = Hosted::new(open());
    let mut healthy = Peer::new(host.address);
    let mut seed = 1_u32;
    for _ in 0..50 {
        let mut peer = Peer::new(host.address);
        let junk: Vec<u8> = (0..2000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        let _ = peer.try_raw(&junk);
        peer.shut_writing();
        peer.rest();
    }
    host.log.wait("left", 50);
    healthy.text("still here");
    healthy.expect("still here");
}
