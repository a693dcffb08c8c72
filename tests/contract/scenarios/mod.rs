//! Scripts: what goes in, what has to come out. On whatever transport.

pub mod absence;
pub mod arena;
pub mod clock;
pub mod counters;
pub mod echo;
pub mod frozen;
pub mod history;
pub mod identity;
pub mod limits;
pub mod manners;
pub mod moves;
pub mod opening;
pub mod order;
pub mod presence;
pub mod private;
pub mod recovery;
pub mod restart;
pub mod rooms;
pub mod stopping;
pub mod table;
pub mod talk;
