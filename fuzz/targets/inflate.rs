//! A compressed message: it is inflated to no more than the bound, alike whatever came before; and what the server
//! compresses comes back as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parlor_core::wire::deflate::{WindowBits, compress};
use parlor_core::wire::{Decoder, Received};
use parlor_core::{Close, Limits};

const FRAME_BYTES: usize = 4096;

/// Returns what a compressed binary message is, when it is inflated.
fn inflated(payload: &[u8]) -> Result<Vec<u8>, Close> {
    let mut frame = vec![0xc2, 0xfe];
    let Ok(length) = u16::try_from(payload.len()) else { return Ok(Vec::new()) };
    match u8::try_from(length) {
        Ok(short) if short < 126 => frame[1] = 0x80 | short,
        _ => frame.extend(length.to_be_bytes()),
    }
    frame.extend([0; 4]); // a mask that changes nothing
    frame.extend(payload);
    let mut decoder = Decoder::new(&Limits::default().frame_bytes(FRAME_BYTES)).inflating();
    match decoder.next(&mut &mut frame[..])? {
        Some(Received::Binary(message)) => Ok(message.into_owned()),
        other => panic!("{other:?}"),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let first = inflated(bytes);
    match &first {
        Ok(message) => assert!(message.len() <= FRAME_BYTES),
        Err(close) => assert!(matches!(close.code, 1007 | 1009), "{close:?}"),
    }
    assert_eq!(inflated(bytes), first, "nothing is left of the message before");
    let bits = bytes.first().map_or(15, |byte| 8 + byte % 8);
    if let Some(payload) = WindowBits::new(bits).and_then(|window| compress(bytes, window)) {
        assert!(payload.len() < bytes.len());
        if bytes.len() <= FRAME_BYTES {
            assert_eq!(inflated(&payload).as_deref(), Ok(bytes));
        }
    }
});
