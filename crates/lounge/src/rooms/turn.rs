//! Whose turn it is to change a room: see [`contention`](super::contention).

use parlor_core::journal::WriterName;

/// The contention for one room, as this server sees it.
#[derive(Debug, Default)]
pub struct Turn {
    /// Batches that the journal has refused since the last one that it took, because another server was first.
    pub refused: u32,
    /// The server that this one holds back for.
    pub holds_back_for: Option<WriterName>,
}

impl Turn {
    /// Returns whether this server holds back.
    pub fn is_others(&self) -> bool {
        self.holds_back_for.is_some()
    }
}
