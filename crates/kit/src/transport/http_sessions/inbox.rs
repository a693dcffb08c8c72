//! A client's sends: those that are accepted, those that wait for room, and their numbers.

use std::collections::VecDeque;

use bytes::{Buf, Bytes};
use tokio::sync::oneshot;

use crate::transport::http_sessions::command::{Refused, SendCommand};

/// The sends of one session, in order. A send is accepted as a whole or not at all.
pub struct Inbox {
    /// Lines that the app is not told yet, the oldest first.
    accepted: VecDeque<Bytes>,
    /// Bytes of them.
    bytes: usize,
    bytes_max: usize,
    /// Sends that wait for room.
    parked: VecDeque<SendCommand>,
    /// The number of the newest send that was accepted with one.
    sends: u64,
}

/// Sends of one session that wait; one more is refused.
const PARKED_MAX: usize = 8;

impl Inbox {
    /// `bytes_max`: how much may be accepted before the app is told.
    pub fn new(bytes_max: usize) -> Self {
        Inbox { accepted: VecDeque::new(), bytes: 0, bytes_max, parked: VecDeque::new(), sends: 0 }
    }

    /// Takes a send, and answers it now or later.
    pub fn take(&mut self, send: SendCommand) {
        self.unpark();
        let is_repeated = send.n.is_some_and(|n| n <= self.sends);
        if is_repeated || (self.parked.is_empty() && self.has_room(&send.lines)) {
            self.decide(send);
        } else if self.parked.len() < PARKED_MAX {
            self.parked.push_back(send);
        } else {
            answer(send.answer, Err(Refused::Busy));
        }
    }

    /// Accepts what waited, as far as there is room. A send whose request is gone is dropped: its client may repeat it.
    pub fn unpark(&mut self) {
        while let Some(first) = self.parked.front() {
            if !first.answer.is_closed() && !self.has_room(&first.lines) {
                return;
            }
            if let Some(send) = self.parked.pop_front().filter(|send| !send.answer.is_closed()) {
                self.decide(send);
            }
        }
    }

    /// Returns the next line that is not empty.
    pub fn next_line(&mut self) -> Option<Bytes> {
        loop {
            let lines = self.accepted.front_mut()?;
            let end = lines.iter().position(|byte| *byte == b'\n');
            let mut line = lines.split_to(end.unwrap_or(lines.len()));
            if end.is_some() {
                lines.advance(1);
            }
            let is_over = lines.is_empty();
            self.bytes -= line.len() + usize::from(end.is_some());
            if is_over {
                self.accepted.pop_front();
            }
            if line.last() == Some(&b'\r') {
                line.truncate(line.len() - 1);
            }
            if !line.is_empty() {
                return Some(line);
            }
        }
    }

    /// Forgets what was accepted, and refuses what waits.
    pub fn end(&mut self, refused: &Refused) {
        self.accepted.clear();
        self.bytes = 0;
        self.parked.drain(..).for_each(|send| answer(send.answer, Err(refused.clone())));
    }

    fn has_room(&self, lines: &Bytes) -> bool {
        self.accepted.is_empty() || self.bytes + lines.len() <= self.bytes_max
    }

    fn decide(&mut self, send: SendCommand) {
        let result = match send.n {
            Some(n) if n <= self.sends => Ok(()),
            Some(n) if n > self.sends + 1 => Err(Refused::Gap(self.sends + 1)),
            n => {
                self.sends = n.unwrap_or(self.sends);
                if !send.lines.is_empty() {
                    self.bytes += send.lines.len();
                    self.accepted.push_back(send.lines);
                }
                Ok(())
            }
        };
        answer(send.answer, result);
    }
}

