//! Every bound of the lounge, each with its reason.

use std::time::Duration;

use crate::games::host::GameList;
use crate::identity::token::Signer;
use crate::protocol::server::LIST_BYTES_MAX;
use crate::rooms::name::RoomName;
use parlor_core::Limits;

/// The settings of a lounge. [`new`](LoungeSettings::new) gives the defaults; the fields are there to be changed.
#[derive(Clone, Debug)]
pub struct LoungeSettings {
    /// Signs the resume tokens: servers with the same secret take each other's.
    pub signer: Signer,
    /// The games that can be created.
    pub games: GameList,
    /// The limits of each connection. `frame_bytes` and `heartbeat` stand in the `welcome`.
    pub kit: Limits,

    /// Characters of a message's body: a page of text. Longer things are files, not talk.
    pub body_chars: usize,
    /// Users of a room that are told one by one: beyond, joining and leaving are counted, or their number of frames would
    /// grow with the square of the crowd.
    pub presence_room: usize,
    /// Time for which a user whose connection dropped still counts as there: a page takes less to load again.
    pub presence_grace: Duration,
    /// Time between two messages that tell a crowd its number, at least.
    pub crowd_every: Duration,

    /// Events that a `join` with `since` catches up on: beyond, a page of the newest is quicker for both sides.
    pub recover_events: usize,
    /// The same in bytes: half of what an outbox takes.
    pub recover_bytes: usize,
    /// Events of a `join` or `history` that does not say how many: a screen and a bit.
    pub page_events: usize,
    /// Events of a room in use that are kept at hand, so that joins need not ask the journal…
    pub window_events: usize,
    /// …and bytes of them.
    pub window_bytes: usize,

    /// Age at which the journal deletes events: a room in use shows none that are older. `None`: age does not matter.
    pub retain_age: Option<Duration>,
    /// Events of an inbox that the journal keeps. One sender, or one address, may fill a quarter of it with messages that
    /// its owner has not read.
    pub inbox_events: usize,

    /// Rooms at once, in use or not: each costs memory for as long as it is kept.
    pub rooms: usize,
    /// Rooms at once that were created from one address: a single one must not take all.
    pub rooms_per_address: usize,
    /// Rooms that open even if there are as many as [`rooms`](LoungeSettings::rooms); `lobby` always does.
    pub kept_rooms: Vec<RoomName>,
    /// Rooms that one client is in: what `left` costs when it goes.
    pub rooms_per_client: usize,
    /// Requests that wait in one room for the journal: beyond, `unavailable`.
    pub room_queue: usize,
    /// Requests that go into one commit of a room, and with them the bytes that one room's talk adds to a batch.
    pub room_batch: usize,
    /// Requests of a client that wait for its own `join`, `resume` and the like: beyond, `unavailable`.
    pub client_queue: usize,
    /// Rooms made from one address (IPv6: one /64): a tournament behind one router at once, and still far from all rooms.
    pub room_creation: Allowance,
    /// Users kept who come from one address: each stays in the journal for `user_retention`.
    pub user_creation: Allowance,
    /// Addresses whose allowances are remembered at once.
    pub addresses: usize,

    /// Time for which a kept user's name is reserved after their last session.
    pub name_reservation: Duration,
    /// Time after which a room is deleted in which nothing has happened and nobody has been.
    pub room_retention: Duration,
    /// Time for which a user who does nothing lasting, and an inbox without a new message, are kept.
    pub user_retention: Duration,
    /// Time for which a player may be away in their turn.
    pub forfeit_after: Duration,
}

/// A token bucket: `burst` at once, and one more every `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Tokens of a full bucket.
    pub burst: u32,
    /// Time after which there is one more token.
    pub every: Duration,
}

impl LoungeSettings {
    /// Bytes of list in a reply: the contract's.
    pub const LIST_BYTES: usize = LIST_BYTES_MAX;

    /// Returns the defaults, with this signer.
    pub fn new(signer: Signer) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        LoungeSettings {
            signer,
            games: GameList::default(),
            kit: Limits::default(),
            body_chars: 4096,
            presence_room: 64,
            presence_grace: Duration::from_secs(10),
            crowd_every: Duration::from_secs(1),
            recover_events: 1000,
            recover_bytes: 512 * 1024,
            page_events: 50,
            window_events: 100,
            window_bytes: 64 * 1024,
            retain_age: None,
            inbox_events: 1000,
            rooms: 10_000,
            rooms_per_address: 2500,
            kept_rooms: Vec::new(),
            rooms_per_client: 64,
            room_queue: 1024,
            room_batch: 256,
            client_queue: 256,
            room_creation: Allowance { burst: 500, every: Duration::from_secs(2) },
            user_creation: Allowance { burst: 1000, every: Duration::from_secs(1) },
            addresses: 100_000,
            name_reservation: Duration::from_secs(10 * 60),
            room_retention: 30 * DAY,
            user_retention: 90 * DAY,
            forfeit_after: Duration::from_secs(60),
        }
    }
}
