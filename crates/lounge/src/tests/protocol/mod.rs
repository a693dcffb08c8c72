//! The wire contract: every frame's JSON is frozen, and docs/protocol.md says the same as the code.

mod docs;
mod fixtures;
mod snapshots;
