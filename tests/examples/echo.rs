//! The echo.

use parlor_testkit::Heard;
use parlor_testkit::frames::{BINARY, CONTINUES, ENDS, TEXT_BEGINS, frame};

use crate::Example;

#[test]
fn echo_returns_every_message_as_it_came() {
    let echo = Example::start("echo");
    for path in ["/", "/echo"] {
        let mut peer = echo.connect(path);
        for text in ["hello", "", &"🦀".repeat(100_000)] {
            peer.text(text);
            peer.expect(text);
        }
        for bytes in [vec![0, 1, 255], vec![], vec![7; 16 << 20]] {
            peer.frame(BINARY, &bytes);
            assert!(peer.hear() == Heard::Binary(bytes), "{path}");
        }
    }
}

#[test]
fn echo_puts_fragments_together_and_refuses_what_is_too_big() {
    const FRAGMENTS: usize = 50_000;
    let echo = Example::start("echo");
    let mut peer = echo.connect("/");
    let middle = frame(CONTINUES, "x").repeat(FRAGMENTS - 2);
    peer.raw(&[frame(TEXT_BEGINS, "x"), middle, frame(ENDS, "x")].concat());
    peer.expect(&"x".repeat(FRAGMENTS));
    let _ = peer.try_raw(&frame(BINARY, vec![7; (16 << 20) + 1]));
    let heard = peer.hear();
    assert!(matches!(heard, Heard::Close(1009, _)), "{heard:?}");
}
