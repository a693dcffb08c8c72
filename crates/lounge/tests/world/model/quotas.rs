//! What may be refused because there was much of it: an upper bound of what was asked, by address and user.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::Value;

use super::Scene;

#[derive(Debug, Default)]
pub struct Quotas {
    /// Requests from an address that may create a room; that may keep a user; private messages.
    rooms: BTreeMap<IpAddr, u64>,
    lasting: BTreeMap<IpAddr, u64>,
    tells: BTreeMap<IpAddr, u64>,
    /// Private messages of a user; of somebody who may be any user.
    tells_by: BTreeMap<String, u64>,
    tells_of_unknown: u64,
    all_rooms: u64,
    /// Users who are kept, and since when.
    kept: BTreeMap<String, u64>,
    /// Rooms' names that anybody asked for.
    names: BTreeSet<String>,
}

impl Quotas {
    pub fn asks(&mut self, address: IpAddr, user: Option<&String>, request: &Value) {
        let kind = request["type"].as_str().unwrap_or_default();
        if matches!(kind, "create" | "join") {
            *self.rooms.entry(address).or_default() += 1;
            self.all_rooms += 1;
            self.names.extend(request["room"].as_str().map(str::to_owned));
        }
        if matches!(kind, "create" | "join" | "say" | "tell" | "rename" | "sign_out") {
            // A message may keep its sender, and the inbox of a guest.
            *self.lasting.entry(address).or_default() += if kind == "tell" { 2 } else { 1 };
        }
        if kind == "tell" {
            *self.tells.entry(address).or_default() += 1;
            match user {
                Some(user) => *self.tells_by.entry(user.clone()).or_default() += 1,
                None => self.tells_of_unknown += 1,
            }
        }
    }

    /// Returns whether `rate_limited` may be the answer.
    pub fn may_limit(&self, address: IpAddr, user: Option<&String>, request: &Value, scene: &Scene) -> bool {
        let told = user.and_then(|user| self.tells_by.get(user)).copied().unwrap_or_default() + self.tells_of_unknown;
        let of = |counts: &BTreeMap<IpAddr, u64>| counts.get(&address).copied().unwrap_or_default();
        let settings = &scene.settings;
        let rooms_max = settings.get("room_creation_burst").min(settings.get("rooms_per_address"));
        let quarter = (settings.get("inbox_events") / 4).max(1);
        let shares = settings.get("addresses") < 10;
        match request["type"].as_str().unwrap_or_default() {
            "create" => {
                shares || of(&self.rooms) > rooms_max || of(&self.lasting) > settings.get("user_creation_burst")
            }
            "join" => shares || of(&self.rooms) > rooms_max || of(&self.lasting) > settings.get("user_creation_burst"),
            "tell" => {
                shares || of(&self.tells).max(told) > quarter || of(&self.lasting) > settings.get("user_creation_burst")
            }
            "say" | "rename" | "sign_out" => shares || of(&self.lasting) > settings.get("user_creation_burst"),
            _ => false,
        }
    }

    /// Returns whether `server_full` may be the answer.
    pub fn may_be_full(&self, scene: &Scene) -> bool {
        self.all_rooms > scene.settings.get("rooms")
    }

    /// Returns whether anybody ever asked for a room of that name.
    pub fn is_known(&self, room: &str) -> bool {
        self.names.contains(room)
    }

    /// A user did something that lasts.
    pub fn keeps(&mut self, user: &str, scene: &Scene) {
        self.kept.insert(user.to_owned(), scene.running);
    }

    /// Returns whether a user is known for sure.
    pub fn is_kept(&self, user: &str, scene: &Scene) -> bool {
        let half = scene.settings.get("user_retention") / 2;
        self.kept.get(user).is_some_and(|at| scene.running - at + super::SLACK_MS < half)
    }
}
