//! A room's number.

use parlor_core::GroupId;

/// A room for as long as it is kept. Its members are the group of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub u64);

impl RoomId {
    /// Returns the group of the room's members.
    pub fn group(self) -> GroupId {
        GroupId(self.0)
    }
}
