//! Connect Four, checked as a child would check it: no bits, and nothing shared with the server.

mod board;
mod log;

pub use board::{Board, COLUMNS, Colour, Dropped, End, ROWS, a_double_win, a_draw};
pub use log::{Log, check_log};
