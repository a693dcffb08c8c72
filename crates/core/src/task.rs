//! Futures that run beside an app, and how they end: for runtimes. An app starts one with
//! [`Hub::spawn`](crate::hub::Hub::spawn).

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::ids::{ClientId, Ticket};

/// A task started by [`Hub::spawn`](crate::hub::Hub::spawn). Never used twice in the life of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub(crate) Ticket);

/// The future of a task.
pub type Work<E> = Pin<Box<dyn Future<Output = E> + Send>>;

/// A task that is to be run.
pub struct Task<E> {
    /// Its id, under which its end is reported.
    pub id: TaskId,
    /// The client with which it is cancelled.
    pub client: Option<ClientId>,
    /// The future that makes its event.
    pub work: Work<E>,
}

impl<E> fmt::Debug for Task<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("id", &self.id).field("client", &self.client).finish_non_exhaustive()
    }
}

/// Reason why a task made no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskFailure {
    /// It panicked, with this message.
    Panicked(String),
    /// It was never run: as many tasks ran and waited as [`Limits::tasks`](crate::limits::Limits::tasks) allows.
    Refused,
}

impl fmt::Display for TaskFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TaskFailure::Panicked(message) => write!(f, "the task panicked: {message}"),
            TaskFailure::Refused => f.write_str("the task was refused: too many tasks run and wait (Limits::tasks)"),
        }
    }
}

impl std::error::Error for TaskFailure {}
