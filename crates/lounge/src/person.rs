//! A user as others see them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A user as events and replies name them: `{"id":"…","name":"…"}`. A snapshot: the name is the one they had when it was
/// taken, and only the id goes on meaning the same person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// The id: it means the same user for ever.
    pub id: Uuid,
    /// The name at the time of the snapshot.
    pub name: String,
}
