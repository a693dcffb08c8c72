//! The tokens that were given out, and whether they open anything.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Scene;
use crate::fault::{Checked, hold};

/// Time for which a token for another device is good.
const TRANSFER_MS: u64 = 5 * 60 * 1000;

/// Every token that anybody has heard of.
#[derive(Debug, Default)]
pub struct Tokens {
    owners: BTreeMap<String, Owner>,
    void: BTreeSet<String>,
    /// Users who may have signed out without a word: the answer was lost with its connection.
    in_doubt: BTreeSet<String>,
    /// By user: the token that is good once, and when it was asked for and heard.
    transfers: BTreeMap<String, Transfer>,
    /// Tokens that were refused since the last look.
    refused: Vec<String>,
    /// Tokens that were shown, newest last, and have no answer yet.
    shown: Vec<Shown>,
    /// Users who have signed out since the last look, and by which connection.
    signed_out: Vec<(String, u64)>,
}

#[derive(Debug)]
struct Owner {
    user: String,
    /// The wall clock when it was heard.
    heard_at: u64,
}

#[derive(Clone, Debug)]
struct Transfer {
    token: String,
    asked_at: u64,
    heard_at: u64,
}

/// A token that somebody came with.
#[derive(Clone, Debug)]
pub struct Shown {
    pub token: String,
    /// It was void when it was shown.
    is_void: bool,
    /// It may be over.
    is_old: bool,
}

impl Tokens {
    pub fn given(&mut self, token: &str, user: &str, link: u64, scene: &Scene) {
        let owner = Owner { user: user.to_owned(), heard_at: scene.wall };
        let is_new = self.owners.insert(token.to_owned(), owner).is_none();
        // Another session may have signed out before this was heard.
        if is_new && self.signed_out.iter().any(|(of, by)| of == user && *by != link) {
            self.void.insert(token.to_owned());
        }
    }

    pub fn transferred(&mut self, token: &str, user: &str, asked_at: u64, link: u64, scene: &Scene) {
        self.given(token, user, link, scene);
        let transfer = Transfer { token: token.to_owned(), asked_at, heard_at: scene.running };
        let before = self.transfers.insert(user.to_owned(), transfer);
        self.void.extend(before.map(|before| before.token));
    }

    /// A token for another device is asked for: the one before is void when the server has heard of it.
    pub fn asks_transfer(&mut self, user: Option<&String>) {
        for (_, transfer) in self.transfers.iter_mut().filter(|(of, _)| user.is_none_or(|user| user == *of)) {
            transfer.asked_at = 0;
        }
    }

    /// Returns how a token stood when it was shown with this request.
    pub fn show_was(&mut self, request: &Value) -> Shown {
        let token = request["token"].as_str().unwrap_or_default();
        match self.shown.iter().position(|shown| shown.token == token) {
            Some(at) => self.shown.remove(at),
            None => Shown { token: token.to_owned(), is_void: false, is_old: true },
        }
    }

    /// A token is shown: from then on one for another device is void.
    pub fn show(&mut self, token: &str, scene: &Scene) {
        let transfer = self.transfers.values().find(|transfer| transfer.token == token).cloned();
        let is_over = transfer.as_ref().is_some_and(|of| scene.running - of.heard_at >= TRANSFER_MS);
        let is_old = transfer.as_ref().is_some_and(|of| of.asked_at == 0 || scene.running - of.asked_at >= TRANSFER_MS);
        let is_void = is_over || self.void.contains(token) || !self.owners.contains_key(token);
        if transfer.is_some() {
            self.void.insert(token.to_owned());
        }
        self.shown.push(Shown { token: token.to_owned(), is_void, is_old });
    }

    /// A token made its bearer a user.
    pub fn opened(&self, shown: &Shown, user: &str, scene: &Scene) -> Checked {
        let is_void = shown.is_void && !Self::may_outlive_its_record(scene);
        hold!("void-tokens-open-nothing", !is_void, "a void token opened {user}");
        let owner = self.owners.get(&shown.token).map(|owner| owner.user.as_str());
        hold!("void-tokens-open-nothing", owner == Some(user), "a token of {owner:?} opened {user}");
        Ok(())
    }

    /// Tokens have the wall clock's time, and records are kept by running time. If the clock was set back by more than the
    /// retention, a void token may be found valid when nothing is known of its user any more.
    fn may_outlive_its_record(scene: &Scene) -> bool {
        scene.was_set_back && scene.settings.get("user_retention") < 86_400_000
    }

    /// A token was refused. `is_kept`: its user is known for sure.
    pub fn refused(&mut self, shown: Shown, scene: &Scene, is_kept: impl Fn(&str) -> bool) {
        let owner = self.owners.get(&shown.token);
        let retention = scene.settings.get("user_retention");
        let may_be_forgotten =
            owner.is_none_or(|of| scene.wall.abs_diff(of.heard_at) + 60_000 >= retention && !is_kept(&of.user));
        if !shown.is_void && !shown.is_old && !may_be_forgotten {
            self.refused.push(shown.token);
        }
    }

    /// A user has signed out everywhere and got a token.
    pub fn signed_out(&mut self, user: &str, fresh: &str, link: u64, scene: &Scene) {
        let all = self.owners.iter().filter(|(_, owner)| owner.user == user).map(|(token, _)| token.clone());
        self.void.extend(all);
        self.in_doubt.remove(user);
        self.given(fresh, user, link, scene);
        self.signed_out.push((user.to_owned(), link));
    }

    /// A user's connection was lost with a sign-out under way.
    pub fn doubt(&mut self, user: &str) {
        self.in_doubt.insert(user.to_owned());
    }

    /// The same, and the user is not known.
    pub fn doubt_all(&mut self) {
        self.in_doubt.extend(self.owners.values().map(|owner| owner.user.clone()));
    }

    pub fn is_in_doubt(&self, user: &str) -> bool {
        self.in_doubt.contains(user)
    }

    /// The server has started again.
    pub fn restarted(&mut self) {
        self.void.extend(std::mem::take(&mut self.transfers).into_values().map(|transfer| transfer.token));
    }

    /// Checks the refusals since the last look, and returns who has signed out since then.
    pub fn look(&mut self) -> Result<Vec<(String, u64)>, crate::fault::Fault> {
        for token in std::mem::take(&mut self.refused) {
            let owner = self.owners.get(&token).map(|owner| owner.user.clone()).unwrap_or_default();
            let is_right = self.void.contains(&token) || self.in_doubt.contains(&owner);
            hold!("good-tokens-open", is_right, "a good token of {owner} was refused");
        }
        Ok(std::mem::take(&mut self.signed_out))
    }

    /// Returns every token, its user, and whether it opens, as far as that is sure.
    pub fn sure(&self, scene: &Scene) -> Vec<(String, String, bool)> {
        let retention = scene.settings.get("user_retention");
        let is_sure = |(token, owner): &(&String, &Owner)| {
            !self.in_doubt.contains(&owner.user)
                && ((self.void.contains(*token) && !Self::may_outlive_its_record(scene))
                    || scene.wall.abs_diff(owner.heard_at) + 60_000 < retention)
                && !self.transfers.values().any(|transfer| transfer.token == **token)
        };
        let opens = |(token, owner): (&String, &Owner)| (token.clone(), owner.user.clone(), !self.void.contains(token));
        self.owners.iter().filter(is_sure).map(opens).collect()
    }
}
