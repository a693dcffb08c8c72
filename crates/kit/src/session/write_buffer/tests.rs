use std::cell::Cell;
use std::task::{Context, Poll};

use proptest::prelude::*;

use super::*;
use parlor_core::wire::control;
use parlor_core::{Close, Frame};

/// Takes so many bytes and no more until it is given room; may take them in small bites.
struct Pipe {
    room: Cell<usize>,
    bite: usize,
    taken: RefCell<Vec<u8>>,
    writes: Cell<usize>,
    is_broken: Cell<bool>,
}

impl Pipe {
    fn new(room: usize) -> Self {
        Pipe {
            room: Cell::new(room),
            bite: usize::MAX,
            taken: RefCell::default(),
            writes: Cell::new(0),
            is_broken: Cell::new(false),
        }
    }
}

impl Socket for Pipe {
    fn try_read(&self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.writes.set(self.writes.get() + 1);
        if self.is_broken.get() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let taken = bytes.len().min(self.room.get()).min(self.bite);
        if taken == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.room.set(self.room.get() - taken);
        self.taken.borrow_mut().extend(&bytes[..taken]);
        Ok(taken)
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.try_write(&slices.iter().flat_map(|slice| slice.to_vec()).collect::<Vec<u8>>())
    }

    fn poll_readable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_writable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn shutdown_write(&self) {}
    fn abort(&self) {}
    fn tune(&self, _: Duration) {}
}

fn frame(len: usize) -> Bytes {
    Frame::binary(vec![b'x'; len]).wire().clone()
}

const NOW: Moment = Moment(0);

#[test]
fn what_fits_is_written_at_once() {
    let buffer = WriteBuffer::new(Pipe::new(1000), 10);
    buffer.send(&frame(100), NOW).unwrap();
    assert_eq!(buffer.waiting(), 0);
    assert!(buffer.waiting.borrow().is_none(), "nothing is held");
    assert_eq!(buffer.socket().taken.borrow().len(), 102);
}

#[test]
fn what_is_held_goes_out_in_one_write() {
    let buffer = WriteBuffer::new(Pipe::new(1000), 10);
    assert!(buffer.hold(&frame(10), NOW));
    assert!(!buffer.hold(&frame(20), NOW));
    buffer.flush(NOW).unwrap();
    assert_eq!(buffer.socket().writes.get(), 1);
    assert_eq!(buffer.socket().taken.borrow().len(), 34);
    assert!(buffer.hold(&frame(10), NOW), "the first one again");
}

#[test]
fn a_stuck_socket_is_not_tried_for_every_frame() {
    let buffer = WriteBuffer::new(Pipe::new(10), 1000);
    buffer.send(&frame(100), NOW).unwrap();
    let writes = buffer.socket().writes.get();
    buffer.send(&frame(100), NOW).unwrap();
    buffer.hold(&frame(100), NOW);
    buffer.flush(NOW).unwrap();
    assert_eq!(buffer.socket().writes.get(), writes);
    assert_eq!(buffer.waiting(), 3 * 102 - 10);
    buffer.socket().room.set(1000);
    buffer.drain(NOW).unwrap();
    assert_eq!(buffer.waiting(), 0);
}

#[test]
fn what_is_sent_takes_what_is_held_along() {
    let buffer = WriteBuffer::new(Pipe::new(1000), 10);
    buffer.hold(&frame(10), NOW);
    buffer.send(&frame(20), NOW).unwrap();
    assert_eq!(buffer.socket().taken.borrow().len(), 34);
    buffer.flush(NOW).unwrap();
    assert_eq!(buffer.socket().writes.get(), 1);
}

#[test]
fn a_write_that_is_stuck_leaves_nothing_to_be_flushed() {
    let buffer = WriteBuffer::new(Pipe::new(10), 100);
    buffer.hold(&frame(10), NOW);
    buffer.send(&frame(10), NOW).unwrap();
    assert!(buffer.hold(&frame(90), NOW), "who holds something now has to flush it");
    assert_eq!(buffer.flush(NOW), Err(Fault::Full));
}

#[test]
fn what_does_not_fit_is_a_fault() {
    let buffer = WriteBuffer::new(Pipe::new(10), 100);
    assert_eq!(buffer.send(&frame(50), NOW), Ok(()));
    assert_eq!(buffer.send(&frame(50), NOW), Ok(()));
    buffer.socket().room.set(20);
    assert_eq!(buffer.send(&frame(20), NOW), Ok(()), "it looks for room first");
    assert_eq!(buffer.send(&frame(50), NOW), Err(Fault::Full));
    let buffer = WriteBuffer::new(Pipe::new(10), 100);
    assert_eq!(buffer.send(&frame(110), NOW), Err(Fault::Full));
    let buffer = WriteBuffer::new(Pipe::new(10), 100);
    buffer.hold(&frame(110), NOW);
    assert_eq!(buffer.flush(NOW), Err(Fault::Full));
}

