//! The part of an inbox that one sender, or one address, may fill.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use log::warn;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use parlor_core::Steady;

/// Time in which an owner who is online reads one message of a sender.
const READS_ONE_IN: Duration = Duration::from_secs(1);

/// Senders and addresses whose counts are written with an inbox, those with the most messages first: so a message to somebody
/// popular costs little, and who has sent less has not filled much.
const KEPT_MAX: usize = 32;

/// Messages that owners have not read, by their sender. They count until the owner joins the inbox. Messages to an owner who
/// is there are counted apart from those to one who is absent, and are read, one each second. The counts of absent owners are
/// kept in the states of their inboxes' logs, so that they outlive the server.
///
/// Bounded by `entries_max`: beyond, the oldest entry is forgotten.
pub struct InboxQuota {
    entries_max: usize,
    fills: BTreeMap<Key, Fill>,
    /// Entries by age.
    order: BTreeMap<u64, Key>,
    next: u64,
}

/// An owner, whether they were there, and who fills their inbox.
type Key = (Uuid, bool, Filler);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Filler {
    Sender(Uuid),
    /// The tag of an address block: addresses are not kept.
    Address(u64),
}

/// The state of an inbox's log.
#[derive(Default, Serialize, Deserialize)]
struct InboxState {
    /// Messages that an absent owner has not read.
    unread: Vec<(Filler, u64)>,
}

struct Fill {
    unread: u64,
    at: Steady,
    number: u64,
}

/// A message to an inbox.
#[derive(Clone, Copy)]
pub struct Filling {
    /// The owner.
    pub owner: Uuid,
    /// True if the owner is there.
    pub is_there: bool,
    /// The sender.
    pub sender: Uuid,
    /// The tag of the sender's address block.
    pub address: u64,
}

impl Filling {
    fn key(self, filler: Filler) -> Key {
        (self.owner, self.is_there, filler)
    }
}

/// There is no room for the message.
#[derive(Debug, PartialEq, Eq)]
pub struct Full {
    /// The time after which there is; `None` if the owner has to come and read.
    pub retry_after_ms: Option<u64>,
}

impl InboxQuota {
    /// Returns a quota without entries.
    pub fn new(entries_max: usize) -> Self {
        InboxQuota { entries_max, fills: BTreeMap::new(), order: BTreeMap::new(), next: 0 }
    }

    /// Counts a message. `messages_max`: of one sender, and of one address.
    ///
    /// # Errors
    /// If it is one too many.
    pub fn take(&mut self, filling: Filling, now: Steady, messages_max: u64) -> Result<(), Full> {
        let fillers = [Filler::Sender(filling.sender), Filler::Address(filling.address)];
        let unread = fillers.map(|filler| self.unread(filling, filler, now));
        if unread.iter().any(|unread| *unread >= messages_max) {
            let reads_in = u64::try_from(READS_ONE_IN.as_millis()).unwrap_or(u64::MAX);
            return Err(Full { retry_after_ms: filling.is_there.then_some(reads_in) });
        }
        for (filler, unread) in fillers.into_iter().zip(unread) {
            self.set(filling.key(filler), unread + 1, now);
        }
        Ok(())
    }

    /// Takes back a message that was not written.
    pub fn give_back(&mut self, filling: Filling) {
        for filler in [Filler::Sender(filling.sender), Filler::Address(filling.address)] {
            if let Some(fill) = self.fills.get_mut(&filling.key(filler)) {
                fill.unread = fill.unread.saturating_sub(1);
            }
        }
    }

    /// The owner reads their inbox. Returns whether something was counted that came in their absence.
    pub fn read(&mut self, owner: Uuid) -> bool {
        let mut was_absent = false;
        let first = (owner, false, Filler::Sender(Uuid::nil()));
        while let Some((key, fill)) = self.fills.range(first..).next().filter(|((of, ..), _)| *of == owner) {
            let (key, number) = (*key, fill.number);
            was_absent |= !key.1;
            self.fills.remove(&key);
            self.order.remove(&number);
        }
        was_absent
    }

    /// Returns what an owner has not read, for the state of the inbox's log.
    pub fn state(&self, owner: Uuid) -> Bytes {
        let first = (owner, false, Filler::Sender(Uuid::nil()));
        let absent = self.fills.range(first..).take_while(|((of, is_there, _), _)| *of == owner && !is_there);
        let mut unread: Vec<(Filler, u64)> = absent.map(|((.., filler), fill)| (*filler, fill.unread)).collect();
        unread.sort_by_key(|(filler, unread)| (Reverse(*unread), *filler));
        unread.truncate(KEPT_MAX);
        serde_json::to_vec(&InboxState { unread }).unwrap_or_default().into()
    }

