//! A table: a game, and who may come to it.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::host::{GameType, HostedGame, SeatName};
use crate::secret::Secret;
use parlor_core::Hub;

/// A table: the journal keeps it, and events change it.
pub struct Table {
    pub game: Box<dyn HostedGame>,
    pub keys: Keys,
    /// The proofs of who holds a seat, by its name. Bounded by the game's seats.
    proofs: BTreeMap<String, Proof>,
}

/// The ways in, as what is kept of them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Keys {
    /// The beginning of both keys, so that a key leads to its table. It opens nothing.
    pub locator: String,
    join: Proof,
    watch: Proof,
}

/// The access that a key gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Join,
    Watch,
}

/// SHA-256 of a secret of 192 bits: who reads the journal does not learn the secret, and cannot try them all.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Proof(String);

impl Proof {
    fn of(secret: &Secret) -> Self {
        Proof(URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes())))
    }

    fn is_of(&self, secret: &Secret) -> bool {
        self.0.as_bytes().ct_eq(Self::of(secret).0.as_bytes()).into()
    }
}

/// Nothing of a secret is shown.
impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(…)")
    }
}

/// A secret that nobody guesses: 192 random bits, safe in addresses.
pub fn secret(hub: &mut Hub<'_>) -> Secret {
    secret_of(hub.random_bytes())
}

/// The same, of randomness that is handed in.
pub fn secret_of(random: [u8; 24]) -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode(random))
}

/// The characters of a key that say which table it is of.
const LOCATOR_CHARS: usize = 12;

/// The locator of what might be a key.
pub fn locator(key: &Secret) -> Option<&str> {
    key.get(..LOCATOR_CHARS)
}

impl Keys {
    /// Keys for a new table, and the secrets themselves: to join, and to watch.
    pub fn new(hub: &mut Hub<'_>) -> (Self, Secret, Secret) {
        Self::of(hub.random_bytes(), hub.random_bytes(), hub.random_bytes())
    }

    /// The same, of randomness that is handed in.
    pub fn of(locator: [u8; 9], join: [u8; 24], watch: [u8; 24]) -> (Self, Secret, Secret) {
        let locator = URL_SAFE_NO_PAD.encode(locator);
        let key = |random| Secret::new(format!("{locator}{}", secret_of(random).as_str()));
        let (join, watch) = (key(join), key(watch));
        (Keys { join: Proof::of(&join), watch: Proof::of(&watch), locator }, join, watch)
    }

    pub fn access(&self, key: &Secret) -> Option<Access> {
        let (joins, watches) = (self.join.is_of(key), self.watch.is_of(key));
        match (joins, watches) {
            (true, _) => Some(Access::Join),
            (false, true) => Some(Access::Watch),
            (false, false) => None,
        }
    }
}

impl Table {
    pub fn new(game: GameType, keys: Keys) -> Self {
        Table { game: game.begin(), keys, proofs: BTreeMap::new() }
    }

    /// Returns the same table with another state of its game.
    pub fn with(&self, game: Box<dyn HostedGame>) -> Self {
        Table { game, keys: self.keys.clone(), proofs: self.proofs.clone() }
    }

    /// Returns the seat that a secret proves.
    pub fn seat_of(&self, secret: &Secret) -> Option<SeatName> {
        self.game
            .seats()
            .into_iter()
            .find(|seat| self.proofs.get(seat.as_str()).is_some_and(|proof| proof.is_of(secret)))
    }

    /// From now on this secret proves that somebody holds that seat, and none before it.
    pub fn set_proof(&mut self, seat: SeatName, secret: &Secret) {
        self.proofs.insert(seat.as_str().to_owned(), Proof::of(secret));
    }

    pub fn free_seat(&self) -> Option<SeatName> {
        self.game.seats().into_iter().find(|seat| self.game.person(*seat).is_none())
    }

    /// Returns whether it is `waiting` for somebody to sit down, `playing` or `over`.
    pub fn status(&self) -> &'static str {
        match (self.free_seat(), self.game.turn()) {
            (Some(_), _) => "waiting",
            (None, Some(_)) => "playing",
            (None, None) => "over",
        }
    }

    pub fn seats_free(&self) -> usize {
        self.game.seats().into_iter().filter(|seat| self.game.person(*seat).is_none()).count()
    }

    pub fn stored(&self) -> serde_json::Result<TableState> {
        Ok(TableState { game: self.game.stored()?, keys: self.keys.clone(), proofs: self.proofs.clone() })
    }

    pub fn restored(game: GameType, stored: TableState) -> serde_json::Result<Self> {
        Ok(Table { game: game.restore(&stored.game)?, keys: stored.keys, proofs: stored.proofs })
    }
}

impl Clone for Table {
    fn clone(&self) -> Self {
        Table { game: self.game.boxed_clone(), keys: self.keys.clone(), proofs: self.proofs.clone() }
    }
}

/// A table written down.
#[derive(Serialize, Deserialize)]
pub struct TableState {
    game: String,
    keys: Keys,
    proofs: BTreeMap<String, Proof>,
}
