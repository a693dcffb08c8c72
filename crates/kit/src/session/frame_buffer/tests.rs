use parlor_core::Frame;
use proptest::prelude::*;

use super::*;

/// A frame of so many bytes on the wire.
fn frame(bytes: usize) -> Frame {
    let frame = Frame::binary(vec![0; bytes - 2]);
    assert_eq!(frame.wire().len(), bytes);
    frame
}

fn filled(count: usize, bytes_max: usize) -> FrameBuffer {
    let mut buffer = FrameBuffer::new(bytes_max);
    (0..count).for_each(|_| buffer.push(frame(10)).unwrap());
    buffer
}

fn numbers(buffer: &FrameBuffer, n: u64) -> Vec<u64> {
    buffer.after(n).map(|(n, _)| n).collect()
}

#[test]
fn frames_are_numbered_from_one_and_stay_until_they_are_acknowledged() {
    let mut buffer = filled(3, 100);
    assert_eq!(numbers(&buffer, 0), [1, 2, 3]);
    assert_eq!(numbers(&buffer, 0), [1, 2, 3], "reading takes nothing away");
    buffer.acknowledge(2).unwrap();
    assert_eq!((numbers(&buffer, 2), buffer.waiting()), (vec![3], 10));
    buffer.acknowledge(1).unwrap();
    assert_eq!(buffer.acknowledged(), 2, "an older acknowledgement takes nothing back");
    buffer.acknowledge(3).unwrap();
    buffer.push(frame(10)).unwrap();
    assert_eq!(numbers(&buffer, 3), [4]);
}

#[test]
fn what_was_never_sent_is_not_acknowledged() {
    let mut buffer = filled(3, 100);
    assert_eq!(buffer.acknowledge(4), Err(Position::Ahead(3)));
    assert_eq!(buffer.check(4), Err(Position::Ahead(3)));
    assert_eq!(numbers(&buffer, 0), [1, 2, 3]);
    assert_eq!(FrameBuffer::new(10).acknowledge(0), Ok(()));
}

#[test]
fn a_client_that_goes_back_behind_its_own_acknowledgement_is_told() {
    let mut buffer = filled(3, 100);
    buffer.acknowledge(2).unwrap();
    assert_eq!(buffer.check(1), Err(Position::Dropped(3)));
    assert_eq!(buffer.check(2), Ok(()));
    buffer.acknowledge(3).unwrap();
    assert_eq!((buffer.check(3), buffer.check(2)), (Ok(()), Err(Position::Dropped(4))));
}

#[test]
fn nothing_that_waits_is_ever_dropped() {
    let mut buffer = filled(10, 100);
    assert_eq!(buffer.push(frame(10)), Err(Full));
    let mut buffer = filled(10, 100);
    buffer.acknowledge(1).unwrap();
    assert_eq!(buffer.push(frame(10)), Ok(()));
    assert_eq!(buffer.push(frame(2)), Err(Full));
}

#[test]
fn the_newest_of_what_a_stream_has_taken_is_kept() {
    let mut buffer = filled(10, 100);
    buffer.stream(10);
    assert_eq!(buffer.waiting(), 0);
    (0..5).for_each(|_| buffer.push(frame(10)).unwrap());
    assert_eq!(numbers(&buffer, 10), [11, 12, 13, 14, 15]);
    assert_eq!(buffer.check(4), Err(Position::Dropped(6)), "five had to make room");
    assert_eq!(buffer.check(5), Ok(()));
    (0..5).for_each(|_| buffer.push(frame(10)).unwrap());
    assert_eq!(buffer.push(frame(10)), Err(Full), "what the stream has not taken is not dropped");
}

#[test]
fn numbers_go_on_after_everything_was_forgotten() {
    let mut buffer = filled(3, 100);
    buffer.clear();
    assert_eq!((buffer.waiting(), buffer.check(2)), (0, Err(Position::Dropped(4))));
    buffer.push(frame(10)).unwrap();
    assert_eq!((numbers(&buffer, 3), buffer.waiting()), (vec![4], 10));
}

#[derive(Clone, Debug)]
enum Act {
    Push(usize),
    Acknowledge(u64),
    Stream(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (2..30_usize).prop_map(Act::Push),
        1 => (0..60_u64).prop_map(Act::Acknowledge),
        1 => (0..60_u64).prop_map(Act::Stream),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The counts are what a fresh count gives, the bound holds, and what waits is there.
    #[test]
    fn counts_add_up(acts in prop::collection::vec(act(), 0..120)) {
        let mut buffer = FrameBuffer::new(200);
        let mut sent: Vec<usize> = Vec::new();
        for act in acts {
            match act {
                Act::Push(bytes) => {
                    sent.push(bytes);
                    if buffer.push(frame(bytes)).is_err() {
                        let waits: usize = sent[buffer.done() as usize..].iter().sum();
                        prop_assert!(waits > 200, "full with {} bytes", waits);
                        return Ok(());
                    }
                }
                Act::Acknowledge(n) => {
                    prop_assert_eq!(buffer.acknowledge(n).is_ok(), n <= sent.len() as u64);
                }
                Act::Stream(n) => buffer.stream(n),
            }
            prop_assert!(buffer.bytes <= 200);
            let done = buffer.done() as usize;
            prop_assert_eq!(buffer.waiting(), sent[done..].iter().sum::<usize>());
            let kept: Vec<usize> = buffer.after(done as u64).map(|(_, frame)| frame.wire().len()).collect();
            prop_assert_eq!(&kept[..], &sent[done..]);
            prop_assert_eq!(buffer.bytes, buffer.frames.iter().map(|frame| frame.wire().len()).sum::<usize>());
        }
    }
}