    /// Takes in a state that a server before this one wrote.
    pub fn restore(&mut self, owner: Uuid, state: &[u8], now: Steady) {
        let InboxState { unread } = serde_json::from_slice(state).unwrap_or_else(|error| {
            warn!("inbox/{owner}: its state can't be read, so what it holds counts as read: {error}");
            InboxState::default()
        });
        for (filler, unread) in unread {
            self.set((owner, false, filler), unread, now);
        }
    }

    fn unread(&self, filling: Filling, filler: Filler, now: Steady) -> u64 {
        let Some(fill) = self.fills.get(&filling.key(filler)) else { return 0 };
        let reading = if filling.is_there { now.since(fill.at) } else { Duration::ZERO };
        fill.unread.saturating_sub(reading.as_secs() / READS_ONE_IN.as_secs())
    }

    fn set(&mut self, key: Key, unread: u64, now: Steady) {
        let number = self.next;
        self.next += 1;
        if let Some(before) = self.fills.insert(key, Fill { unread, at: now, number }) {
            self.order.remove(&before.number);
        }
        self.order.insert(number, key);
        if self.fills.len() > self.entries_max
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.fills.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filling(owner: u128, sender: u128, is_there: bool) -> Filling {
        let address = u64::try_from(sender).unwrap();
        Filling { owner: Uuid::from_u128(owner), is_there, sender: Uuid::from_u128(sender), address }
    }

    #[test]
    fn entries_are_bounded_and_the_oldest_goes_first() {
        let mut quota = InboxQuota::new(4);
        for sender in 1..=3 {
            assert_eq!(quota.take(filling(9, sender, false), Steady(5), 1), Ok(()));
        }
        assert_eq!((quota.fills.len(), quota.order.len()), (4, 4));
        assert_eq!(quota.take(filling(9, 3, false), Steady(5), 1), Err(Full { retry_after_ms: None }));
        assert_eq!(quota.take(filling(9, 1, false), Steady(5), 1), Ok(()), "forgotten");
        quota.read(Uuid::from_u128(9));
        assert_eq!((quota.fills.len(), quota.order.len()), (0, 0));
    }

    #[test]
    fn a_state_holds_those_who_fill_most() {
        let mut quota = InboxQuota::new(1000);
        for sender in 1..=20 {
            for _ in 0..sender {
                assert_eq!(quota.take(filling(9, sender, false), Steady(5), 100), Ok(()));
            }
            assert_eq!(quota.take(filling(9, sender, true), Steady(5), 100), Ok(()));
        }
        let state = quota.state(Uuid::from_u128(9));
        let mut after = InboxQuota::new(1000);
        after.restore(Uuid::from_u128(9), &state, Steady(0));
        assert_eq!(after.fills.len(), KEPT_MAX);
        assert_eq!(after.take(filling(9, 20, false), Steady(5), 20), Err(Full { retry_after_ms: None }));
        assert_eq!(after.take(filling(9, 1, false), Steady(5), 1), Ok(()));
        assert!(after.read(Uuid::from_u128(9)) && !after.read(Uuid::from_u128(9)));
        assert_eq!(after.state(Uuid::from_u128(9)), r#"{"unread":[]}"#);
        after.restore(Uuid::from_u128(9), b"no state", Steady(0));
        assert!(after.fills.is_empty());
    }

    #[test]
    fn who_is_there_reads_on_and_who_is_absent_does_not() {
        let mut quota = InboxQuota::new(100);
        let (there, absent) = (filling(9, 1, true), filling(9, 1, false));
        for filling in [there, there, absent, absent] {
            assert_eq!(quota.take(filling, Steady(10_000), 2), Ok(()));
        }
        assert_eq!(quota.take(there, Steady(10_999), 2), Err(Full { retry_after_ms: Some(1000) }));
        assert_eq!(quota.take(there, Steady(11_000), 2), Ok(()));
        assert_eq!(quota.take(absent, Steady(1_000_000), 2), Err(Full { retry_after_ms: None }));
        quota.give_back(absent);
        assert_eq!(quota.take(absent, Steady(1_000_000), 2), Ok(()));
    }
}