/// Whoever asked may have gone.
fn answer(to: oneshot::Sender<Result<(), Refused>>, result: Result<(), Refused>) {
    let _ = to.send(result);
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = oneshot::Receiver<Result<(), Refused>>;

    fn send(inbox: &mut Inbox, n: Option<u64>, lines: &str) -> Answer {
        let (answer, answered) = oneshot::channel();
        let lines = Bytes::copy_from_slice(lines.as_bytes());
        inbox.take(SendCommand { lines, n, acknowledged: None, answer });
        answered
    }

    fn lines(inbox: &mut Inbox) -> Vec<String> {
        std::iter::from_fn(|| inbox.next_line()).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect()
    }

    fn now(mut answer: Answer) -> Option<Result<(), Refused>> {
        answer.try_recv().ok()
    }

    #[test]
    fn lines_come_in_order_and_empty_ones_do_not_count() {
        let mut inbox = Inbox::new(100);
        assert_eq!(now(send(&mut inbox, None, "\na\r\n\nb\n")), Some(Ok(())));
        assert_eq!(now(send(&mut inbox, None, "c")), Some(Ok(())));
        assert_eq!(now(send(&mut inbox, None, "")), Some(Ok(())), "an acknowledgement alone");
        assert_eq!(lines(&mut inbox), ["a", "b", "c"]);
        assert_eq!(inbox.bytes, 0);
    }

    #[test]
    fn a_repeated_send_is_not_done_again_and_a_gap_is_refused() {
        let mut inbox = Inbox::new(100);
        assert_eq!(now(send(&mut inbox, Some(2), "b")), Some(Err(Refused::Gap(1))));
        assert_eq!(now(send(&mut inbox, Some(1), "a")), Some(Ok(())));
        assert_eq!(now(send(&mut inbox, Some(1), "a")), Some(Ok(())));
        assert_eq!(now(send(&mut inbox, None, "x")), Some(Ok(())), "without a number it is done as it comes");
        assert_eq!(now(send(&mut inbox, Some(2), "b")), Some(Ok(())));
        assert_eq!(now(send(&mut inbox, Some(0), "zero")), Some(Ok(())));
        assert_eq!(now(send(&mut inbox, Some(4), "d")), Some(Err(Refused::Gap(3))));
        assert_eq!(lines(&mut inbox), ["a", "x", "b"]);
    }

    #[test]
    fn what_has_no_room_waits_and_then_keeps_its_order() {
        let mut inbox = Inbox::new(4);
        assert_eq!(now(send(&mut inbox, Some(1), "a long first line")), Some(Ok(())), "one alone always has room");
        let mut second = send(&mut inbox, Some(2), "bb");
        let mut third = send(&mut inbox, Some(3), "c");
        assert!(second.try_recv().is_err() && third.try_recv().is_err());
        assert_eq!(now(send(&mut inbox, Some(1), "again")), Some(Ok(())), "a repeat waits for nothing");
        assert_eq!(inbox.next_line().unwrap(), "a long first line");
        inbox.unpark();
        assert_eq!((second.try_recv(), third.try_recv()), (Ok(Ok(())), Ok(Ok(()))));
        assert_eq!(lines(&mut inbox), ["bb", "c"]);
    }

    #[test]
    fn too_many_that_wait_are_refused_and_not_half_done() {
        let mut inbox = Inbox::new(4);
        drop(send(&mut inbox, None, "first"));
        let waiting: Vec<Answer> = (0..PARKED_MAX).map(|n| send(&mut inbox, Some(n as u64 + 1), "wait")).collect();
        assert_eq!(now(send(&mut inbox, Some(9), "more")), Some(Err(Refused::Busy)));
        inbox.end(&Refused::Ended(None));
        assert!(waiting.into_iter().all(|answer| now(answer) == Some(Err(Refused::Ended(None)))));
        assert_eq!(lines(&mut inbox), [""; 0]);
    }

    #[test]
    fn a_send_whose_request_is_gone_is_dropped_and_may_be_repeated() {
        let mut inbox = Inbox::new(4);
        drop(send(&mut inbox, Some(1), "first"));
        drop(send(&mut inbox, Some(2), "gone"));
        assert_eq!(lines(&mut inbox), ["first"]);
        inbox.unpark();
        assert_eq!(now(send(&mut inbox, Some(2), "again")), Some(Ok(())));
        assert_eq!(lines(&mut inbox), ["again"]);
    }
}
