//! The effects that an app asks for.

use crate::close::Close;
use crate::ids::{ClientId, GroupId, Ticket};
use crate::journal::{Commit, Load};
use crate::task::TaskId;
use crate::wire::Frame;

/// One thing to do. Effects are done in the order in which they were asked for; towards one client that order is the one
/// it sees. An effect for a client that is gone does nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A frame for one client.
    Send {
        /// The receiver.
        client: ClientId,
        /// The message.
        frame: Frame,
    },
    /// A frame for everyone in any of `groups`, once each, and for `clients` besides.
    Broadcast {
        /// Groups of receivers.
        groups: Vec<GroupId>,
        /// Further receivers.
        clients: Vec<ClientId>,
        /// A client that gets nothing, also if it is among the receivers.
        except: Option<ClientId>,
        /// The message.
        frame: Frame,
    },
    /// A frame for every client of the app.
    All {
        /// A client that gets nothing.
        except: Option<ClientId>,
        /// The message.
        frame: Frame,
    },
    /// A client is to be a member of a group; nothing if it is. Everything sent to the client before reaches it before the
    /// group's next broadcast.
    Join {
        /// The member.
        client: ClientId,
        /// Its group.
        group: GroupId,
    },
    /// A client is to be no member of a group; nothing if it is none.
    Leave {
        /// The member.
        client: ClientId,
        /// Its group.
        group: GroupId,
    },
    /// A connection is to end, after the frames sent before.
    Close {
        /// The client.
        client: ClientId,
        /// Code and reason of the close frame.
        close: Close,
    },
    /// A commit is to be written; its outcome comes back as [`Input::Committed`](crate::engine::Input::Committed).
    Commit {
        /// The ticket to answer with.
        ticket: Ticket,
        /// The changes.
        commit: Commit,
    },
    /// Something is to be read; it comes back as [`Input::Loaded`](crate::engine::Input::Loaded).
    Load {
        /// The ticket to answer with.
        ticket: Ticket,
        /// The read.
        load: Load,
    },
    /// A task is to be run; [`Engine::take_task`](crate::engine::Engine::take_task) gives its future.
    Spawn {
        /// The task.
        task: TaskId,
    },
    /// A task's client has left: its future is to be dropped.
    Cancel {
        /// The task.
        task: TaskId,
    },
    /// One request of the client is answered for good: it may make another (see [`Limits::in_flight`](crate::limits::Limits)).
    Done {
        /// The client.
        client: ClientId,
        /// True for a request that [answers with a list](crate::App::answers_with_list).
        list: bool,
    },
}
