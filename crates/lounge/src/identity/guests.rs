//! Numbers of guests, so that no two servers give out the same name: each takes a block of numbers from a counter in the
//! journal (the hi/lo algorithm), and the next one when that is used up. A block is as long as it takes: one number where
//! guests come now and then, so that numbers stay short and follow one another, and more where they come all at once.

use super::continuation::{IdentityCommit, IdentityLoad};
use super::directory::Identity;
use super::guest_numbers::GuestNumbers;
use crate::context::Context;
use parlor_core::journal::{Commit, ExpectValue, Load, Loaded, Outcome, Put};
use parlor_core::{ClientId, Steady};

/// Numbers that a server takes at once, at most.
const BLOCK_MAX: u64 = 512;
/// A block that was used up so soon is followed by one of twice its length.
const SOON: std::time::Duration = std::time::Duration::from_secs(1);
/// The journal's key of the last number that was taken.
const KEY: &str = "guests";

impl Identity {
    /// Asks for numbers, if there are none.
    pub fn want_guest_numbers(&mut self, cx: &mut Context<'_, '_>) {
        if self.people.guest_numbers_left() == Some(0) && !self.guest_numbers.is_asking {
            self.guest_numbers.is_asking = true;
            cx.load(Load::Values(vec![KEY.to_owned()]), IdentityLoad::GuestNumbers);
        }
    }

    /// The server begins: it has no numbers yet.
    pub fn share_guest_numbers(&mut self, cx: &mut Context<'_, '_>) {
        self.people.number_guests_within(0, 0);
        self.want_guest_numbers(cx);
    }

    /// The journal has said which number was the last.
    pub(super) fn take_guest_numbers(&mut self, loaded: &Loaded, cx: &mut Context<'_, '_>) {
        let Loaded::Values(values) = loaded else { return self.go_without_numbers(cx) };
        let before = values.first().map(|(_, value)| value);
        let last = before.and_then(|value| std::str::from_utf8(value).ok()?.parse::<u64>().ok()).unwrap_or(0);
        let block = self.next_block(cx.steady());
        let until = last + block;
        let expect = before.map_or(ExpectValue::Missing, |before| ExpectValue::Is(before.clone()));
        let puts = vec![Put::new(KEY, until.to_string()).expect(expect)];
        cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::GuestNumbers { block, until });
    }

    fn next_block(&self, now: Steady) -> u64 {
        let GuestNumbers { waiting, last, .. } = &self.guest_numbers;
        let doubled = last.filter(|(_, came)| now.since(*came) < SOON).map_or(1, |(block, _)| 2 * block);
        doubled.max(waiting.len() as u64).min(BLOCK_MAX)
    }

    /// The journal has given numbers up to this one, or another server was first.
    pub(super) fn took_guest_numbers(&mut self, block: u64, until: u64, outcome: &Outcome, cx: &mut Context<'_, '_>) {
        match outcome {
            Outcome::Committed(_) => {
                self.guest_numbers.is_asking = false;
                self.guest_numbers.last = Some((block, cx.steady()));
                self.people.number_guests_within(until - block, until);
                let many = self.guest_numbers.waiting.len().min(usize::try_from(block).unwrap_or(usize::MAX));
                let numbered: Vec<ClientId> = self.guest_numbers.waiting.drain(..many).collect();
                numbered.into_iter().for_each(|client| self.number_guest(client, cx));
                self.want_guest_numbers(cx);
            }
            Outcome::Conflict => cx.load(Load::Values(vec![KEY.to_owned()]), IdentityLoad::GuestNumbers),
            Outcome::Unavailable(_) | Outcome::Unknown(_) => self.go_without_numbers(cx),
        }
    }

    /// The journal gives no numbers now: who waits for one gets a long one, that follows from the user's id.
    fn go_without_numbers(&mut self, cx: &mut Context<'_, '_>) {
        self.guest_numbers.is_asking = false; // the next guest asks again
        let waiting = std::mem::take(&mut self.guest_numbers.waiting);
        waiting.into_iter().for_each(|client| self.number_guest(client, cx));
    }
}