#[test]
fn a_broken_socket_is_a_fault() {
    let buffer = WriteBuffer::new(Pipe::new(10), 100);
    buffer.socket().is_broken.set(true);
    assert_eq!(buffer.send(&frame(1), NOW), Err(Fault::Lost));
    buffer.hold(&frame(1), NOW);
    assert_eq!(buffer.flush(NOW), Err(Fault::Lost));
}

#[test]
fn a_stall_is_counted_from_the_last_byte_taken() {
    let patience = Duration::from_secs(10);
    let buffer = WriteBuffer::new(Pipe::new(0), 1000);
    assert!(!buffer.is_stalled(patience, Moment(1_000_000)));
    buffer.send(&frame(100), Moment(5_000)).unwrap();
    buffer.send(&frame(100), Moment(9_000)).unwrap();
    assert!(!buffer.is_stalled(patience, Moment(14_999)));
    assert!(buffer.is_stalled(patience, Moment(15_000)));
    buffer.socket().room.set(1);
    buffer.drain(Moment(14_000)).unwrap();
    assert!(!buffer.is_stalled(patience, Moment(15_000)));
}

#[test]
fn last_words_stand_after_the_frame_that_was_begun() {
    let last = control::close(&Close::new(4000, "slow"));
    let buffer = WriteBuffer::new(Pipe::new(50), 1000);
    let several = [frame(10), frame(100), frame(200)].concat();
    buffer.send(&several.into(), NOW).unwrap(); // the second frame is cut
    buffer.send(&frame(300), NOW).unwrap();
    buffer.give_up(last.clone(), NOW);
    assert_eq!(buffer.waiting(), 12 + 102 - 50 + last.len());
    buffer.socket().room.set(1000);
    buffer.drain(NOW).unwrap();
    assert_eq!(*buffer.socket().taken.borrow(), [&frame(10)[..], &frame(100), &last].concat());
}

#[test]
fn of_what_waits_only_the_end_of_the_begun_frame_is_kept() {
    let buffer = WriteBuffer::new(Pipe::new(50), 1 << 20);
    buffer.send(&frame(100_000), NOW).unwrap();
    buffer.send(&frame(500_000), NOW).unwrap();
    buffer.give_up(control::ping(), NOW);
    assert_eq!(buffer.waiting(), 100_000 + 10 - 50 + 2);
    buffer.socket().room.set(1 << 20);
    buffer.drain(NOW).unwrap();
    assert_eq!(*buffer.socket().taken.borrow(), [&frame(100_000)[..], &control::ping()].concat());
}

#[test]
fn the_mark_is_passed_when_what_was_before_it_is_written() {
    let buffer = WriteBuffer::new(Pipe::new(10), 1000);
    assert!(!buffer.mark(), "nothing waits");
    buffer.send(&frame(100), NOW).unwrap();
    assert!(buffer.mark());
    buffer.send(&frame(100), NOW).unwrap();
    buffer.socket().room.set(91);
    buffer.drain(NOW).unwrap();
    assert!(buffer.is_marked(), "one byte is missing");
    buffer.socket().room.set(1);
    buffer.drain(NOW).unwrap();
    assert!(!buffer.is_marked());
    assert_eq!(buffer.waiting(), 102);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_byte_comes_once_and_in_order(
        acts in prop::collection::vec((0..4_u8, 0..300_usize), 1..100),
        bite in 1..500_usize,
    ) {
        let buffer = WriteBuffer::new(Pipe { bite, ..Pipe::new(0) }, usize::MAX);
        let mut expected: Vec<u8> = Vec::new();
        for (index, (act, len)) in acts.into_iter().enumerate() {
            let bytes = Frame::binary(vec![index as u8; len]).wire().clone();
            match act {
                0 => buffer.send(&bytes, NOW).unwrap(),
                1 => {
                    buffer.hold(&bytes, NOW);
                    buffer.hold(&bytes, NOW);
                    buffer.flush(NOW).unwrap();
                    expected.extend(&bytes);
                }
                _ => {
                    buffer.socket().room.set(len);
                    buffer.drain(NOW).unwrap();
                    continue;
                }
            }
            expected.extend(&bytes);
        }
        prop_assert_eq!(buffer.waiting() + buffer.socket().taken.borrow().len(), expected.len());
        buffer.socket().room.set(usize::MAX);
        buffer.drain(NOW).unwrap();
        prop_assert_eq!(&*buffer.socket().taken.borrow(), &expected);
    }
}
