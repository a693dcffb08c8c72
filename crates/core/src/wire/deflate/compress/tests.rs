use proptest::prelude::*;

use super::*;
use crate::wire::deflate::inflate::inflate;

/// A reader of DEFLATE (RFC 1951), written for this test: it tells how far back a payload reaches.
struct Blocks<'a> {
    bytes: &'a [u8],
    bit: usize,
}

/// Codes of a Huffman tree: the number of codes of each length, and the symbols in order (§3.2.2).
struct Codes {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Codes {
    fn new(lengths: &[usize]) -> Self {
        let mut counts = [0; 16];
        lengths.iter().for_each(|length| counts[*length] += 1);
        let of_length = |length| (0..lengths.len()).filter(move |symbol| lengths[*symbol] == length);
        let symbols = (1..16).flat_map(of_length).collect();
        counts[0] = 0;
        Codes { counts, symbols }
    }
}

impl Blocks<'_> {
    fn bits(&mut self, count: usize) -> usize {
        let bit = |at: usize| usize::from(self.bytes[at / 8] >> (at % 8) & 1);
        let bits = (0..count).map(|i| bit(self.bit + i) << i).sum();
        self.bit += count;
        bits
    }

    fn symbol(&mut self, codes: &Codes) -> usize {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &codes.counts[1..] {
            code |= self.bits(1);
            if code < first + count {
                return codes.symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        panic!("no such code");
    }

    /// The trees of a block with dynamic codes (§3.2.7).
    fn trees(&mut self) -> (Codes, Codes) {
        let (literals, distances, count) = (self.bits(5) + 257, self.bits(5) + 1, self.bits(4) + 4);
        let mut lengths = [0; 19];
        for at in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].into_iter().take(count) {
            lengths[at] = self.bits(3);
        }
        let codes = Codes::new(&lengths);
        let mut lengths: Vec<usize> = Vec::new();
        while lengths.len() < literals + distances {
            let (length, repeats) = match self.symbol(&codes) {
                16 => (*lengths.last().unwrap(), 3 + self.bits(2)),
                17 => (0, 3 + self.bits(3)),
                18 => (0, 11 + self.bits(7)),
                length => (length, 1),
            };
            lengths.extend(std::iter::repeat_n(length, repeats));
        }
        (Codes::new(&lengths[..literals]), Codes::new(&lengths[literals..]))
    }

    /// Returns the longest distance in all blocks of a payload.
    fn distance_max(payload: &[u8]) -> usize {
        let bytes = [payload, &[0, 0, 0xff, 0xff]].concat();
        let mut blocks = Blocks { bytes: &bytes, bit: 0 };
        let mut longest = 0;
        while blocks.bit < (bytes.len() - 4) * 8 {
            let is_last = blocks.bits(1);
            assert_eq!(is_last, 0, "no message ends a block for good");
            let (literals, distances) = match blocks.bits(2) {
                0 => {
                    blocks.bit = blocks.bit.next_multiple_of(8);
                    let length = blocks.bits(16);
                    blocks.bit += 16 + 8 * length;
                    continue;
                }
                1 => {
                    let length = |symbol| match symbol {
                        0..144 | 280..288 => 8,
                        144..256 => 9,
                        _ => 7,
                    };
                    (Codes::new(&(0..288).map(length).collect::<Vec<_>>()), Codes::new(&[5; 30]))
                }
                _ => blocks.trees(),
            };
            loop {
                match blocks.symbol(&literals) {
                    0..256 => continue,
                    256 => break,
                    symbol @ (265..285) => _ = blocks.bits((symbol - 261) / 4), // the rest of a length
                    _ => {}
                }
                let symbol = blocks.symbol(&distances);
                let extra = (symbol / 2).saturating_sub(1);
                let base = if symbol < 4 { symbol + 1 } else { ((2 + symbol % 2) << extra) + 1 };
                longest = longest.max(base + blocks.bits(extra));
            }
        }
        longest
    }
}

fn lines(count: u32) -> String {
    (0..count).map(|i| format!("line {} of the talk, {}\n", i, i.wrapping_mul(2_654_435_761))).collect()
}

#[test]
fn each_window_is_kept_to() {
    let talk = lines(5000);
    for bits in 8..=15 {
        let payload = compress(talk.as_bytes(), WindowBits::new(bits).unwrap()).unwrap();
        let distance = Blocks::distance_max(&payload);
        let window = 1 << bits;
        assert!((window * 48 / 100..=window).contains(&distance), "{distance} bytes back in a window of {window}");
        assert_eq!(inflate(&payload, talk.len()).as_deref(), Ok(talk.as_bytes()));
    }
}

#[test]
fn what_is_not_shorter_stays_plain() {
    for message in [&b""[..], b"a", b"Hello", &[7; 3], b"\x00\xff\x10\x83\x22\x9a\xe1\x5c\x40\x07"] {
        assert_eq!(compress(message, WindowBits::default()), None, "{message:?}");
    }
}

#[test]
fn a_long_message_leaves_no_buffer() {
    let long = lines(20_000);
    assert!(compress(long.as_bytes(), WindowBits::default()).is_some());
    SCRATCH.with_borrow(|scratch| assert!(scratch.buffer.capacity() <= KEPT_BYTES_MAX));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_comes_back_as_it_was(message in prop::collection::vec(0..20_u8, 0..5000), bits in 8..=15_u8) {
        if let Some(payload) = compress(&message, WindowBits::new(bits).unwrap()) {
            prop_assert!(payload.len() < message.len());
            prop_assert!(Blocks::distance_max(&payload) <= 1 << bits);
            prop_assert_eq!(inflate(&payload, message.len()), Ok(message));
        }
    }
}
