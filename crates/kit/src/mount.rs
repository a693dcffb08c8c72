//! An app on its paths: everything that a server needs to host it.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use actix_web::{Resource, web};
use futures_util::FutureExt;
use parlor_core::{Admitted, App, Denied, Handshake};

use crate::access::Gate;
use crate::access::connections::Connections;
use crate::http_sessions::HttpSessions;
use crate::server::chat_server::ChatServer;
use crate::server::events::Handle;
use crate::server::handle::{Admit, AppHandle};
use crate::server::protocol::ProtocolOf;
use crate::server::running::RunningApp;
use crate::server::status::Status;
use crate::server_handle::ServerHandle;
use crate::storage::Storage;
use crate::transport::http_sessions::{self, Around, Registry};
use crate::transport::peers::PeerLink;
use crate::transport::websocket;

/// An app, the paths where its clients connect, and its journal.
///
/// ```
/// use parlor_kit::{App, Client, ClientId, Close, Handle, Hub, Mount, Server};
///
/// struct News;
///
/// impl App<String> for News {
///     type Request = String;
///     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {}
///     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_, String>) {}
///     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, String>) {}
///
///     fn told(&mut self, headline: String, hub: &mut Hub<'_, String>) {
///         hub.send_all(headline);
///     }
/// }
///
/// let mount = Mount::new(&["/news"], || News);
/// let news: Handle<String> = mount.handle(); // for another thread, a route, a task
/// let server = Server::new().mount(mount);
/// news.tell("the server has started".to_owned())?;
/// # drop(server);
/// # Ok::<(), parlor_kit::TellError<String>>(())
/// ```
pub struct Mount<A, E: Send + 'static = Infallible> {
    paths: Vec<String>,
    make: Make<A, E>,
    storage: Storage,
    admit: Option<Admit>,
    http_sessions: Vec<HttpSessions>,
    handle: Handle<E>,
}

type Make<A, E> = Box<dyn Fn(&Handle<E>) -> A + Send>;

