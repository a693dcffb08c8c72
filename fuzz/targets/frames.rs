//! A client's bytes, in one piece and byte by byte: both give the same, and no more is held than a message may have.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlor_core::Limits;
use parlor_core::wire::Decoder;

const FRAME_BYTES: usize = 1000;

/// All that a decoder makes of these pieces, as text.
fn heard<'a>(mut decoder: Decoder, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut heard = Vec::new();
    for piece in pieces {
        let mut bytes = piece.to_vec();
        let mut input = &mut bytes[..];
        loop {
            match decoder.next(&mut input) {
                Ok(None) => break,
                Ok(Some(received)) => heard.push(format!("{received:?}")),
                Err(close) => {
                    assert!(matches!(close.code, 1002 | 1007 | 1009) && !close.reason.is_empty());
                    heard.push(format!("{close:?}"));
                }
            }
        }
        assert!(input.is_empty(), "everything is taken");
    }
    heard
}

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let decoder = || {
        let decoder = Decoder::new(&Limits::default().frame_bytes(FRAME_BYTES).fragments(8));
        if kind & 1 == 0 { decoder } else { decoder.inflating() }
    };
    let whole = heard(decoder(), std::iter::once(bytes));
    assert_eq!(heard(decoder(), bytes.chunks(1)), whole);
    assert_eq!(heard(decoder(), bytes.chunks(usize::from(*kind) / 2 + 1)), whole);
});
