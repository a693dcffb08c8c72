mod compressed;

use proptest::prelude::*;

use super::*;

const MASK: u32 = 0x37_fa_21_3d;

/// A client's frame; `first` is its first byte: flags and opcode.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..126 => bytes.push(0x80 | len as u8),
        len @ 126..0x1_0000 => {
            bytes.push(0x80 | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(0x80 | 127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK.to_be_bytes());
    let mut masked = payload.to_vec();
    mask::apply(MASK, 0, &mut masked);
    bytes.extend(masked);
    bytes
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const BEGIN_TEXT: u8 = 0x01;
const BEGIN_BINARY: u8 = 0x02;
const GO_ON: u8 = 0x00;
const END: u8 = 0x80;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    Close(Option<u16>),
    Error(u16),
}

struct Client {
    reader: Decoder,
    heard: Vec<Heard>,
}

impl Client {
    fn new(frame_bytes: usize, fragments: usize) -> Self {
        let limits = Limits { frame_bytes, fragments, ..Limits::default() };
        Client { reader: Decoder::new(&limits), heard: Vec::new() }
    }

    fn send(&mut self, bytes: &[u8]) -> &mut Self {
        let mut bytes = bytes.to_vec();
        let mut input = &mut bytes[..];
        loop {
            let heard = match self.reader.next(&mut input) {
                Ok(None) => break,
                Ok(Some(Received::Text(text))) => Heard::Text(text.into_owned()),
                Ok(Some(Received::Binary(bytes))) => Heard::Binary(bytes.into_owned()),
                Ok(Some(Received::Ping(bytes))) => Heard::Ping(bytes.into_owned()),
                Ok(Some(Received::Pong)) => Heard::Pong,
                Ok(Some(Received::Close(close))) => Heard::Close(close.map(|close| close.code)),
                Err(close) => {
                    assert!(!close.reason.is_empty());
                    Heard::Error(close.code)
                }
            };
            self.heard.push(heard);
        }
        assert!(input.is_empty(), "everything is taken");
        self
    }

    fn held(&self) -> usize {
        let Some(partial) = &self.reader.partial else { return 0 };
        partial.control.capacity() + partial.message.as_ref().map_or(0, |message| message.capacity())
    }
}

/// The result of these frames, in one piece and byte by byte.
fn heard(frames: &[Vec<u8>]) -> Vec<Heard> {
    let bytes = frames.concat();
    let mut whole = Client::new(1 << 20, 100);
    whole.send(&bytes);
    let mut slow = Client::new(1 << 20, 100);
    for byte in &bytes {
        slow.send(&[*byte]);
    }
    assert_eq!(whole.heard, slow.heard);
    assert_eq!(whole.held(), slow.held());
    whole.heard
}

fn text(text: &str) -> Heard {
    Heard::Text(text.to_owned())
}

#[test]
fn the_example_of_the_rfc() {
    let bytes = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]; // §5.7
    assert_eq!(heard(&[bytes.to_vec()]), [text("Hello")]);
}

#[test]
fn messages_of_all_lengths() {
    for len in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
        let payload = vec![b'x'; len];
        assert_eq!(heard(&[frame(BINARY, &payload), frame(TEXT, b"next")]), [Heard::Binary(payload), text("next")]);
    }
}

#[test]
fn fragments_are_put_together_and_control_frames_come_between() {
    let frames = [
        frame(BEGIN_TEXT, "gr\u{fc}\u{df}".as_bytes()),
        frame(PING, b"still there?"),
        frame(GO_ON, b""),
        frame(PONG, b""),
        frame(END, b" dich"),
        frame(BEGIN_BINARY, b"\xff"),
        frame(END, b"\xfe"),
    ];
    let expected = [
        Heard::Ping(b"still there?".to_vec()),
        Heard::Pong,
        text("gr\u{fc}\u{df} dich"),
        Heard::Binary(vec![255, 254]),
    ];
    assert_eq!(heard(&frames), expected);
}

#[test]
fn nothing_is_held_between_messages() {
    let mut client = Client::new(1 << 20, 100);
    client.send(&frame(BEGIN_TEXT, &[b'x'; 5000])).send(&frame(END, &[b'y'; 5000])).send(&frame(PING, b"p")[..3]);
    assert!(client.held() < 200, "{}", client.held());
    client.send(&frame(PING, b"p")[3..]);
    assert!(client.reader.partial.is_none());
}

