//! The pure core of Parlor: apps as values, turned by hand.

pub mod app;
pub mod close;
pub mod effect;
pub mod engine;
pub mod harness;
pub mod hub;
pub mod ids;
pub mod journal;
pub mod limits;
pub mod time;
pub mod wire;

pub use app::{App, Client, Farewell, FromIncoming, Gauge, Refusal, Reply};
pub use close::Close;
pub use hub::Hub;
pub use ids::{ClientId, GroupId, Ticket};
pub use limits::{Limits, Origins, Rate};
pub use time::Time;
pub use wire::{Frame, Incoming, Message};
