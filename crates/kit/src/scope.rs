//! An app inside an actix-web server that is not ours.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use actix_web::dev::{AppService, HttpServiceFactory};
use parlor_core::App;

use crate::access::{Access, Gate};
use crate::drain::retire;
use crate::mount::{Launched, Mount, Resources};
use crate::serve::restart;
use crate::server_handle::ServerHandle;

/// Time that clients have to go when a scope ends.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Starts an app for an `actix_web::HttpServer` of one's own: see [`Scope`].
///
/// # Errors
/// If the app's thread can't be started.
pub fn scope<A: App>(path: &str, make: impl Fn() -> A + Send + 'static) -> io::Result<Scope> {
    Mount::new(&[path], make).into_scope()
}

/// A running app, as a service for an `actix_web::HttpServer` of one's own. Made by [`scope`] or [`Mount::into_scope`], before
/// the server, and cloned into each of its workers. When the last clone is dropped, the app is stopped.
///
/// ```no_run
/// use actix_web::{App, HttpServer};
/// # use parlor_kit::{Client, ClientId, Close, Hub};
/// # struct Echo;
/// # impl parlor_kit::App for Echo {
/// #     type Request = String;
/// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
/// #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
/// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
/// # }
/// # async fn run() -> std::io::Result<()> {
/// let live = parlor_kit::scope("/live", || Echo)?;
/// HttpServer::new(move || App::new().service(live.clone())).bind("127.0.0.1:8080")?.run().await
/// # }
/// ```
///
/// Such a server keeps its sockets, so a session reads the request's payload and writes the response's body. Everything that
/// is decided above the socket is as in [`Server`](crate::Server): order, groups, rate, heartbeats, admission, origins, the
/// bound of the outbox, one `client_left` for each client. These promises of [`Server`](crate::Server) don't hold:
///
/// | promise | here |
/// |---|---|
/// | A peer that stops reading is closed (4000), and its socket and memory are freed. | The client has left and its outbox is freed. The socket, with 64 KiB and the HTTP server's buffers, stays until the peer goes or TCP gives up. |
/// | An idle client costs under 2 KiB. | The HTTP server's buffers come on top: about 20 KiB in all (`cargo bench -p parlor-kit --bench idle`). |
/// | A burst goes out as far as the system's buffers take it; only the rest counts against `outbox_bytes`. | The first 64 KiB go out at once, the rest counts. |
/// | Small messages go out at once (`TCP_NODELAY`). | As the HTTP server sets it: off, unless it sets `tcp_nodelay`. |
/// | Several writes to one client become one system call. | One copy more, and a wake-up of the HTTP server's task. |
/// | [`ServerHandle::abort_all`] resets connections. | They end without a close frame, in the HTTP server's way. |
/// | Connections without a handshake are counted, and have deadlines. | As the HTTP server has it. |
/// | Clients leave before the workers stop. | The HTTP server's shutdown cuts them off, unless [`Scope::handle`] stops the app first. |
#[derive(Clone)]
pub struct Scope(Arc<Running>);

struct Running {
    resources: Resources,
    handle: ServerHandle,
}

impl<A: App<E>, E: Send + Unpin + 'static> Mount<A, E> {
    /// Starts the app for an `actix_web::HttpServer` of one's own: see [`Scope`].
    ///
    /// # Errors
    /// If the app's journal can't be read, or its thread can't be started.
    pub fn into_scope(self) -> io::Result<Scope> {
        let handle = ServerHandle::new();
        let (starting, started) = sync_channel(1);
        let inner = handle.clone();
        thread::Builder::new().name("parlor".into()).spawn(move || {
            let system = actix::System::new();
            system.block_on(async {
                let gate = Gate::new(Access::default(), Arc::new(|_| None), inner.refused());
                match self.launch(gate, inner.clone(), None) {
                    Err(error) => drop(starting.send(Err(io::Error::other(error)))),
                    Ok(Launched { resources, running, .. }) => {
                        let apps = Arc::new(vec![running]);
                        inner.set_apps(Arc::clone(&apps));
                        let _ = starting.send(Ok(resources)); // the other side waits for it
                        let stop = inner.stopped().await;
                        retire(&inner, &apps, stop, SHUTDOWN_TIMEOUT).await;
                    }
                }
            });
            actix::System::current().stop();
            let _ = system.run(); // nobody is left to hear of it
        })?;
        let resources = started.recv().map_err(|_| io::Error::other("the app's thread panicked"))??;
        Ok(Scope(Arc::new(Running { resources, handle })))
    }
}

impl Scope {
    /// Returns the means to steer the app: to stop it before the HTTP server, for one.
    pub fn handle(&self) -> ServerHandle {
        self.0.handle.clone()
    }
}

impl HttpServiceFactory for Scope {
    fn register(self, config: &mut AppService) {
        for resource in (self.0.resources)() {
            resource.register(config);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.stop(restart());
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&self.0.handle).finish()
    }
}
