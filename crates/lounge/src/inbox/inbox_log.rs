//! One inbox in use.

use uuid::Uuid;

use crate::protocol::client::Since;
use crate::protocol::record::Event;
use crate::rooms::window::Window;
use crate::waiters::Asker;
use parlor_core::Time;
use parlor_core::journal::LogName;

/// An inbox in use: its owner is online, or something is on its way to it.
#[derive(Default)]
pub struct Inbox {
    /// The end of its log, once that is known.
    pub end: Option<LogEnd>,
    /// Messages on their way to it.
    pub in_flight: usize,
    /// Joins that wait for a page.
    pub loading: usize,
    /// Joins that wait until the end is known. Bounded: a client waits for its own.
    pub parked: Vec<ParkedJoin>,
    /// True if the end is being looked up.
    pub is_probing: bool,
}

/// The end of an inbox's log, as far as it is shown.
pub struct LogEnd {
    /// The log's own epoch; made up beforehand for a log that is not there yet.
    pub epoch: String,
    /// The newest events that were shown; none of them if nobody reads.
    pub window: Window,
}

/// A join that waits until the end of the inbox is known.
pub struct ParkedJoin {
    /// The request.
    pub asker: Asker,
    /// Up to where the client knows the inbox.
    pub since: Option<Since>,
    /// Events at most.
    pub limit: usize,
}

/// Returns the journal's name of a user's inbox.
pub fn log_name(user: Uuid) -> LogName {
    LogName::new(&format!("inbox/{user}"))
}

/// Returns the user whose inbox a log is; `None` if it is no inbox.
pub fn owner_of(log: &LogName) -> Option<Uuid> {
    log.as_str().strip_prefix("inbox/")?.parse().ok()
}

impl Inbox {
    /// Returns the epoch under which a first message begins the log: the one that an empty inbox was joined under. A log
    /// that had messages and is gone begins again under another, since its numbers begin again.
    pub fn first_epoch(&self, fresh: String) -> String {
        self.end.as_ref().filter(|end| end.window.head() == 0).map_or(fresh, |end| end.epoch.clone())
    }

    /// Takes in a message that stands in the log now. The bounds are those of the window.
    pub fn push(&mut self, epoch: &str, seq: u64, event: Event, at: Time, (events_max, bytes_max): (usize, usize)) {
        let (events_max, bytes_max) = if self.loading > 0 { (events_max, bytes_max) } else { (0, 0) };
        match &mut self.end {
            Some(end) if end.epoch == epoch && end.window.head() + 1 == seq => {
                end.window.push(event, at, events_max, bytes_max);
            }
            Some(_) | None => self.end = Some(LogEnd { epoch: epoch.to_owned(), window: Window::at(seq) }),
        }
    }

    /// Returns whether nothing is under way in it.
    pub fn is_idle(&self) -> bool {
        self.in_flight == 0 && self.loading == 0 && self.parked.is_empty() && !self.is_probing
    }
}
