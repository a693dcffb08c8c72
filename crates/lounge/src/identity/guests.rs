//! Numbers of guests, so that no two servers give out the same name: each takes a block of numbers from a counter in the
//! journal (the hi/lo algorithm): as many as guests wait for one. While it asks, more come, and make the next block. So numbers
//! stay short and follow one another, and a crowd costs no more requests than one guest.

use super::continuation::{IdentityCommit, IdentityLoad};
use super::directory::Identity;
use crate::context::Context;
use parlor_core::ClientId;
use parlor_core::journal::{Commit, ExpectValue, Load, Loaded, Outcome, Put};

/// Numbers that a server takes at once, at most.
const BLOCK_MAX: usize = 1024;
/// The journal's key of the last number that was taken.
const KEY: &str = "guests";

impl Identity {
    /// Asks for numbers, if guests wait for some.
    pub fn want_guest_numbers(&mut self, cx: &mut Context<'_, '_>) {
        if !self.unnumbered.is_empty() && !self.asks_for_numbers {
            self.asks_for_numbers = true;
            cx.load(Load::Values(vec![KEY.to_owned()]), IdentityLoad::GuestNumbers);
        }
    }

    /// The server begins: it has no numbers of its own.
    pub fn share_guest_numbers(&mut self) {
        self.people.number_guests_within(0, 0);
    }

    /// The journal has said which number was the last.
    pub(super) fn take_guest_numbers(&mut self, loaded: &Loaded, cx: &mut Context<'_, '_>) {
        let Loaded::Values(values) = loaded else { return self.go_without_numbers(cx) };
        let before = values.first().map(|(_, value)| value);
        let last = before.and_then(|value| std::str::from_utf8(value).ok()?.parse::<u64>().ok()).unwrap_or(0);
        let block = self.unnumbered.len().clamp(1, BLOCK_MAX) as u64;
        let until = last + block;
        let expect = before.map_or(ExpectValue::Missing, |before| ExpectValue::Is(before.clone()));
        let puts = vec![Put::new(KEY, until.to_string()).expect(expect)];
        cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::GuestNumbers { block, until });
    }

    /// The journal has given numbers up to this one, or another server was first.
    pub(super) fn took_guest_numbers(&mut self, block: u64, until: u64, outcome: &Outcome, cx: &mut Context<'_, '_>) {
        match outcome {
            Outcome::Committed(_) => {
                self.asks_for_numbers = false;
                self.people.number_guests_within(until - block, until);
                let many = self.unnumbered.len().min(usize::try_from(block).unwrap_or(usize::MAX));
                let numbered: Vec<ClientId> = self.unnumbered.drain(..many).collect();
                numbered.into_iter().for_each(|client| self.number_guest(client, cx));
                self.want_guest_numbers(cx);
            }
            Outcome::Conflict => cx.load(Load::Values(vec![KEY.to_owned()]), IdentityLoad::GuestNumbers),
            Outcome::Unavailable(_) | Outcome::Unknown(_) => self.go_without_numbers(cx),
        }
    }

    /// The journal gives no numbers now: who waits for one gets a long one, that follows from the user's id.
    fn go_without_numbers(&mut self, cx: &mut Context<'_, '_>) {
        self.asks_for_numbers = false; // the next guest asks again
        let waiting = std::mem::take(&mut self.unnumbered);
        waiting.into_iter().for_each(|client| self.number_guest(client, cx));
    }
}
