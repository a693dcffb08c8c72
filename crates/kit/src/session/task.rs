//! The task that a session's stream of events runs in.

use std::cell::Cell;
use std::task::{Context, Waker};

/// Wakes the stream when something changes that its socket or its requests do not tell.
#[derive(Default)]
pub struct Task(Cell<Option<Waker>>);

impl Task {
    /// From now on the task of `cx` is woken.
    pub fn listen(&self, cx: &Context<'_>) {
        let task = self.0.take().filter(|task| task.will_wake(cx.waker()));
        self.0.set(Some(task.unwrap_or_else(|| cx.waker().clone())));
    }

    /// Wakes it once.
    pub fn wake(&self) {
        if let Some(task) = self.0.take() {
            task.wake();
        }
    }
}
