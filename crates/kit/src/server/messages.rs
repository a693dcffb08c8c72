//! Messages between the actors. Every link has a bound: a session has at most [`Limits::in_flight`] requests on
//! the way to its `ChatServer`, whose mailbox is so bounded by clients × in_flight; journal jobs come of those requests
//! and of timers, one for each room at most; a worker's `Deliver`s come of all these, and each is emptied into outboxes
//! with bounds of their own.
//!
//! [`Limits::in_flight`]: parlor_core::Limits::in_flight

use actix::{Message, Recipient};

use parlor_core::journal::{FellBehind, Followed, Loaded, Outcome};
use parlor_core::{Client, ClientId, Close, Frame, GroupId, Ticket};

/// From a session to its `ChatServer`.
#[derive(Message)]
#[rtype(result = "()")]
pub enum Inbound<R> {
    /// Before the first request of the client.
    Connected(Client),
    /// In the order of their coming, at least one.
    Requests(ClientId, Vec<R>),
    /// After the last one, exactly once for each `Connected`, whatever became of the session.
    Left(ClientId, Close),
}

/// A worker thread that has begun to serve clients of the app, by its index.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AttachWorker {
    pub index: u16,
    pub fanout: Recipient<Deliver>,
}

/// From the `ChatServer` to one worker: what callbacks have asked for there, in order, a list for each.
#[derive(Clone, Debug, Message, PartialEq)]
#[rtype(result = "()")]
pub struct Deliver(pub Vec<Vec<Op>>);

/// A client on a worker, by slot and generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SlotRef {
    pub slot: u32,
    pub generation: u32,
}

impl From<ClientId> for SlotRef {
    fn from(client: ClientId) -> Self {
        SlotRef { slot: client.slot, generation: client.generation }
    }
}

/// One thing for a worker's fan-out to do.
///
/// The operations of a callback without a `Join`, `Leave` or `Close` may be gathered: then broadcasts go out first, `Send`s
/// after them; towards one client `Send`s keep their order, and so do broadcasts of one group. A callback with one of those
/// flushes what is gathered, then its operations are done in order at once: so a join reply stands after the last event it contains and
/// before the first live one.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    Send {
        to: SlotRef,
        frame: Frame,
    },
    Group {
        group: GroupId,
        except: Option<SlotRef>,
        frame: Frame,
    },
    /// Once to everyone in any of the groups or places.
    Union {
        groups: Vec<GroupId>,
        places: Vec<SlotRef>,
        except: Option<SlotRef>,
        frame: Frame,
    },
    All {
        except: Option<SlotRef>,
        frame: Frame,
    },
    Join {
        at: SlotRef,
        group: GroupId,
    },
    Leave {
        at: SlotRef,
        group: GroupId,
    },
    Close {
        at: SlotRef,
        close: Close,
    },
    /// Every connection is reset.
    Abort,
    /// The app was told of that client; what it sent to it on that occasion stands before this.
    Begun {
        at: SlotRef,
    },
    /// A request of that client is done; its session may read on.
    Done {
        at: SlotRef,
        /// True for a request that answers with a list: then all that was sent before it is in the outbox.
        list: bool,
    },
    /// Closes a part of the clients, each as soon as its requests under way are answered.
    Drain {
        close: Close,
        part: Part,
    },
    /// Sends the farewell to all clients, then closes them.
    Retire {
        farewell: Option<Frame>,
        close: Close,
    },
}

/// From the journal: commits of other writers, then outcomes, in the order of the requests.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Committed {
    /// The times that the journal had been restored by then. What comes from before the newest restore is in it already.
    pub restores: u64,
    pub followed: Result<Vec<Followed>, FellBehind>,
    pub outcomes: Vec<(Ticket, Outcome)>,
}

/// From a journal's writers: others have placed something.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Follow;

/// From the journal: what was read.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Answered(pub Ticket, pub Loaded);

/// From the journal after a failure: what is still in its way, if anything.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct JournalHealth(pub Option<String>);

/// One of several parts of all clients, of about the same size. A client is in the same part as long as it is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub index: u32,
    pub of: u32,
}

impl Part {
    /// Returns whether the client in this slot of a worker is in this part.
    pub fn has(self, slot: u32) -> bool {
        slot % self.of.max(1) == self.index
    }
}

/// To a `ChatServer`: the server goes down. Says farewell to everyone, and closes (1012) whoever still comes.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Shutdown;

/// To a `ChatServer`, after [`Shutdown`]: closes a part of the clients, each as soon as its requests under way are answered.
#[derive(Clone, Message)]
#[rtype(result = "()")]
pub struct Drain {
    pub close: Close,
    pub part: Part,
}

/// To a `ChatServer`: closes all clients; new ones are let in as before.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub enum CloseAll {
    /// With this close, after what was sent to them before.
    Gracefully(Close),
    /// By a reset.
    Abruptly,
}

/// From a `ChatServer` to itself: handled when its mailbox is empty.
#[derive(Message)]
#[rtype(result = "()")]
pub struct FlushWorkers;

/// To a `ChatServer`: closes the journal when all is written; the answer comes then.
#[derive(Message)]
#[rtype(result = "()")]
pub struct CloseJournal;

/// To a `ChatServer`: the app's figures of the moment.
#[derive(Message)]
#[rtype(result = "Vec<parlor_core::Gauge>")]
pub struct Report;
