//! Connect Four: seven columns, six rows, red begins, four in a line win, a full board is drawn.

mod board;
mod coordinate;
mod ending;
mod event;
mod player;
mod position;
mod rules;
mod state;
mod stored;
mod view;

#[cfg(test)]
mod tests;

pub use board::{Board, Squares};
pub use coordinate::{Column, OutOfRange, Row, Square};
pub use ending::{Ending, Outcome};
pub use event::Event;
pub use player::Player;
pub use position::Position;
pub use rules::DropDisc;
pub use state::{ConnectFour, Status};
pub use stored::Corrupt;
pub use view::View;
