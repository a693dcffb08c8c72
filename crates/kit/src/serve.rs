//! A server: apps on paths, run until it is told to stop.

mod run;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_web::web::ServiceConfig;
use futures_util::future::{Either, select};
use parlor_core::{App, Close};
use tokio::sync::oneshot;

use crate::access::rejection::Rejection;
use crate::access::{Access, Explain, Gate};
use crate::base_path::BasePath;
use crate::mount::{Launched, Mount};
use crate::page::Page;
use crate::peers::Peers;
use crate::server_handle::ServerHandle;
#[cfg(feature = "tls")]
use crate::tls::Tls;
use crate::transport::host::AllowedHosts;
use crate::transport::peers::PeerLink;

/// Apps on paths, with plain HTTP beside them.
///
/// ```no_run
/// # use parlor_kit::{App, Client, ClientId, Close, Hub};
/// # struct Chat;
/// # impl App for Chat {
/// #     type Request = String;
/// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
/// #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_>) {}
/// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
/// # }
/// use parlor_kit::Server;
///
/// fn main() -> std::process::ExitCode {
///     Server::new().app(&["/chat"], || Chat).workers(2).main(9998)
/// }
/// ```
///
/// It runs anywhere: in a program without a runtime ([`main`](Server::main), [`run_blocking`](Server::run_blocking)), under
/// `#[tokio::main]` and under `#[actix_web::main]` ([`run`](Server::run)). It uses threads of its own in each case.
pub struct Server {
    launches: Vec<Launch>,
    routes: Routes,
    root_routes: Routes,
    pages: Vec<Page>,
    base_path: BasePath,
    workers: usize,
    shutdown_timeout: Duration,
    queues: bool,
    access: Access,
    explain: Explain,
    hosts: AllowedHosts,
    peers: Option<(TcpListener, Arc<PeerLink>)>,
    started: Box<dyn FnOnce() + Send>,
    handle: ServerHandle,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

type Launch = Box<dyn FnOnce(Arc<Gate>, ServerHandle, Option<Arc<PeerLink>>) -> Result<Launched, String> + Send>;
type Routes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

impl Default for Server {
    fn default() -> Self {
        Server {
            launches: Vec::new(),
            routes: Arc::new(|_| {}),
            root_routes: Arc::new(|_| {}),
            pages: Vec::new(),
            base_path: BasePath::default(),
            workers: thread::available_parallelism().map_or(1, usize::from),
            shutdown_timeout: Duration::from_secs(10),
            queues: false,
            access: Access::default(),
            explain: Arc::new(|_| None),
            hosts: AllowedHosts::any(),
            peers: None,
            started: Box::new(|| ()),
            handle: ServerHandle::new(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

impl Server {
    /// Makes a server without apps.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hosts an app for WebSocket clients on `paths`, as [`Mount::new`] says.
    #[must_use]
    pub fn app<A: App<Infallible>>(self, paths: &[&str], make: impl Fn() -> A + Send + 'static) -> Self {
        self.mount(Mount::new(paths, make))
    }

    /// Hosts an app. One server hosts several, each on paths and a thread of its own.
    #[must_use]
    pub fn mount<A: App<E>, E: Send + Unpin + 'static>(mut self, mount: Mount<A, E>) -> Self {
        self.launches.push(Box::new(move |gate, handle, link| mount.launch(gate, handle, link)));
        self
    }

    /// Adds plain HTTP routes beside the apps, with everything that actix-web's `ServiceConfig` offers. Called once for every
    /// worker thread and listener.
    #[must_use]
    pub fn routes(mut self, routes: impl Fn(&mut ServiceConfig) + Send + Sync + 'static) -> Self {
        self.routes = Arc::new(routes);
        self
    }

    /// Adds plain HTTP routes that stay where they are with a [base path](Server::base_path): for health checks, which ask the
    /// server itself.
    #[must_use]
    pub fn root_routes(mut self, routes: impl Fn(&mut ServiceConfig) + Send + Sync + 'static) -> Self {
        self.root_routes = Arc::new(routes);
        self
    }

    /// Puts everything below a path: apps, sessions over HTTP, pages and routes. Apps need not know: their own paths, and
    /// [`Handshake::path`](crate::Handshake), are those below it. `/`, and the path without its last slash, lead there (307);
    /// whatever else is outside gets 404 with a sentence that names the path. A proxy in front passes paths on as they are.
    ///
    /// ```
    /// # use parlor_kit::{App, BasePath, Client, ClientId, Close, Hub, Message, Server};
    /// # struct Chat;
    /// # impl App for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    /// # }
    /// let base: BasePath = "/chat/".parse()?;
    /// let server = Server::new().base_path(base).app(&["/ws"], || Chat); // clients come to /chat/ws
    /// # drop(server);
    /// # Ok::<(), parlor_kit::InvalidBasePath>(())
    /// ```
    #[must_use]
    pub fn base_path(mut self, path: BasePath) -> Self {
        self.base_path = path;
        self
    }

    /// Adds an HTML page at `path`. An app may have the same path: requests for a WebSocket are the app's.
    ///
    /// ```
    /// # use parlor_kit::{App, Client, ClientId, Close, Hub, Message, Server};
    /// # struct Chat;
    /// # impl App for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    /// # }
    /// let server = Server::new().page("/", "<!doctype html><title>Chat</title>…").app(&["/"], || Chat);
    /// ```
    #[must_use]
    pub fn page(mut self, path: &str, html: &'static str) -> Self {
        self.pages.push(Page { path: path.to_owned(), html });
        self
    }

    /// Sets the number of threads that serve connections, at least 1; without this, as many as there are processors.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers.max(1);
        self
    }

    /// Sets how long the server may take to stop; without this, 10 s. In this time what was requested is answered, clients are
    /// closed, spread over up to a second if they are many, and what was written to them is read. Whoever is left is reset.
    #[must_use]
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Takes no more connections from the listener as soon as the server is to stop. They wait in its queue for the next
    /// process that has it: for a listener that somebody else holds open, as [`inherited_listener`](crate::inherited_listener)
    /// gives one. Without this, connections are answered up to the end, newcomers with 503.
    #[must_use]
    pub fn queue_while_stopping(mut self) -> Self {
        self.queues = true;
        self
    }

    /// Sets the access rules for all connections; without this, as many clients as the apps' limits allow, and no proxies.
    #[must_use]
    pub fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Sets the sentences for refused handshakes: a product names its own settings there. `None` keeps the kit's sentence.
    #[must_use]
    ///
    /// ```
    /// # use parlor_kit::{Rejection, Server};
    /// fn sentence(rejection: &Rejection) -> Option<String> {
    ///     match rejection {
    ///         Rejection::Clients { limit } => Some(format!("all {limit} seats are taken: raise `seats` in chat.toml")),
    ///         _ => None,
    ///     }
    /// }
    ///
    /// let server = Server::new().explain_rejections(sentence);
    /// assert!(sentence(&Rejection::Clients { limit: 8 }).is_some_and(|text| text.contains("8 seats")));
    /// # drop(server);
    /// ```
    pub fn explain_rejections(
        mut self,
        explain: impl Fn(&Rejection) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.explain = Arc::new(explain);
        self
    }

    /// Sets the `Host` names that the server answers to; other names get 421. Every name if not said. A server that pages of
    /// foreign names must not reach needs this: see [`AllowedHosts`].
    #[must_use]
    pub fn allowed_hosts(mut self, hosts: AllowedHosts) -> Self {
        self.hosts = hosts;
        self
    }

    /// Serves over TLS alone: `https:` and `wss:`. A client that speaks plain HTTP gets 400 with a sentence. Half-open
    /// handshakes count as [`Access::handshakes`], and have [`Access::answer_within`].
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Serves the apps' sessions over HTTP together with other servers, behind any load balancer: a request that reaches a
    /// server which does not have its session is passed on to the one that has it. Without this such a request is answered
    /// with 404, and the client opens another session.
    ///
    /// `listener` is for the other servers, apart from clients, and plain also beside [`tls`](Server::tls). It serves requests
    /// of sessions and nothing else, to whoever has [`Peers::key`]. That proves who asks, and hides nothing: the network
    /// between the servers has to be a private one. All servers have the same apps at the same paths.
    ///
    /// A session counts as a client where it lives. A connection that receives for a session of another server takes a place
    /// here: as many as [`Limits::clients`](crate::Limits::clients) and
    /// [`Limits::clients_per_address`](crate::Limits::clients_per_address) allow, beside the clients.
    ///
    /// ```no_run
    /// # use parlor_kit::{App, Client, ClientId, Close, Hub, HttpSessions, Message, Mount, NodeName, Peers, Server};
    /// # struct Chat;
    /// # impl App for Chat {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    /// # }
    /// # fn with(peers: impl Peers) -> std::io::Result<Server> {
    /// let listener = std::net::TcpListener::bind("10.0.0.1:8081")?; // an address of the private network
    /// let chat = Mount::new(&["/ws"], || Chat).http_sessions(HttpSessions::new("/api/sessions"));
    /// let server = Server::new().mount(chat).peers(listener, peers);
    /// # Ok(server)
    /// # }
    /// ```
    #[must_use]
    pub fn peers(mut self, listener: TcpListener, peers: impl Peers) -> Self {
        self.peers = Some((listener, Arc::new(PeerLink::new(peers, self.handle()))));
        self
    }

    /// Sets a function that is called once, when clients are served.
    #[must_use]
    ///
    /// ```
    /// # use parlor_kit::Server;
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let address = listener.local_addr()?; // if the port is 0, the one that was given
    /// let server = Server::new();
    /// let handle = server.handle();
    /// let (begun, has_begun) = std::sync::mpsc::channel();
    /// let server = server.started(move || {
    ///     let _ = begun.send(address);
    ///     handle.stop_now();
    /// });
    /// server.run_blocking(listener)?;
    /// assert_eq!(has_begun.recv(), Ok(address));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn started(mut self, started: impl FnOnce() + Send + 'static) -> Self {
        self.started = Box::new(started);
        self
    }

    /// Returns the scheme of its WebSockets' addresses.
    pub(crate) fn scheme(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return "wss";
        }
        "ws"
    }

