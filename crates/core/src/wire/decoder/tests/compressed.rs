//! Compressed messages (RFC 7692 §6, §7.2).

use flate2::{Compress, Compression, FlushCompress};

use super::*;

const COMPRESSED: u8 = 0x40;
/// "Hello", compressed (§7.2.3.1).
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

impl Client {
    fn inflating(frame_bytes: usize, fragments: usize) -> Self {
        let limits = Limits { frame_bytes, fragments, ..Limits::default() };
        Client { reader: Decoder::new(&limits).inflating(), heard: Vec::new() }
    }
}

/// A payload as a client's zlib makes it.
fn deflated(message: &[u8], level: u32) -> Vec<u8> {
    let mut payload = Vec::with_capacity(message.len() * 2 + 1000);
    let mut compressor = Compress::new(Compression::new(level), false);
    compressor.compress_vec(message, &mut payload, FlushCompress::Sync).unwrap();
    assert_eq!(payload.split_off(payload.len() - 4), [0, 0, 0xff, 0xff]);
    payload
}

/// The result of these frames, in one piece and byte by byte.
fn inflated(frames: &[Vec<u8>]) -> Vec<Heard> {
    let bytes = frames.concat();
    let mut whole = Client::inflating(1 << 20, 100);
    whole.send(&bytes);
    let mut slow = Client::inflating(1 << 20, 100);
    for byte in &bytes {
        slow.send(&[*byte]);
    }
    assert_eq!(whole.heard, slow.heard);
    whole.heard
}

#[test]
fn the_examples_of_the_rfc() {
    let text_frame = |payload: &[u8]| vec![frame(TEXT | COMPRESSED, payload)];
    let hello = [text("Hello")];
    assert_eq!(inflated(&text_frame(&HELLO)), hello, "§7.2.3.1");
    let fragments = [frame(BEGIN_TEXT | COMPRESSED, &HELLO[..3]), frame(END, &HELLO[3..])];
    assert_eq!(inflated(&fragments), hello, "§7.2.3.1, in two fragments");
    let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    assert_eq!(inflated(&text_frame(&stored)), hello, "§7.2.3.3, a block without compression");
    let ended = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    assert_eq!(inflated(&text_frame(&ended)), hello, "§7.2.3.4, with BFINAL");
    let blocks = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(inflated(&text_frame(&blocks)), hello, "§7.2.3.5, two blocks");
    assert_eq!(inflated(&text_frame(&[0])), [text("")], "§7.2.3.6, empty");
    let again = [frame(TEXT | COMPRESSED, &HELLO), frame(TEXT | COMPRESSED, &[0xf2, 0x00, 0x11, 0x00, 0x00])];
    assert_eq!(
        inflated(&again),
        [text("Hello"), Heard::Error(1007)],
        "§7.2.3.2, from the window of the message before"
    );
}

#[test]
fn plain_and_compressed_messages_and_control_frames_mix() {
    let binary = deflated(&[0xff; 3000], 6);
    let frames = [
        frame(TEXT, b"plain"),
        frame(BEGIN_BINARY | COMPRESSED, &binary[..2]),
        frame(PING, b"between"),
        frame(GO_ON, b""),
        frame(END, &binary[2..]),
        frame(TEXT | COMPRESSED, &HELLO),
        frame(TEXT, b""),
    ];
    let expected =
        [text("plain"), Heard::Ping(b"between".to_vec()), Heard::Binary(vec![0xff; 3000]), text("Hello"), text("")];
    assert_eq!(inflated(&frames), expected);
}

#[test]
fn the_bit_stands_in_the_first_frame_of_a_message_only() {
    for (what, frames) in [
        ("in the last frame", vec![frame(BEGIN_TEXT | COMPRESSED, &HELLO[..3]), frame(END | COMPRESSED, &HELLO[3..])]),
        ("in a later frame alone", vec![frame(BEGIN_TEXT, b"x"), frame(END | COMPRESSED, &HELLO)]),
        ("in a ping", vec![frame(PING | COMPRESSED, b"")]),
        ("in a pong", vec![frame(PONG | COMPRESSED, b"")]),
        ("in a close", vec![frame(CLOSE | COMPRESSED, b"")]),
        ("with another reserved bit", vec![frame(TEXT | COMPRESSED | 0x20, &HELLO)]),
        ("with another reserved bit", vec![frame(TEXT | COMPRESSED | 0x10, &HELLO)]),
    ] {
        assert_eq!(inflated(&frames), [Heard::Error(1002)], "{what}");
    }
    assert_eq!(heard(&[frame(TEXT | COMPRESSED, &HELLO)]), [Heard::Error(1002)], "not negotiated");
}

#[test]
fn invalid_payloads_are_refused() {
    for (what, payload) in [
        ("nothing", &[][..]),
        ("a reserved kind of block", &[0x07, 0x00]),
        ("cut", &HELLO[..4]),
        ("cut in its last byte", &HELLO[..6]),
        ("a stored block with wrong lengths", &[0x00, 0x05, 0x00, 0xfa, 0xfe, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]),
        ("a stored block of 20 bytes that ends after 1", &[0x00, 20, 0x00, 0xeb, 0xff, 0x48]),
        ("BFINAL, and nothing after it", &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]),
        ("the end that is to be left out", &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00, 0x00]),
    ] {
        assert_eq!(inflated(&[frame(BINARY | COMPRESSED, payload)]), [Heard::Error(1007)], "{what}");
    }
    let after = [frame(TEXT | COMPRESSED, &[0x07]), frame(TEXT | COMPRESSED, &HELLO)];
    assert_eq!(inflated(&after), [Heard::Error(1007)], "and nothing after it is handled");
}

