//! The three functions, and the server's object steered from standard input.

use parlor_testkit::{Heard, PATIENCE, wait_until};

use crate::Example;

#[test]
fn all_hear_of_a_newcomer() {
    let server = Example::start("callbacks");
    let mut ann = server.connect("/");
    ann.expect("a new client has joined");
    let mut bo = server.connect("/");
    ann.expect("a new client has joined");
    bo.expect("a new client has joined");
}

#[test]
fn the_server_object_can_be_steered() {
    let mut server = Example::start("callbacks");
    let mut ann = server.connect("/");
    ann.expect("a new client has joined");
    server.process.write_line("say tea is ready");
    ann.expect("tea is ready");
    server.process.write_line("what?");
    server.process.write_line("deny");
    wait_until("newcomers are denied", || matches!(server.connect("/").hear(), Heard::Close(1000, _)));
    server.process.write_line("allow");
    wait_until("newcomers are let in", || matches!(server.connect("/").hear(), Heard::Text(_)));
    server.process.write_line("disconnect");
    while let Heard::Text(_) = ann.hear() {}
    let mut bo = server.connect("/");
    bo.wait_for("a new client has joined");
    server.process.write_line("abort");
    wait_until("bo is cut off", || matches!(bo.hear(), Heard::Reset | Heard::End));
    server.process.write_line("shutdown");
    assert_eq!(server.process.ended_within(PATIENCE).and_then(|status| status.code()), Some(0));
}