impl<A: App<E>, E: Send + Unpin + 'static> Mount<A, E> {
    /// Hosts the app that `make` makes, for WebSocket clients on `paths` (patterns of actix-web's router, such as
    /// `/rooms/{room}`; `/{any:.*}` for all). If a callback panics, `make` makes the app anew.
    ///
    /// A part such as `{room}` is any text; for Unicode classes in a regular expression (`{room:\w+}`), add actix-web with its
    /// feature `unicode` to your own dependencies.
    ///
    /// Without [`storage`](Mount::storage) the journal is in memory, and **each log keeps its newest record alone**.
    pub fn new(paths: &[&str], make: impl Fn() -> A + Send + 'static) -> Self {
        Self::with_handle(paths, move |_| make())
    }

    /// As [`new`](Mount::new), for an app that hands its own [`Handle`] to others.
    ///
    /// ```
    /// # use parlor_kit::{App, Client, ClientId, Close, Handle, Hub, Mount};
    /// struct Watcher {
    ///     events: Handle<String>,
    /// }
    ///
    /// impl App<String> for Watcher {
    /// #     type Request = String;
    /// #     fn message_received(&mut self, _: ClientId, _: String, _: &mut Hub<'_, String>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_, String>) {}
    ///     fn new_client(&mut self, _: &Client, _: &mut Hub<'_, String>) {
    ///         let events = self.events.clone(); // for a thread, or a library that calls back
    ///         std::thread::spawn(move || events.tell("it rains".to_owned()));
    ///     }
    /// }
    ///
    /// let mount = Mount::with_handle(&["/"], |handle| Watcher { events: handle.clone() });
    /// assert!(mount.handle().tell("the first".to_owned()).is_ok());
    /// ```
    pub fn with_handle(paths: &[&str], make: impl Fn(&Handle<E>) -> A + Send + 'static) -> Self {
        Mount {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            make: Box::new(make),
            storage: Storage::memory(1),
            admit: None,
            http_sessions: Vec::new(),
            handle: Handle::new(),
        }
    }

    /// Sets the app's journal.
    #[must_use]
    pub fn storage(mut self, storage: Storage) -> Self {
        self.storage = storage;
        self
    }

    /// Decides asynchronously who may connect, after [`App::admit`]: for those who ask a database. Runs on the session's own
    /// thread; a decision that takes more than 10 s refuses the client (503). The value that it gives along replaces that of
    /// [`App::admit`].
    #[must_use]
    pub fn admit<F>(mut self, decide: impl Fn(Handshake) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Admitted, Denied>> + 'static,
    {
        self.admit = Some(Arc::new(move |handshake| decide(handshake).boxed_local()));
        self
    }

    /// Serves the app's clients also over plain HTTP: by Server-Sent Events, streaming, long and short polling. See
    /// [`guide::transports`](crate::guide::transports).
    ///
    /// ```
    /// # use parlor_kit::{App, Client, ClientId, Close, Hub, HttpSessions, Json, Mount, Server};
    /// # struct Chat;
    /// # impl App for Chat {
    /// #     type Request = Json<u32>;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Json<u32>, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    /// # }
    /// let mount = Mount::new(&["/ws"], || Chat).http_sessions(HttpSessions::new("/api/sessions"));
    /// let server = Server::new().mount(mount);
    /// # drop(server);
    /// ```
    #[must_use]
    pub fn http_sessions(mut self, sessions: HttpSessions) -> Self {
        self.http_sessions.push(sessions);
        self
    }

    /// Returns a way to tell the app events. Those told before the server runs wait for its start.
    pub fn handle(&self) -> Handle<E> {
        self.handle.clone()
    }

    /// Starts the app's actors.
    pub(crate) fn launch(
        self,
        gate: Arc<Gate>,
        server_handle: ServerHandle,
        link: Option<Arc<PeerLink>>,
    ) -> Result<Launched, String> {
        let Mount { paths, make, storage, admit, http_sessions, handle: events } = self;
        let status = Arc::new(Status::default());
        let given = events.clone();
        let (server, limits) = ChatServer::launch(move || make(&given), storage, status.clone(), events)?;
        let denied = Arc::new(move || server_handle.denied());
        let (inbound, workers) = (server.clone().recipient(), server.clone().recipient());
        let handle = AppHandle::<ProtocolOf<A, E>>::new(inbound, workers, limits, gate, admit, denied);
        let receivers = Arc::new(Connections::new(handle.limits().clients, handle.limits().clients_per_address));
        let running = RunningApp {
            paths: paths.clone(),
            status,
            metrics: handle.metrics().clone(),
            admission: handle.admission().clone(),
            receivers: Arc::clone(&receivers),
            report: server.clone().recipient(),
            gauges: Default::default(),
            shutdown: server.clone().recipient(),
            drain: server.clone().recipient(),
            close_all: server.clone().recipient(),
            close_journal: server.recipient(),
        };
        let registry = Arc::<Registry>::default();
        let (for_peers, of_peers, registry_of_peers) = (handle.clone(), http_sessions.clone(), Arc::clone(&registry));
        let peer_resources = move || {
            let at = |at| http_sessions::peer_resources(&for_peers, at, &registry_of_peers);
            of_peers.iter().flat_map(at).collect()
        };
        let around = link.map(|link| Around { link, receivers });
        let resources = move || {
            let resource = |path| web::resource(path).route(websocket::route(handle.clone()));
            let at = |at| http_sessions::resources(&handle, at, &registry, around.as_ref());
            paths.iter().map(resource).chain(http_sessions.iter().flat_map(at)).collect()
        };
        Ok(Launched { resources: Arc::new(resources), peer_resources: Arc::new(peer_resources), running })
    }
}

/// Makes the routes that lead to an app, anew for each worker thread.
pub(crate) type Resources = Arc<dyn Fn() -> Vec<Resource> + Send + Sync>;

/// An app that runs, and the routes that lead to it.
pub(crate) struct Launched {
    pub resources: Resources,
    /// The same for the app's other servers.
    pub peer_resources: Resources,
    pub running: RunningApp,
}
