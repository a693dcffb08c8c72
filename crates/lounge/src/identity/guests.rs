//! Numbers of guests, so that no two servers give out the same name: each takes a block of numbers from a counter in the
//! journal (the hi/lo algorithm), and the next one before that is used up.

use super::continuation::{IdentityCommit, IdentityLoad};
use super::directory::Identity;
use crate::context::Context;
use parlor_core::journal::{Commit, ExpectValue, Load, Loaded, Outcome, Put};

/// Numbers that a server takes at once.
const BLOCK: u64 = 200;
/// Numbers that are left when the next ones are asked for.
const RESERVE: u64 = 40;
/// The journal's key of the last number that was taken.
const KEY: &str = "guests";

impl Identity {
    /// Asks for numbers, if there are few left. Until they come, guests have long numbers.
    pub fn want_guest_numbers(&mut self, cx: &mut Context<'_, '_>) {
        if self.people.guest_numbers_left().is_some_and(|left| left <= RESERVE) && !self.wants_guest_numbers {
            self.wants_guest_numbers = true;
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
        let Loaded::Values(values) = loaded else {
            self.wants_guest_numbers = false; // the next guest asks again
            return;
        };
        let before = values.first().map(|(_, value)| value);
        let last = before.and_then(|value| std::str::from_utf8(value).ok()?.parse::<u64>().ok()).unwrap_or(0);
        let until = last + BLOCK;
        let expect = before.map_or(ExpectValue::Missing, |before| ExpectValue::Is(before.clone()));
        let puts = vec![Put::new(KEY, until.to_string()).expect(expect)];
        cx.commit(Commit { puts, ..Commit::default() }, IdentityCommit::GuestNumbers(until));
    }

    /// The journal has given numbers up to this one, or another server was first.
    pub(super) fn took_guest_numbers(&mut self, until: u64, outcome: &Outcome, cx: &mut Context<'_, '_>) {
        self.wants_guest_numbers = false;
        match outcome {
            Outcome::Committed(_) => self.people.number_guests_within(until - BLOCK, until),
            Outcome::Conflict => self.want_guest_numbers(cx),
            Outcome::Unavailable(_) | Outcome::Unknown(_) => {}
        }
    }
}
