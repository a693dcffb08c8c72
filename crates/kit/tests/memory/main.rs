//! Memory that clients can make the server hold. In a process of its own, since the memory of a process is measured.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::wildcard_enum_match_arm, dead_code)]

#[path = "../sockets/server.rs"]
mod server;

use std::sync::Mutex;
use std::time::Duration;

use parlor_testkit::deflate::compress;
use parlor_testkit::frames::{BINARY, COMPRESSED, TEXT, header};
use parlor_testkit::{Heard, Peer, wait_until};
use server::{Hosted, open};

/// One at a time.
static TURN: Mutex<()> = Mutex::new(());

const MIB: usize = 1 << 20;

#[test]
fn a_declared_gigabyte_is_refused_by_its_header() {
    let _turn = TURN.lock();
    let host = Hosted::new(open());
    let before = resident_bytes();
    let mut peer = Peer::new(host.address);
    peer.raw(&header(BINARY, 1 << 30));
    let piece = vec![0; MIB];
    let sent = (0..200).take_while(|_| peer.try_raw(&piece).is_ok()).count();
    let heard = peer.hear();
    assert!(matches!(heard, Heard::Close(1009, _)), "{heard:?} after {sent} MiB");
    host.log.wait("left", 1);
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 16 * MIB, "{} MiB were held", grown / MIB);
}

/// Freed for others to use; the allocator may keep it from the system. Five stuck readers, one after the other, need
/// no more than two, though each may still take five seconds to hear why it was closed.
#[test]
fn what_a_stuck_reader_held_is_freed() {
    let _turn = TURN.lock();
    let host = Hosted::new(open().outbox_stall(Duration::from_millis(500)).outbox_bytes(1024 * MIB));
    let before = resident_bytes();
    let mut stuck = Vec::new();
    for count in 1..=5 {
        let mut peer = Peer::narrow(host.address);
        peer.text("pour 150 1048576");
        stuck.push(peer);
        host.log.wait("left", count);
    }
    assert_eq!(host.sample("slow_consumers_total"), 5);
    let grown = peak_bytes().saturating_sub(before);
    assert!(grown > 120 * MIB, "it was never held");
    assert!(grown < 400 * MIB, "{} MiB were held", grown / MIB);
}

/// Bombs of all clients at once: a worker inflates one message after the other, up to the bound, and keeps nothing of it.
#[test]
fn bombs_cost_no_more_than_a_message() {
    let _turn = TURN.lock();
    let host = Hosted::new(open().frame_bytes(4 * MIB));
    let bomb = compress(vec![0; 128 * MIB]);
    let mut peers: Vec<Peer> = (0..20).map(|_| Peer::deflating(host.address, "")).collect();
    let before = peak_bytes();
    for peer in &mut peers {
        peer.frame(BINARY | COMPRESSED, &bomb);
    }
    for peer in &mut peers {
        let heard = peer.hear();
        assert!(matches!(heard, Heard::Close(1009, _)), "{heard:?}");
    }
    host.log.wait("left", 20);
    let grown = peak_bytes().saturating_sub(before);
    assert!(grown < 64 * MIB, "{} MiB were held", grown / MIB);
}

/// A compressed connection keeps no inflater and no compressor while nothing is on its way.
#[test]
fn a_compressed_connection_keeps_nothing() {
    let _turn = TURN.lock();
    const CLIENTS: usize = 100;
    let host = Hosted::new(open());
    let talk = "a line of talk ".repeat(100);
    let connect = |_| {
        let mut peer = Peer::deflating(host.address, "");
        peer.frame(TEXT | COMPRESSED, compress(&talk));
        peer.expect(&talk);
        peer
    };
    let _warm: Vec<Peer> = (0..CLIENTS).map(connect).collect();
    let before = resident_bytes();
    let _clients: Vec<Peer> = (0..CLIENTS).map(connect).collect();
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < CLIENTS * 32 * 1024, "{} KiB for each, both ends", grown / CLIENTS / 1024);
}

/// A client that begins messages and never ends them holds what it has sent, not what it has declared.
#[test]
fn begun_messages_hold_no_more_than_was_sent() {
    let _turn = TURN.lock();
    let host = Hosted::new(open().frame_bytes(64 * MIB));
    let before = resident_bytes();
    let mut peers: Vec<Peer> = (0..50).map(|_| Peer::new(host.address)).collect();
    for peer in &mut peers {
        peer.raw(&header(BINARY, 64 << 20));
        peer.raw(&[0; 1000]);
    }
    wait_until("all is read", || host.sample("bytes_in_total") >= 50 * 1000);
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 16 * MIB, "{} MiB were held", grown / MIB);
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

fn peak_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}
