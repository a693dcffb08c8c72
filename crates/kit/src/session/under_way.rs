//! The requests of a client that are under way, for every form of outbox.

use std::cell::Cell;

/// Counts a client's requests, and lets one list wait for the last. `M`: the mark at the end of a list's answer, by which the
/// outbox knows whether the answer is written.
pub struct UnderWay<M> {
    /// Requests that the app has not done with.
    requests: Cell<u32>,
    list: Cell<List<M>>,
    /// True while the session has requests that wait for [`List::None`].
    is_list_awaited: Cell<bool>,
}

/// The client's last request that answers with a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List<M> {
    /// There is none, or its answer was written at once.
    None,
    /// The app has not answered it.
    Asked,
    /// Its answer may wait, up to the mark.
    Answered(M),
}

impl<M: Copy> UnderWay<M> {
    /// Nothing is under way.
    pub fn new() -> Self {
        UnderWay { requests: Cell::new(0), list: Cell::new(List::None), is_list_awaited: Cell::new(false) }
    }

    /// Returns the number of requests that the app has not done with.
    pub fn requests(&self) -> u32 {
        self.requests.get()
    }

    /// A request was handed to the app.
    pub fn taken(&self) {
        self.requests.set(self.requests.get() + 1);
    }

    /// The app is done with a request. Returns the number before.
    pub fn done(&self) -> u32 {
        let before = self.requests.get();
        self.requests.set(before.saturating_sub(1));
        before
    }

    /// Begins a list. Returns false while the last one is not written: then it is awaited.
    pub fn start_list(&self, is_written: impl FnOnce(M) -> bool) -> bool {
        let is_free = self.is_list_written(is_written);
        if is_free {
            self.list.set(List::Asked);
        } else {
            self.is_list_awaited.set(true);
        }
        is_free
    }

    /// The app has answered with a list, whose answer ends at `mark`; `None`: it is written already.
    pub fn list_answered(&self, mark: Option<M>) {
        self.list.set(mark.map_or(List::None, List::Answered));
    }

    /// Returns whether the session waits for a list that is written now.
    pub fn is_awaited_list_written(&self, is_written: impl FnOnce(M) -> bool) -> bool {
        self.is_list_awaited.get() && self.is_list_written(is_written)
    }

    /// As [`is_awaited_list_written`](UnderWay::is_awaited_list_written), and true only once.
    pub fn take_list_written(&self, is_written: impl FnOnce(M) -> bool) -> bool {
        self.is_awaited_list_written(is_written) && self.is_list_awaited.replace(false)
    }

    fn is_list_written(&self, is_written: impl FnOnce(M) -> bool) -> bool {
        match self.list.get() {
            List::None => true,
            List::Asked => false,
            List::Answered(mark) => is_written(mark),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_waits_until_the_last_one_is_written_and_that_is_told_once() {
        let under_way = UnderWay::new();
        assert!(under_way.start_list(|_: u64| false), "there is none before it");
        assert!(!under_way.start_list(|_| true), "the app has not answered");
        under_way.list_answered(Some(7));
        assert!(!under_way.start_list(|mark| mark <= 6));
        assert!(!under_way.take_list_written(|mark| mark <= 6));
        assert!(under_way.is_awaited_list_written(|mark| mark <= 7));
        assert!(under_way.take_list_written(|mark| mark <= 7));
        assert!(!under_way.take_list_written(|mark| mark <= 7), "told once");
        assert!(under_way.start_list(|mark| mark <= 7));
        under_way.list_answered(None);
        assert!(under_way.start_list(|_| false), "written at once");
    }

    #[test]
    fn requests_are_counted_and_never_below_none() {
        let under_way = UnderWay::<()>::new();
        under_way.taken();
        under_way.taken();
        assert_eq!((under_way.done(), under_way.done(), under_way.done(), under_way.requests()), (2, 1, 0, 0));
    }
}
