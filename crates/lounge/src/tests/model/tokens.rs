//! The tokens that were given out, and whether they open anything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use parlor_core::{ClientId, Steady};

/// Time for which a token for another device is good.
const TRANSFER: Duration = Duration::from_secs(5 * 60);

/// Every token that anybody has heard of.
#[derive(Debug, Default)]
pub struct Tokens {
    pub now: Steady,
    owners: BTreeMap<String, String>,
    void: BTreeSet<String>,
    /// Users who may have signed out without a word: the answer was lost with its connection.
    in_doubt: BTreeSet<String>,
    /// By user: the token that is good once, and when it was asked for and heard.
    transfers: BTreeMap<String, (String, Steady, Steady)>,
    /// Tokens that were refused, and sign-outs, since the last look.
    refused: Vec<String>,
    signed_out: Vec<(String, ClientId)>,
}

/// A token that somebody comes with.
#[derive(Clone, Debug)]
pub struct Shown {
    pub token: String,
    /// It was void when it was shown.
    is_void: bool,
    /// It may be over since a moment ago.
    is_old: bool,
}

impl Tokens {
    pub fn given(&mut self, token: &str, user: &str) {
        self.owners.insert(token.to_owned(), user.to_owned());
    }

    /// A user got a token for another device, asked for at a time.
    pub fn transferred(&mut self, token: &str, user: &str, asked_at: Steady) {
        self.given(token, user);
        let before = self.transfers.insert(user.to_owned(), (token.to_owned(), asked_at, self.now));
        self.void.extend(before.map(|(token, ..)| token));
    }

    pub fn transfer_of(&self, user: &str) -> Option<String> {
        self.transfers.get(user).map(|(token, ..)| token.clone())
    }

    /// A token is shown: from then on one for another device is void.
    pub fn show(&mut self, token: String) -> Shown {
        let transfer = self.transfers.values().find(|(of, ..)| *of == token);
        let age = |since: Steady| self.now.since(since);
        let is_over = transfer.is_some_and(|(_, _, heard)| age(*heard) >= TRANSFER);
        let is_old = transfer.is_some_and(|(_, asked, _)| age(*asked) >= TRANSFER);
        let shown = Shown { is_void: is_over || self.void.contains(&token), is_old, token };
        if transfer.is_some() {
            self.void.insert(shown.token.clone());
        }
        shown
    }

    /// A token made its bearer a user.
    pub fn opened(&self, shown: &Shown, user: &str) {
        assert!(!shown.is_void, "void: {shown:?}");
        assert_eq!(self.owners[&shown.token], user);
    }

    pub fn refused(&mut self, shown: Shown) {
        if !shown.is_void && !shown.is_old {
            self.refused.push(shown.token);
        }
    }

    /// A user has signed out everywhere and got a token.
    pub fn signed_out(&mut self, user: &str, fresh: &str, client: ClientId) {
        let all = self.owners.iter().filter(|(_, owner)| *owner == user).map(|(token, _)| token.clone());
        self.void.extend(all);
        self.in_doubt.remove(user);
        self.given(fresh, user);
        self.signed_out.push((user.to_owned(), client));
    }

    /// A user's connection was lost with a sign-out under way.
    pub fn doubt(&mut self, user: &str) {
        self.in_doubt.insert(user.to_owned());
    }

    pub fn is_in_doubt(&self, user: &str) -> bool {
        self.in_doubt.contains(user)
    }

    /// The server has started again.
    pub fn restarted(&mut self) {
        self.void.extend(std::mem::take(&mut self.transfers).into_values().map(|(token, ..)| token));
        self.now = Steady::default();
    }

    /// Checks the refusals since the last look, and returns who has signed out since then.
    pub fn look(&mut self) -> Vec<(String, ClientId)> {
        for token in std::mem::take(&mut self.refused) {
            let is_right = self.void.contains(&token) || self.in_doubt.contains(&self.owners[&token]);
            assert!(is_right, "a good token of {} was refused", self.owners[&token]);
        }
        std::mem::take(&mut self.signed_out)
    }

    /// Returns every token of users about whom there is no doubt, and whether it opens.
    pub fn all(&self) -> impl Iterator<Item = (&str, bool)> {
        let sure = self.owners.iter().filter(|(_, owner)| !self.in_doubt.contains(*owner));
        sure.map(|(token, _)| (token.as_str(), !self.void.contains(token)))
    }
}
