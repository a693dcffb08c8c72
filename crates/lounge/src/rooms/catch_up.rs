//! Which events a `join` brings: put together from the window and the journal, without gap or repeat.

use crate::protocol::client::Since;
use crate::protocol::record::Event;
use crate::protocol::server::List;
use crate::rooms::window::Window;
use crate::settings::LoungeSettings;
use parlor_core::journal::{End, LogName, Page, PageOf};

/// The way from what a client knows to the newest event that is shown.
///
/// While it loads, events go on: the journal's reader may see some that are not shown yet, which are cut off, and the
/// window gathers those that have been shown since.
#[derive(Debug)]
pub struct CatchUp {
    wanted: Wanted,
    /// Events, if it can't be all since then.
    limit: usize,
    /// Events that the journal brought so far…
    gathered: Vec<Event>,
    bytes: usize,
    /// …up to this event; `None`: nothing yet.
    to: Option<u64>,
    /// The newest event that was shown when the journal was asked.
    head_asked: u64,
    tries: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// Everything after that.
    After(u64),
    /// A page.
    Newest,
}

/// The next step.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// With all these events, up to the newest that is shown.
    Ready { recovered: bool, events: Vec<Event> },
    /// The journal has to bring more.
    Load(PageOf),
    /// The journal does not have what it should, or is slower than the room.
    GiveUp,
}

impl CatchUp {
    /// Times that the journal is asked.
    const TRIES: u32 = 8;

    pub fn new(since: Option<&Since>, limit: usize, epoch: &str, head: u64, settings: &LoungeSettings) -> Self {
        let known = since.filter(|since| since.epoch == epoch && since.seq <= head);
        let missed = known.map(|since| (since.seq, head - since.seq));
        let wanted = match missed {
            Some((seq, missed)) if missed <= settings.recover_events as u64 => Wanted::After(seq),
            Some(_) | None => Wanted::Newest,
        };
        CatchUp { wanted, limit, gathered: Vec::new(), bytes: 0, to: None, head_asked: 0, tries: 0 }
    }

    pub fn step(&mut self, log: &LogName, window: &Window, settings: &LoungeSettings) -> Step {
        if let Wanted::After(since) = self.wanted {
            let Some(rest) = window.after(self.to.unwrap_or(since)) else {
                let page = PageOf {
                    log: log.clone(),
                    after: self.to.unwrap_or(since),
                    before: u64::MAX,
                    end: End::Oldest,
                    limit: settings.recover_events,
                    bytes: settings.recover_bytes,
                };
                return self.load(page, window);
            };
            let bytes: usize = rest.clone().map(|event| event.json().len()).sum();
            let count = rest.clone().count();
            if self.gathered.len() + count <= settings.recover_events && self.bytes + bytes <= settings.recover_bytes {
                let mut events = std::mem::take(&mut self.gathered);
                events.extend(rest.cloned());
                return Step::Ready { recovered: true, events };
            }
            self.want_newest();
        }
        self.newest(log, window, settings)
    }

    fn newest(&mut self, log: &LogName, window: &Window, settings: &LoungeSettings) -> Step {
        let load = PageOf {
            log: log.clone(),
            after: 0,
            before: window.head() + 1,
            end: End::Newest,
            limit: self.limit.max(settings.window_events),
            bytes: LoungeSettings::LIST_BYTES,
        };
        let events = if let Some((page, _)) = window.page(u64::MAX, self.limit) {
            page.into_iter().cloned().collect()
        } else if let Some(to) = self.to {
            let Some(rest) = window.after(to) else {
                self.want_newest();
                return self.load(load, window);
            };
            let mut events = std::mem::take(&mut self.gathered);
            events.extend(rest.cloned());
            events
        } else {
            return self.load(load, window);
        };
        let keep = List::newest(events.iter(), self.limit);
        Step::Ready { recovered: false, events: events[events.len() - keep..].to_vec() }
    }

    /// Takes in what the journal brought for the last [`Step::Load`]. `epoch` and `head`: of the log as it is shown.
    ///
    /// # Errors
    /// If that is not of this log, or no event.
    pub fn take(
        &mut self,
        page: &Page,
        epoch: &str,
        head: u64,
        event: impl Fn(u64, &bytes::Bytes) -> Option<Event>,
    ) -> Result<(), ()> {
        if page.epoch != epoch {
            return Err(());
        }
        let shown = page.records.iter().take_while(|(seq, _)| *seq <= head);
        let from = match self.wanted {
            Wanted::After(since) => Some(self.to.unwrap_or(since) + 1),
            Wanted::Newest => None,
        };
        if let Some(from) = from
            && (page.records.first().is_none_or(|(seq, _)| *seq != from) || (page.more && last(page) < head))
        {
            // The log does not reach back so far, or there is too much.
            self.want_newest();
            return Ok(());
        }
        for (seq, record) in shown {
            let event = event(*seq, record).ok_or(())?;
            self.bytes += event.json().len();
            self.gathered.push(event);
            self.to = Some(*seq);
        }
        self.to = self.to.or(Some(self.head_asked));
        Ok(())
    }

    /// Returns whether it asks for a page of the newest, as opposed to what came after something.
    pub fn wants_newest(&self) -> bool {
        self.wanted == Wanted::Newest
    }

    /// Returns the events that the journal brought, newest first: for the window.
    pub fn gathered(&self) -> impl Iterator<Item = &Event> {
        self.gathered.iter().rev()
    }

    /// Returns whether what the journal brought ends where `window` begins.
    pub fn borders_on(&self, window: &Window) -> bool {
        self.to.is_some_and(|to| to + 1 == window.first())
    }

    fn want_newest(&mut self) {
        self.wanted = Wanted::Newest;
        self.gathered.clear();
        self.bytes = 0;
        self.to = None;
    }

    fn load(&mut self, page: PageOf, window: &Window) -> Step {
        self.head_asked = window.head();
        self.tries += 1;
        if self.tries > Self::TRIES { Step::GiveUp } else { Step::Load(page) }
    }
}

fn last(page: &Page) -> u64 {
    page.records.last().map_or(0, |(seq, _)| *seq)
}
