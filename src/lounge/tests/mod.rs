//! Whole lounges, driven by hand: what came in, what must go out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rooms;
#[allow(dead_code)]
mod stage;
mod tables;
