//! Continuations: requests that go on when the journal has answered.

use uuid::Uuid;

use super::record::UserRecord;
use super::token::Claims;
use crate::secret::Secret;
use crate::waiters::Asker;
use parlor_core::{Bytes, Time};

/// The continuation of a commit.
pub enum IdentityCommit {
    /// The first change of the user's record that waits.
    Change(Box<Changing>),
    /// The user's record as it is.
    Keep(Keep),
    /// The leases of users' names are renewed.
    Renewal(Vec<Uuid>),
    /// The lease of a user's name who has come back.
    Lease(Uuid),
    /// A lease has ended. If that fails, it expires.
    Release,
    /// Numbers for guests.
    GuestNumbers {
        /// How many.
        block: u64,
        /// The last of them.
        until: u64,
    },
    /// A token for another device is kept.
    Transfer(Box<Transferring>),
    /// A token for another device is used up.
    Transferred(Asker, Claims),
}

/// The continuation of a load.
pub enum IdentityLoad {
    /// A user who comes back.
    Resume(Box<Resuming>),
    /// The record of a user that another server has written too.
    Record,
    /// The last number of a guest.
    GuestNumbers,
    /// A token for another device.
    Transfer(Asker, Secret),
}

/// A token for another device that is being kept.
pub struct Transferring {
    /// The request.
    pub asker: Asker,
    /// The token.
    pub token: Secret,
    /// The time until which it is good.
    pub expires_at: Time,
}

/// A change that is being written.
pub struct Changing {
    /// The new record.
    pub keep: Keep,
    /// The record that it was made of.
    pub before: Option<Bytes>,
}

/// A user whose record is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The user.
    pub user: Uuid,
    /// The time until which the record is kept.
    pub until: Time,
    /// The record.
    pub record: Bytes,
}

/// A user whom the journal is asked about.
pub struct Resuming {
    /// The request.
    pub asker: Asker,
    /// The claims of the token.
    pub claims: Claims,
    /// The journal's first answer: the user is kept. Then it is asked for their idempotency keys.
    pub record: Option<(UserRecord, Bytes)>,
}
