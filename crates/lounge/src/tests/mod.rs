//! Whole lounges, driven by hand: what came in, what must go out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clock;
mod expiry;
mod following;
mod model;
mod nodes;
mod people;
mod presence;
mod promises;
mod protocol;
mod quotas;
mod recovery;
mod rooms;

mod signing_out;
mod stage;
mod tables;
