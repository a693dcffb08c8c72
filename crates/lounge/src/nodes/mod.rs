//! Several servers on one journal. Each tells the others of its sessions, by ephemerals of the journal, and knows theirs: a
//! session of another server is a client like any other, whose effects nobody performs here. What one server was told is
//! committed, the others know before they answer: requests that depend on it wait for a barrier.
//!
//! The terms: *ephemeral*, of ZooKeeper; *read index*, for the barrier, of Raft (Ongaro's dissertation, section 6.4).

pub mod announcements;
pub mod others;
pub mod session;
pub mod signal;
