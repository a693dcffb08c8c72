//! Continuations: requests that go on when the journal has answered.

use uuid::Uuid;

use super::record::UserRecord;
use super::token::Claims;
use crate::waiters::Asker;
use parlor_core::Time;

/// The continuation of a commit.
pub enum IdentityCommit {
    /// The first change of the user's record that waits.
    Change(Uuid),
    /// The user's record as it is.
    Keep(Keep),
}

/// The continuation of a load.
pub enum IdentityLoad {
    /// A user who comes back.
    Resume(Box<Resuming>),
}

/// A user whose record is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The user.
    pub user: Uuid,
    /// The time until which the record is kept.
    pub until: Time,
}

/// A user whom the journal is asked about.
pub struct Resuming {
    /// The request.
    pub asker: Asker,
    /// The claims of the token.
    pub claims: Claims,
    /// The journal's first answer: the user is kept. Then it is asked for their idempotency keys.
    pub record: Option<UserRecord>,
}
