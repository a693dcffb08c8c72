//! Runs an app's tasks on threads of their own.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::panic::AssertUnwindSafe;

use actix::{Message, Recipient};
use futures_util::FutureExt;
use futures_util::future::AbortHandle;
use log::error;
use parlor_core::task::Task;
use parlor_core::{TaskFailure, TaskId};
use tokio::runtime::{Builder, Runtime};

/// From a task to its `ChatServer`: it has ended.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct TaskEnded<E>(pub TaskId, pub Result<E, TaskFailure>);

/// The tasks of one app: at most `max` run, at most as many again wait in the order of their spawning, more are refused.
pub(crate) struct Tasks<E: Send + Unpin + 'static> {
    max: usize,
    running: BTreeMap<TaskId, AbortHandle>,
    waiting: VecDeque<Task<E>>,
    ended: Recipient<TaskEnded<E>>,
    /// Made for the first task: most apps have none.
    runtime: Option<Runtime>,
}

/// Threads that poll tasks. Two, so that one that blocks for a moment doesn't stop the others.
const THREADS: usize = 2;

impl<E: Send + Unpin + 'static> Tasks<E> {
    /// `ended` gets one message for each task that is not cancelled.
    pub fn new(max: usize, ended: Recipient<TaskEnded<E>>) -> Self {
        Tasks { max, running: BTreeMap::new(), waiting: VecDeque::new(), ended, runtime: None }
    }

    /// Starts a task, or lets it wait.
    ///
    /// # Errors
    /// If as many wait as may, or the system gives no threads: the failure to report.
    pub fn spawn(&mut self, task: Task<E>) -> Result<(), TaskFailure> {
        if self.running.len() < self.max {
            self.start(task)
        } else if self.waiting.len() < self.max {
            self.waiting.push_back(task);
            Ok(())
        } else {
            Err(TaskFailure::Refused)
        }
    }

    /// Drops a task's future, wherever it is.
    pub fn cancel(&mut self, id: TaskId) {
        self.waiting.retain(|task| task.id != id);
        if let Some(task) = self.running.remove(&id) {
            task.abort();
            self.fill();
        }
    }

    /// Drops all futures.
    pub fn cancel_all(&mut self) {
        self.waiting.clear();
        for task in std::mem::take(&mut self.running).into_values() {
            task.abort();
        }
    }

    /// Counts a task that has ended.
    pub fn ended(&mut self, id: TaskId) {
        self.running.remove(&id);
        self.fill();
    }

    /// Starts those that wait, as far as there is room.
    fn fill(&mut self) {
        while self.running.len() < self.max
            && let Some(task) = self.waiting.pop_front()
        {
            let id = task.id;
            if let Err(failure) = self.start(task) {
                self.ended.do_send(TaskEnded(id, Err(failure)));
            }
        }
    }

    fn start(&mut self, task: Task<E>) -> Result<(), TaskFailure> {
        let runtime = match &mut self.runtime {
            Some(runtime) => runtime,
            none => {
                let made =
                    Builder::new_multi_thread().worker_threads(THREADS).thread_name("parlor-task").enable_all().build();
                none.insert(made.map_err(|error| {
                    error!("a task can't be run: {error}");
                    TaskFailure::Refused
                })?)
            }
        };
        let (id, ended) = (task.id, self.ended.clone());
        let work = AssertUnwindSafe(task.work).catch_unwind();
        let (work, abort) = futures_util::future::abortable(async move {
            let result = work.await.map_err(|panic| TaskFailure::Panicked(message(&*panic)));
            ended.do_send(TaskEnded(id, result));
        });
        runtime.spawn(work);
        self.running.insert(id, abort);
        Ok(())
    }
}

impl<E: Send + Unpin + 'static> Drop for Tasks<E> {
    fn drop(&mut self) {
        self.cancel_all();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background(); // a task that blocks keeps nobody waiting
        }
    }
}

/// The message of a panic, if it has one.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
