//! Steers a running server from outside.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parlor_core::Close;
use tokio::sync::watch;

use crate::access::refused::Refused;
use crate::sample::Sample;
use crate::server::messages::CloseAll;
use crate::server::running::RunningApp;

/// Steers a [`Server`](crate::Server), from any thread, before it runs and while it does. A clone costs a reference count.
///
/// The counterparts in Python's `websocket-server`, whose `server` object can do the same:
///
/// | `websocket-server` | here |
/// |---|---|
/// | `shutdown_gracefully(status, reason)` | [`stop`](ServerHandle::stop) |
/// | `shutdown_abruptly()` | [`stop_now`](ServerHandle::stop_now) |
/// | `disconnect_clients_gracefully(status, reason)` | [`close_all`](ServerHandle::close_all) |
/// | `disconnect_clients_abruptly()` | [`abort_all`](ServerHandle::abort_all) |
/// | `deny_new_connections(status, reason)` | [`deny_new`](ServerHandle::deny_new) |
/// | `allow_new_connections()` | [`allow_new`](ServerHandle::allow_new) |
/// | `clients` | [`clients`](ServerHandle::clients), [`Hub::clients`](crate::Hub::clients) |
/// | `send_message`, `send_message_to_all` | [`Hub::send`](crate::Hub::send), [`Hub::send_all`](crate::Hub::send_all) |
/// | `set_fn_new_client` and the others | the callbacks of [`App`](crate::App) |
/// | `run_forever(threaded=True)` | [`Server::run_blocking`](crate::Server::run_blocking) on a thread |
#[derive(Clone)]
pub struct ServerHandle(Arc<Control>);

pub(crate) struct Control {
    stop: watch::Sender<Stop>,
    /// Given to newcomers instead of the app, while it is there.
    denial: Mutex<Option<Close>>,
    apps: Mutex<Arc<Vec<RunningApp>>>,
    refused: Arc<Refused>,
}

/// The order to stop a server, if there is one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stop {
    No,
    /// Says farewell, closes everyone with this, and waits for them.
    Gracefully(Close),
    Now,
}

impl ServerHandle {
    pub(crate) fn new() -> Self {
        let (stop, _) = watch::channel(Stop::No);
        ServerHandle(Arc::new(Control {
            stop,
            denial: Mutex::default(),
            apps: Mutex::default(),
            refused: Arc::default(),
        }))
    }

    /// Stops the server: nobody is let in any more, every client gets the app's farewell and `close`, what was requested is
    /// written, and [`Server::run`](crate::Server::run) returns, at the latest after
    /// [`shutdown_timeout`](crate::Server::shutdown_timeout).
    ///
    /// ```
    /// # use parlor_kit::{App, Client, ClientId, Close, Hub};
    /// # struct Chat;
    /// # impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    /// # }
    ///
    /// # use parlor_kit::Server;
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let server = Server::new().app(&["/"], || Chat);
    /// let handle = server.handle();
    /// handle.stop(Close::new(Close::GOING_AWAY, "closed for today")); // of two calls, the first counts
    /// assert!(server.run_blocking(listener).is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stop(&self, close: Close) {
        self.0.stop.send_if_modified(|stop| {
            let is_first = *stop == Stop::No;
            if is_first {
                *stop = Stop::Gracefully(close);
            }
            is_first
        });
    }

    /// Stops the server at once: connections are reset without a close frame. What was committed stays committed.
    pub fn stop_now(&self) {
        self.0.stop.send_replace(Stop::Now);
    }

    /// From now on newcomers are closed with `close` as soon as their handshake is through; no app hears of them. Clients that
    /// are connected stay.
    pub fn deny_new(&self, close: Close) {
        *self.denial() = Some(close);
    }

    /// Lets newcomers in again.
    pub fn allow_new(&self) {
        *self.denial() = None;
    }

    /// Closes every client of every app, after what was sent to it before. `client_left` follows for each.
    pub fn close_all(&self, close: Close) {
        self.tell_apps(|| CloseAll::Gracefully(close.clone()));
    }

    /// Resets every connection of every app, without a close frame: their clients see 1006. `client_left` follows for each.
    pub fn abort_all(&self) {
        self.tell_apps(|| CloseAll::Abruptly);
    }

    /// Returns the number of connections of all apps.
    pub fn clients(&self) -> usize {
        self.apps().iter().map(|app| app.admission.count()).sum()
    }

    /// Returns the running apps, for pages like `/readyz` and `/metrics`. Empty until the server runs.
    ///
    /// ```
    /// # use parlor_kit::{App, Client, ClientId, Close, Hub};
    /// # struct Chat;
    /// # impl App for Chat {
    /// #     type Request = String;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    /// # }
    ///
    /// # use parlor_kit::Server;
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let server = Server::new().app(&["/rooms/{room}"], || Chat);
    /// let handle = server.handle();
    /// assert!(handle.apps().is_empty());
    /// let at_start = handle.clone();
    /// let server = server.started(move || {
    ///     assert_eq!(at_start.apps()[0].paths(), ["/rooms/{room}"]);
    ///     assert!(at_start.apps()[0].samples().iter().any(|sample| sample.name == "clients"));
    ///     at_start.stop_now();
    /// });
    /// server.run_blocking(listener)?;
    /// assert_eq!(handle.apps().len(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn apps(&self) -> Arc<Vec<RunningApp>> {
        Arc::clone(&self.0.apps.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the counts of connections and requests that were refused before an app was chosen: too many connections without
    /// a handshake, and foreign `Host` names. Each app has [counts](RunningApp::samples) of its own.
    ///
    /// ```
    /// # use parlor_kit::Server;
    /// let samples = Server::new().handle().samples();
    /// assert!(samples.iter().all(|sample| sample.name == "server_refusals_total" && sample.value == 0.0));
    /// ```
    pub fn samples(&self) -> Vec<Sample> {
        self.0.refused.samples()
    }

    pub(crate) fn refused(&self) -> Arc<Refused> {
        Arc::clone(&self.0.refused)
    }

    fn tell_apps(&self, message: impl Fn() -> CloseAll) {
        for app in self.apps().iter() {
            app.close_all.do_send(message());
        }
    }

    pub(crate) fn set_apps(&self, apps: Arc<Vec<RunningApp>>) {
        *self.0.apps.lock().unwrap_or_else(PoisonError::into_inner) = apps;
    }

    /// Ready when the server is to stop.
    pub(crate) async fn stopped(&self) -> Stop {
        let mut stop = self.0.stop.subscribe();
        // The sender lives in `self`: the channel can't be closed.
        stop.wait_for(|stop| *stop != Stop::No).await.map_or(Stop::Now, |stop| stop.clone())
    }

    /// Ready when [`stop_now`](ServerHandle::stop_now) was called.
    pub(crate) async fn stopped_now(&self) {
        let mut stop = self.0.stop.subscribe();
        let _ = stop.wait_for(|stop| *stop == Stop::Now).await;
    }

    /// The close for newcomers, if they are denied.
    pub(crate) fn denied(&self) -> Option<Close> {
        self.denial().clone()
    }

    fn denial(&self) -> MutexGuard<'_, Option<Close>> {
        self.0.denial.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandle").field("clients", &self.clients()).finish_non_exhaustive()
    }
}
