//! What any real-time server needs: clients, groups, a journal, sessions and their sockets. Knows no room and no JSON.
//!
//! The pure half (`app`, `hub`, `effect`, `engine`, `frame`, `ids`, `limits`, `time`, `journal::model`) does no I/O; `server`,
//! `session` and `transport` are the actors around it. Inside the kit the direction is transport → session → server → app.

pub mod app;
pub mod close;
pub mod effect;
pub mod engine;
pub mod frame;
pub mod harness;
pub mod hub;
pub mod ids;
pub mod journal;
pub mod limits;
pub mod serve;
pub mod server;
pub mod session;
pub mod time;
pub mod transport;
