//! What all clients together have seen, and the rules of docs/protocol.md for it. Written from the contract, not from the code.

pub mod games;
pub mod inboxes;
pub mod keys;
pub mod names;
pub mod quotas;
pub mod rooms;
pub mod talk;
pub mod tokens;

use crate::settings::Settings;

/// The world as it is when something is heard.
#[derive(Clone, Debug)]
pub struct Scene {
    pub settings: Settings,
    /// Milliseconds in which the server ran.
    pub running: u64,
    /// The wall clock.
    pub wall: u64,
    /// Who hears has not read for a while: what is heard happened before.
    pub is_late: bool,
    /// The wall clock was set back at some time.
    pub was_set_back: bool,
    /// The number of clients that hear as fast as they can, and of nothing being held back.
    pub is_prompt: bool,
}

/// All that was seen, by subject.
#[derive(Debug, Default)]
pub struct Model {
    pub rooms: rooms::Rooms,
    pub talk: talk::Talk,
    pub keys: keys::Keys,
    pub inboxes: inboxes::Inboxes,
    pub tokens: tokens::Tokens,
    pub names: names::Names,
    pub quotas: quotas::Quotas,
}

/// Time that the checks of retention leave to sweeps, graces and notes of use.
pub const SLACK_MS: u64 = 130_000;