    /// Returns the path below which it has everything.
    pub(crate) fn base(&self) -> &BasePath {
        &self.base_path
    }

    /// Returns the means to steer this server from outside.
    pub fn handle(&self) -> ServerHandle {
        self.handle.clone()
    }

    /// Serves until `shutdown` is ready, or [`ServerHandle::stop`] is called; then says farewell to every client, closes it
    /// (1012), closes the journals and returns. Works on any async runtime. If the future is dropped, the server stops at once.
    ///
    /// # Errors
    /// If an app's journal can't be read, or the listener or a thread can't be had.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let handle = self.handle();
        let (ending, ended) = oneshot::channel();
        thread::Builder::new().name("parlor".into()).spawn(move || {
            let _ = ending.send(self.run_blocking(listener)); // whoever asked may have been dropped
        })?;
        let _stop = StopWhenDropped(&handle);
        let ended = pin!(ended);
        let ended = match select(pin!(shutdown), ended).await {
            Either::Left(((), ended)) => {
                handle.stop(restart());
                ended.await
            }
            Either::Right((ended, _)) => ended,
        };
        ended.unwrap_or_else(|_| Err(io::Error::other("the server's thread panicked")))
    }

    /// Serves on this thread until [`ServerHandle::stop`] is called. Not to be called on a thread of an async runtime.
    ///
    /// # Errors
    /// As [`run`](Server::run).
    pub fn run_blocking(self, listener: TcpListener) -> io::Result<()> {
        let system = actix::System::new();
        let ended = system.block_on(self.serve(listener));
        // Ends the threads of the apps and their journals, with what they hold.
        actix::System::current().stop();
        ended.and(system.run())
    }
}

/// A server whose future was dropped has nobody to serve for.
struct StopWhenDropped<'a>(&'a ServerHandle);

impl Drop for StopWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.stop_now();
    }
}

pub(crate) fn restart() -> Close {
    Close::new(Close::RESTART, "the server is closing")
}
