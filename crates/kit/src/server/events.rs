//! The way into a running app from outside its callbacks.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::{Message, Recipient};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

/// Tells events to a running app, from any thread: they are delivered to [`App::told`](parlor_core::App::told), in the order
/// of their telling. A clone costs a reference count.
///
/// At most [`EVENTS_MAX`](Handle::EVENTS_MAX) events wait for the app. Events told before the server runs wait for its start;
/// after its end they are given back as [`TellError::Gone`].
///
/// ```
/// # use parlor_kit::{App, Client, ClientId, Close, Hub};
/// # struct News;
/// # impl App<String> for News {
/// #     type Request = String;
/// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {}
/// #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_, String>) {}
/// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, String>) {}
/// # }
///
/// # use parlor_kit::{Handle, Mount, TellError};
/// let mount = Mount::new(&["/"], || News);
/// let news = mount.handle();
/// for number in 0..Handle::<String>::EVENTS_MAX {
///     news.tell(number.to_string())?; // they wait for the start of the server
/// }
/// assert_eq!(news.tell("one more".to_owned()), Err(TellError::Full("one more".to_owned())));
/// # Ok::<(), TellError<String>>(())
/// ```
pub struct Handle<E: Send + 'static>(Arc<Shared<E>>);

struct Shared<E: Send + 'static> {
    room: Arc<Semaphore>,
    link: Mutex<Link<E>>,
}

enum Link<E: Send + 'static> {
    /// The app has not started yet.
    Waiting(Vec<Told<E>>),
    Open(Recipient<Told<E>>),
    Gone,
}

/// An event on its way to the `ChatServer`; its permit is given back when the app has been told.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Told<E> {
    pub event: E,
    pub permit: OwnedSemaphorePermit,
}

/// Reason why an event was not taken. The event comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TellError<E> {
    /// As many events wait as may ([`Handle::EVENTS_MAX`]): try again later, or use [`Handle::tell_when_room`].
    Full(E),
    /// The app has ended.
    Gone(E),
}

impl<E: Send + 'static> Handle<E> {
    /// The number of events of one app that may wait to be told, of all handles together.
    pub const EVENTS_MAX: usize = 1024;

    pub(crate) fn new() -> Self {
        let room = Arc::new(Semaphore::new(Self::EVENTS_MAX));
        Handle(Arc::new(Shared { room, link: Mutex::new(Link::Waiting(Vec::new())) }))
    }

    /// Tells the app an event.
    ///
    /// # Errors
    /// If too many wait, or the app has ended; the event is given back.
    pub fn tell(&self, event: E) -> Result<(), TellError<E>> {
        match Arc::clone(&self.0.room).try_acquire_owned() {
            Ok(permit) => self.send(Told { event, permit }),
            Err(TryAcquireError::NoPermits) => Err(TellError::Full(event)),
            Err(TryAcquireError::Closed) => Err(TellError::Gone(event)),
        }
    }

    /// Tells the app an event as soon as there is room for it. Those who wait get room in the order of their asking. Works on
    /// any async runtime.
    ///
    /// # Errors
    /// If the app has ended, also while it waits: [`TellError::Gone`] with the event.
    pub async fn tell_when_room(&self, event: E) -> Result<(), TellError<E>> {
        match Arc::clone(&self.0.room).acquire_owned().await {
            Ok(permit) => self.send(Told { event, permit }),
            Err(_) => Err(TellError::Gone(event)),
        }
    }

    fn send(&self, told: Told<E>) -> Result<(), TellError<E>> {
        match &mut *self.link() {
            Link::Waiting(events) => events.push(told), // bounded by the permits
            // The mailbox takes everything; the permits bound it.
            Link::Open(app) if app.connected() => app.do_send(told),
            Link::Open(_) | Link::Gone => return Err(TellError::Gone(told.event)),
        }
        Ok(())
    }

    /// Begins the delivery, with the events that have waited.
    pub(crate) fn open(&self, app: Recipient<Told<E>>) {
        let mut link = self.link();
        if let Link::Waiting(events) = std::mem::replace(&mut *link, Link::Open(app.clone())) {
            events.into_iter().for_each(|told| app.do_send(told));
        }
    }

    /// Ends the delivery: from now on events are given back, also to those who wait for room.
    pub(crate) fn close(&self) {
        *self.link() = Link::Gone;
        self.0.room.close();
    }

    fn link(&self) -> MutexGuard<'_, Link<E>> {
        self.0.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: Send + 'static> Clone for Handle<E> {
    fn clone(&self) -> Self {
        Handle(Arc::clone(&self.0))
    }
}

impl<E: Send + 'static> fmt::Debug for Handle<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("room", &self.0.room.available_permits()).finish_non_exhaustive()
    }
}

impl<E> TellError<E> {
    /// Returns the event that was not taken.
    ///
    /// ```
    /// # use parlor_kit::TellError;
    /// let error = TellError::Full("it rains");
    /// assert_eq!(error.to_string(), "the app has too many events to hear: try again later");
    /// assert_eq!(error.into_event(), "it rains");
    /// ```
    pub fn into_event(self) -> E {
        match self {
            TellError::Full(event) | TellError::Gone(event) => event,
        }
    }
}

impl<E> fmt::Display for TellError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TellError::Full(_) => "the app has too many events to hear: try again later",
            TellError::Gone(_) => "the app has ended",
        })
    }
}

impl<E: fmt::Debug> std::error::Error for TellError<E> {}
