//! What an app wants done: the only way out of it.

use crate::close::Close;
use crate::ids::{ClientId, GroupId, Ticket};
use crate::journal::{Commit, Load};
use crate::task::TaskId;
use crate::wire::Frame;

/// One thing to do. Effects are done in the order in which they were asked for; towards one client that order is what
/// it sees. An effect for a client that is gone does nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Send {
        client: ClientId,
        frame: Frame,
    },
    /// To everyone in any of `groups`, once each, and to `clients` besides.
    Broadcast {
        groups: Vec<GroupId>,
        clients: Vec<ClientId>,
        except: Option<ClientId>,
        frame: Frame,
    },
    /// To every client of the app.
    All {
        except: Option<ClientId>,
        frame: Frame,
    },
    /// Doing it twice is doing it once. What was sent to the client before stands before the group's next broadcast.
    Join {
        client: ClientId,
        group: GroupId,
    },
    Leave {
        client: ClientId,
        group: GroupId,
    },
    Close {
        client: ClientId,
        close: Close,
    },
    Commit {
        ticket: Ticket,
        commit: Commit,
    },
    Load {
        ticket: Ticket,
        load: Load,
    },
    /// The task is to be run: its future is had from [`Engine::take_task`](crate::engine::Engine::take_task).
    Spawn {
        task: TaskId,
    },
    /// The task's client has left: its future is to be dropped.
    Cancel {
        task: TaskId,
    },
    /// One request of the client is answered for good: it may make another (see [`Limits::in_flight`](crate::limits::Limits)).
    Done {
        client: ClientId,
        /// Whether it was a request that [answers with a list](crate::App::answers_with_list).
        list: bool,
    },
}
