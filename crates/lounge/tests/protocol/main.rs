//! The wire contract: every frame's JSON is frozen, and docs/protocol.md says the same as the code.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod docs;
mod fixtures;
mod snapshots;
