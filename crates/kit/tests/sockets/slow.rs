//! Peers that do not read.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::Duration;

use parlor_testkit::frames::{TEXT, frame};
use parlor_testkit::{Heard, Peer, wait_until};

use super::server::{Hosted, open};

#[test]
fn a_stuck_reader_costs_fifty_healthy_peers_nothing() {
    const MESSAGES: usize = 1000;
    const READERS: usize = 50;
    let host = Hosted::new(open().outbox_bytes(256 * 1024));
    let mut stuck = Peer::narrow(host.address);
    stuck.text("join 1");
    stuck.expect("joined");
    let heard = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            let (mut peer, heard) = (Peer::new(host.address), Arc::clone(&heard));
            peer.text("join 1");
            peer.expect("joined");
            std::thread::spawn(move || {
                (0..MESSAGES).for_each(|index| {
                    peer.expect(&line(index));
                    heard.fetch_add(1, Ordering::SeqCst);
                });
            })
        })
        .collect();
    let mut speaker = Peer::new(host.address);
    for index in 0..MESSAGES {
        speaker.text(&format!("say 1 {}", line(index)));
        if index % 20 == 0 {
            // The healthy ones are fast, but not without end.
            let all = (index + 1) * READERS;
            wait_until("all have heard it", || {
                heard.load(Ordering::SeqCst) >= all || readers.iter().any(JoinHandle::is_finished)
            });
        }
    }
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    host.log.wait("left", 1);
    assert_eq!(host.sample("slow_consumers_total"), 1);
    // It wakes up: what was on its way is whole and in order, and it hears why it has to go.
    let mut next = 0;
    let code = loop {
        match stuck.hear() {
            Heard::Text(text) => assert_eq!(text, line(next)),
            Heard::Close(code, _) => break code,
            other => panic!("{other:?}"),
        }
        next += 1;
    };
    assert_eq!(code, 4000);
    assert!(next < MESSAGES);
}

fn line(index: usize) -> String {
    format!("{index} {}", "x".repeat(8000))
}

#[test]
fn a_socket_that_takes_nothing_for_a_while_is_given_up() {
    let host = Hosted::new(open().outbox_stall(Duration::from_millis(300)).outbox_bytes(64 << 20));
    let mut stuck = Peer::narrow(host.address);
    stuck.text("pour 300 100000");
    host.log.wait("left", 1);
    assert_eq!((host.sample("slow_consumers_total"), host.sample("4000")), (1, 1));
}

#[test]
fn a_slow_reader_that_goes_on_is_let_be() {
    let host = Hosted::new(open().outbox_stall(Duration::from_millis(500)).outbox_bytes(64 << 20));
    let mut slow = Peer::narrow(host.address);
    slow.text("pour 40 100000");
    for index in 0..40 {
        assert_eq!(slow.hear(), Heard::Binary(vec![index; 100_000]));
        std::thread::sleep(Duration::from_millis(20));
    }
    slow.leave();
}

/// It reads less in the time of a stall than the system's buffers hold.
#[test]
fn a_slow_but_steady_reader_is_never_given_up() {
    const BYTES: usize = 5 << 20;
    let host = Hosted::new(open().outbox_stall(Duration::from_millis(500)).outbox_bytes(64 << 20));
    let mut slow = Peer::narrow(host.address);
    slow.text(&format!("pour 1 {BYTES}"));
    let mut read = 0;
    let mut buffer = [0; 16 * 1024];
    while read < BYTES + 10 {
        let bytes = std::io::Read::read(&mut slow.tcp, &mut buffer).unwrap();
        assert_ne!(bytes, 0, "put out after {read} bytes");
        read += bytes;
        std::thread::sleep(Duration::from_millis(if read < 4 << 20 { 12 } else { 0 }));
    }
    assert_eq!(host.sample("slow_consumers_total"), 0);
}

/// A client that is put out, and reads on, gets to the end of the frame that was begun and hears why.
#[test]
fn who_is_too_slow_and_still_reads_hears_why() {
    let host = Hosted::new(open().outbox_bytes(1 << 20));
    let mut slow = Peer::narrow(host.address);
    slow.text("pour 20 600000");
    host.log.wait("left", 1);
    let mut whole = 0;
    let reason = loop {
        match slow.hear() {
            Heard::Binary(bytes) => assert_eq!(bytes.len(), 600_000),
            Heard::Close(4000, reason) => break reason,
            other => panic!("{other:?} after {whole} frames"),
        }
        whole += 1;
    };
    assert!(whole < 20 && reason.contains("too slow"), "{whole} {reason}");
}

/// A list waits until the one before it is written: so that lists alone never fill an outbox.
#[test]
fn lists_come_one_by_one_and_nothing_else_waits_for_them() {
    const LISTS: usize = 10;
    const BYTES: usize = 900_000;
    let host = Hosted::new(open().outbox_bytes(1 << 20));
    let mut slow = Peer::narrow(host.address);
    let orders = vec![format!("list {BYTES}"); LISTS].into_iter().chain(["hello".into(), "behind lists".into()]);
    slow.raw(&orders.flat_map(|order| frame(TEXT, order)).collect::<Vec<u8>>());
    host.log.wait("list", 1);
    let mut heard = Vec::new();
    for _ in 0..LISTS + 2 {
        heard.push(match slow.hear() {
            Heard::Binary(bytes) => bytes.len().to_string(),
            Heard::Text(text) => text,
            other => panic!("{other:?} after {heard:?}"),
        });
    }
    let lists = vec![BYTES.to_string(); LISTS];
    let expected: Vec<String> = [&lists[..1], &["hello".to_owned()], &lists[1..], &["lists".to_owned()]].concat();
    assert_eq!(heard, expected);
    assert_eq!(host.sample("slow_consumers_total"), 0);
    slow.text("still here");
    slow.expect("still here");
}

/// An echo's client that sends faster than it reads is slowed down by TCP, not closed: it is not read from while much
/// waits for it.
#[test]
fn who_does_not_listen_is_not_read_from() {
    const MESSAGES: usize = 3000;
    let host = Hosted::new(open().outbox_bytes(1 << 20));
    let mut peer = Peer::narrow(host.address);
    let writer = peer.tcp.try_clone().unwrap();
    let (stuck, is_stuck) = channel();
    let sending = std::thread::spawn(move || {
        let all: Vec<u8> = (0..MESSAGES).flat_map(|index| frame(TEXT, line(index))).collect();
        send(writer, &all, || stuck.send(()).unwrap());
    });
    is_stuck.recv().expect("it can't send it all before it listens");
    (0..MESSAGES).for_each(|index| peer.expect(&line(index)));
    sending.join().unwrap();
    assert_eq!(host.sample("slow_consumers_total"), 0);
}

/// Sends everything, and calls `stuck` once when the connection has taken nothing for a while: then the buffers of both
/// systems are full, and the server does not read.
fn send(mut to: TcpStream, mut bytes: &[u8], stuck: impl FnOnce()) {
    let mut stuck = Some(stuck);
    to.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if let Some(stuck) = stuck.take() {
                    stuck();
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
}
