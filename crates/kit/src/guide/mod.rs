//! The subjects of a server, one page each. They have no code of their own: read them in any order.

pub mod admission;
pub mod bounds;
pub mod deploying;
pub mod events;
pub mod keeping;
pub mod running;
pub mod transports;