#[test]
fn a_length_beyond_the_limit_is_refused_by_its_header() {
    for (limit, declared) in [(65_536_usize, 65_537_u64), (65_536, 1 << 30), (65_536, u64::MAX), (100, 101)] {
        let mut client = Client::new(limit, 10);
        let mut header = frame(BINARY, &vec![0; declared.min(70_000) as usize]);
        let end = if declared > 65_535 { 10 } else { 2 };
        if declared > 65_535 {
            header[2..10].copy_from_slice(&declared.to_be_bytes());
        }
        client.send(&header[..end]); // not even the mask has come
        assert_eq!(client.heard, [Heard::Error(1009)]);
        client.send(&frame(TEXT, b"nothing more is handled"));
        assert_eq!(client.heard.len(), 1);
        assert_eq!(client.held(), 0);
    }
}

#[test]
fn fragments_count_together() {
    let mut client = Client::new(1000, 10);
    client.send(&frame(BEGIN_TEXT, &[b'x'; 600])).send(&frame(PING, &[b'p'; 125])).send(&frame(GO_ON, &[b'x'; 400]));
    assert!(client.held() <= 1000, "{}", client.held());
    client.send(&frame(END, b"1")[..2]);
    assert_eq!(client.heard[1..], [Heard::Error(1009)]);
}

#[test]
fn a_message_has_a_bounded_number_of_fragments() {
    let mut client = Client::new(1000, 3);
    client.send(&frame(BEGIN_TEXT, b"a")).send(&frame(GO_ON, b"")).send(&frame(END, b"b"));
    client.send(&frame(BEGIN_TEXT, b"")).send(&frame(GO_ON, b"")).send(&frame(GO_ON, b""));
    assert_eq!(client.heard, [text("ab")]);
    client.send(&frame(END, b"")[..6]);
    assert_eq!(client.heard, [text("ab"), Heard::Error(1009)]);
}

#[test]
fn what_the_rfc_forbids_is_a_protocol_error() {
    let unmasked = vec![0x81, 0x01, b'x'];
    let unmasked_and_long = vec![0x81, 126];
    let long_length = [vec![0x82, 0xfe, 0, 5], MASK.to_be_bytes().to_vec()].concat();
    let longer_length = [vec![0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff], MASK.to_be_bytes().to_vec()].concat();
    let wrong = [
        ("reserved bit 1", vec![frame(0xc1, b"x")]),
        ("reserved bit 2", vec![frame(0xa1, b"x")]),
        ("reserved bit 3", vec![frame(0x91, b"x")]),
        ("reserved opcode 3", vec![frame(0x83, b"x")]),
        ("reserved opcode 11", vec![frame(0x8b, b"x")]),
        ("no mask", vec![unmasked]),
        ("no mask", vec![unmasked_and_long]),
        ("16 bits for 5", vec![long_length]),
        ("64 bits for 65535", vec![longer_length]),
        ("long ping", vec![frame(PING, &[0; 126])]),
        ("fragmented ping", vec![frame(0x09, b"x")]),
        ("fragmented close", vec![frame(0x08, b"")]),
        ("continuation of nothing", vec![frame(GO_ON, b"x")]),
        ("end of nothing", vec![frame(END, b"x")]),
        ("message in a message", vec![frame(BEGIN_TEXT, b"x"), frame(TEXT, b"y")]),
        ("begin in a message", vec![frame(BEGIN_TEXT, b"x"), frame(BEGIN_BINARY, b"y")]),
        ("half a close code", vec![frame(CLOSE, b"\x03")]),
    ];
    for (what, mut frames) in wrong {
        frames.push(frame(TEXT, b"not handled"));
        assert_eq!(heard(&frames), [Heard::Error(1002)], "{what}");
    }
}

#[test]
fn close_codes() {
    let close = |code: u16| heard(&[frame(CLOSE, &code.to_be_bytes()), frame(TEXT, b"not handled")]);
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
        assert_eq!(close(code), [Heard::Close(Some(code))]);
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        assert_eq!(close(code), [Heard::Error(1002)], "{code}");
    }
    assert_eq!(heard(&[frame(CLOSE, b"")]), [Heard::Close(None)]);
    assert_eq!(heard(&[frame(CLOSE, b"\x03\xe8\xff")]), [Heard::Error(1007)]);
    assert_eq!(heard(&[frame(CLOSE, &[b"\x03\xe8", &[b'x'; 123][..]].concat())]), [Heard::Close(Some(1000))]);
}

