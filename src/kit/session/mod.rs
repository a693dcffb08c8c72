//! One client each: what it asks for goes to the app, at a rate; what it hears waits for its socket, up to a bound.

pub mod control;
pub mod heartbeat;
pub mod outbox;
pub mod rate;
pub mod socket;