#[test]
fn inflated_text_is_utf_8() {
    let crab = "🦀".as_bytes();
    assert_eq!(inflated(&[frame(TEXT | COMPRESSED, &deflated(crab, 6))]), [text("🦀")]);
    assert_eq!(inflated(&[frame(TEXT | COMPRESSED, &deflated(&crab[..3], 6))]), [Heard::Error(1007)]);
    assert_eq!(inflated(&[frame(TEXT | COMPRESSED, &deflated(b"ab\xff", 6))]), [Heard::Error(1007)]);
    // Compressed bytes are none: those of a fragment are not judged.
    let payload = deflated("κόσμε".as_bytes(), 6);
    let bytewise = payload.iter().enumerate().map(|(at, byte)| {
        let first = if at == 0 { BEGIN_TEXT | COMPRESSED } else { 0 };
        frame(first | if at + 1 == payload.len() { END } else { 0 }, &[*byte])
    });
    assert_eq!(inflated(&bytewise.collect::<Vec<_>>()), [text("κόσμε")]);
}

#[test]
fn a_bomb_is_refused() {
    let bomb = deflated(&vec![0; 50 << 20], 9);
    assert!(bomb.len() < 60_000);
    let mut client = Client::inflating(64 * 1024, 10);
    client.send(&frame(BINARY | COMPRESSED, &bomb));
    assert_eq!(client.heard, [Heard::Error(1009)]);
    assert_eq!(client.held(), 0);
    for (len, expected) in [(1000, Heard::Binary(vec![0; 1000])), (1001, Heard::Error(1009))] {
        let mut client = Client::inflating(1000, 10);
        client.send(&frame(BINARY | COMPRESSED, &deflated(&vec![0; len], 6)));
        assert_eq!(client.heard, [expected], "{len}");
    }
}

#[test]
fn a_compressed_message_may_be_longer_than_the_plain_one() {
    let junk: Vec<u8> = (0..1000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let payload = deflated(&junk, 0);
    assert!(payload.len() > 1000);
    let mut client = Client::inflating(1000, 10);
    client.send(&frame(BINARY | COMPRESSED, &payload));
    assert_eq!(client.heard, [Heard::Binary(junk)]);
    let mut client = Client::inflating(1000, 10);
    client.send(&frame(BEGIN_BINARY | COMPRESSED, &[0; 1126])).send(&frame(END, &[0])[..2]);
    assert_eq!(client.heard, [Heard::Error(1009)], "but there is a bound, looked at before the bytes come");
}

#[test]
fn who_waits_for_a_close_inflates_nothing() {
    let mut client = Client::inflating(1000, 10);
    client.reader = client.reader.skipping_compressed();
    client.send(&frame(TEXT | COMPRESSED, b"\x07")).send(&frame(TEXT, b"plain")).send(&frame(CLOSE, b""));
    assert_eq!(client.heard, [Heard::Binary(Vec::new()), text("plain"), Heard::Close(None)]);
    let decoder = Decoder::new(&Limits::default()).skipping_compressed();
    let mut plain = Client { reader: decoder, heard: Vec::new() };
    plain.send(&frame(TEXT | COMPRESSED, &HELLO));
    assert_eq!(plain.heard, [Heard::Error(1002)], "where nothing was negotiated, that stays");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_compressed_message_is_the_plain_one(
        message in "\\PC{0,3000}",
        level in 0..=9_u32,
        cuts in prop::collection::vec(0..4000_usize, 0..4),
        sizes in prop::collection::vec(1..400_usize, 1..20),
    ) {
        let payload = deflated(message.as_bytes(), level);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (payload.len() + 1)).collect();
        cuts.sort_unstable();
        cuts.insert(0, 0);
        cuts.push(payload.len());
        let frames = cuts.windows(2).enumerate().flat_map(|(at, cut)| {
            let first = if at == 0 { BEGIN_TEXT | COMPRESSED } else { 0 };
            frame(first | if at + 2 == cuts.len() { END } else { 0 }, &payload[cut[0]..cut[1]])
        });
        let bytes: Vec<u8> = frames.collect();
        let mut client = Client::inflating(1 << 20, 10);
        let mut rest = &bytes[..];
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, after) = rest.split_at((*size).min(rest.len()));
            client.send(chunk);
            rest = after;
        }
        prop_assert_eq!(&client.heard, &[text(&message)]);
        prop_assert_eq!(client.held(), 0);
    }

    #[test]
    fn junk_is_inflated_to_no_more_than_the_bound(junk in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut client = Client::inflating(1000, 5);
        client.send(&frame(BINARY | COMPRESSED, &junk));
        if let [Heard::Binary(message)] = &client.heard[..] {
            prop_assert!(message.len() <= 1000);
        }
        prop_assert_eq!(client.heard.len(), 1);
    }
}