#[test]
fn text_is_judged_across_fragments_and_as_it_comes() {
    let crab = "🦀".as_bytes();
    assert_eq!(
        heard(&[frame(BEGIN_TEXT, &crab[..1]), frame(GO_ON, &crab[1..3]), frame(END, &crab[3..])]),
        [text("🦀")]
    );
    assert_eq!(heard(&[frame(TEXT, b"ab\xff")]), [Heard::Error(1007)]);
    assert_eq!(heard(&[frame(TEXT, &crab[..3])]), [Heard::Error(1007)], "cut at the end");
    assert_eq!(heard(&[frame(BEGIN_TEXT, &crab[..3]), frame(END, b"")]), [Heard::Error(1007)]);
    // Fail-fast: in the middle of a frame that is not whole, and of a message that is not over.
    let long = frame(TEXT, &[b"\xce\xba\xf4\x90".as_slice(), &[b'x'; 1000]].concat());
    let mut client = Client::new(1 << 20, 10);
    client.send(&long[..8 + 3]);
    assert_eq!(client.heard, []);
    client.send(&long[8 + 3..8 + 4]);
    assert_eq!(client.heard, [Heard::Error(1007)]);
    let mut client = Client::new(1 << 20, 10);
    client.send(&frame(BEGIN_TEXT, b"\xed")).send(&frame(GO_ON, b"\xa0"));
    assert_eq!(client.heard, [Heard::Error(1007)]);
}

#[derive(Clone, Debug)]
enum Act {
    Message { is_text: bool, payload: String, cuts: Vec<usize>, ping: bool },
    Ping(Vec<u8>),
    Raw(Vec<u8>),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (any::<bool>(), "\\PC{0,200}", prop::collection::vec(0..200_usize, 0..4), any::<bool>())
            .prop_map(|(is_text, payload, cuts, ping)| Act::Message { is_text, payload, cuts, ping }),
        1 => (0..200_usize).prop_map(|len| Act::Message { is_text: false, payload: "y".repeat(len * 700), cuts: vec![len], ping: false }),
        2 => prop::collection::vec(any::<u8>(), 0..=125).prop_map(Act::Ping),
        1 => prop::collection::vec(any::<u8>(), 0..20).prop_map(Act::Raw),
    ]
}

fn bytes_of(acts: &[Act]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for act in acts {
        match act {
            Act::Ping(payload) => bytes.extend(frame(PING, payload)),
            Act::Raw(raw) => bytes.extend(raw),
            Act::Message { is_text, payload, cuts, ping } => {
                let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (payload.len() + 1)).collect();
                cuts.sort_unstable();
                cuts.insert(0, 0);
                cuts.push(payload.len());
                for (at, cut) in cuts.windows(2).enumerate() {
                    let opcode = if at > 0 { 0 } else { if *is_text { 1 } else { 2 } };
                    let fin = if at + 2 == cuts.len() { 0x80 } else { 0 };
                    bytes.extend(frame(fin | opcode, &payload.as_bytes()[cut[0]..cut[1]]));
                    if *ping {
                        bytes.extend(frame(PING, b"between"));
                    }
                }
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_of_the_bytes_gives_the_same(acts in prop::collection::vec(act(), 0..12), sizes in prop::collection::vec(1..4000_usize, 1..40)) {
        let bytes = bytes_of(&acts);
        let mut whole = Client::new(100_000, 3);
        whole.send(&bytes);
        let mut cut = Client::new(100_000, 3);
        let mut rest = &bytes[..];
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, after) = rest.split_at((*size).min(rest.len()));
            cut.send(chunk);
            prop_assert!(cut.held() <= 100_000 + 125, "{}", cut.held());
            rest = after;
        }
        prop_assert_eq!(&whole.heard, &cut.heard);
    }

    #[test]
    fn junk_never_panics_and_is_never_held(junk in prop::collection::vec(any::<u8>(), 0..3000), masked in any::<bool>()) {
        let mut client = Client::new(1000, 5);
        for chunk in junk.chunks(7) {
            let mut chunk = chunk.to_vec();
            if masked && chunk.len() > 1 {
                chunk[0] &= 0x8f;
                chunk[1] |= 0x80;
            }
            client.send(&chunk);
            prop_assert!(client.held() <= 1125);
        }
        let ends = client.heard.iter().filter(|heard| matches!(heard, Heard::Error(_) | Heard::Close(_))).count();
        prop_assert!(ends <= 1);
    }
}
