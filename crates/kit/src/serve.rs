//! A server: apps on paths, run until it is told to stop.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_server::Server as Acceptor;
use actix_service::map_config;
use actix_web::dev::AppConfig;
use actix_web::web::ServiceConfig;
use futures_util::future::{Either, join, select};
use log::{info, warn};

use crate::server::chat_server::{ChatServer, CloseJournal, Storage};
use crate::server::handle::{AppHandle, Explain};
use crate::server::messages::Shutdown;
use crate::server::rejection::Rejection;
use crate::server::running::RunningApp;
use crate::server::status::Status;
use crate::transport::{upgrade, websocket};
use parlor_core::App;
use parlor_core::journal::MemoryJournal;

/// Apps on paths, plain HTTP beside them.
pub struct Server {
    launches: Vec<Launch>,
    routes: Routes,
    workers: usize,
    shutdown_timeout: Duration,
    explain: Explain,
    started: Box<dyn FnOnce()>,
}

type Launch = Box<dyn FnOnce(Explain) -> Result<Launched, String>>;
type Mount = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;
type Routes = Arc<dyn Fn(&mut ServiceConfig, &Arc<Vec<RunningApp>>) + Send + Sync>;

struct Launched {
    mount: Mount,
    running: RunningApp,
}

impl Default for Server {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let routes = Arc::new(|_: &mut ServiceConfig, _: &Arc<Vec<RunningApp>>| {});
        let shutdown_timeout = Duration::from_secs(10);
        Server {
            launches: Vec::new(),
            routes,
            workers,
            shutdown_timeout,
            explain: Arc::new(|_| None),
            started: Box::new(|| ()),
        }
    }
}

impl Server {
    pub fn new() -> Self {
        Self::default()
    }

    /// Hosts an app that keeps nothing, for WebSocket clients on these paths (patterns of actix-web's router).
    #[must_use]
    pub fn app<A: App>(self, paths: &[&str], make: impl Fn() -> A + Send + 'static) -> Self {
        self.app_with_journal(paths, make, Storage::Quick(Box::new(MemoryJournal::new(1))))
    }

    /// Hosts an app with its journal. If a callback panics, `make` makes the app anew.
    #[must_use]
    pub fn app_with_journal<A: App>(
        mut self,
        paths: &[&str],
        make: impl Fn() -> A + Send + 'static,
        storage: Storage,
    ) -> Self {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        self.launches.push(Box::new(move |explain| launch(paths, make, storage, explain)));
        self
    }

    /// Plain HTTP beside the apps. Called for every worker thread.
    #[must_use]
    pub fn routes(
        mut self,
        routes: impl Fn(&mut ServiceConfig, &Arc<Vec<RunningApp>>) + Send + Sync + 'static,
    ) -> Self {
        self.routes = Arc::new(routes);
        self
    }

    /// Threads that serve connections, at least 1; as many as there are processors if not said.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers.max(1);
        self
    }

    /// How long clients may take to go when the server stops; 10 s if not said.
    #[must_use]
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Sets the sentences for refused handshakes: a product names its own settings there. `None` keeps the kit's sentence.
    #[must_use]
    pub fn explain_rejections(
        mut self,
        explain: impl Fn(&Rejection) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.explain = Arc::new(explain);
        self
    }

    /// Called once, when all apps are there and clients are served.
    #[must_use]
    pub fn started(mut self, started: impl FnOnce() + 'static) -> Self {
        self.started = Box::new(started);
        self
    }

    /// Serves until `shutdown` is ready; then says farewell to every client, closes it (1012), closes the journals and
    /// returns. To be called inside an actix system; [`main`](Server::main) makes one.
    ///
    /// # Errors
    /// If an app's journal can't be read or the listener can't be used.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let launched: Result<Vec<_>, String> =
            self.launches.into_iter().map(|launch| launch(self.explain.clone())).collect();
        let (mounts, running): (Vec<_>, Vec<_>) =
            launched.map_err(io::Error::other)?.into_iter().map(|app| (app.mount, app.running)).unzip();
        let running = Arc::new(running);
        let (mounts, routes, seen) = (Arc::new(mounts), self.routes, running.clone());
        let configure = move |config: &mut ServiceConfig| {
            mounts.iter().for_each(|mount| mount(config));
            routes(config, &seen);
        };
        let acceptor = Acceptor::build()
            .workers(self.workers)
            .backlog(4096)
            .disable_signals() // it would end the workers before their clients have heard of it
            .listen("parlor", listener, move || {
                let (plain, upgraded) = (configure.clone(), configure.clone());
                HttpService::build()
                    .client_request_timeout(HEAD_TIMEOUT)
                    .upgrade(upgrade::service(move || actix_web::App::new().configure(upgraded.clone())))
                    .finish(map_config(actix_web::App::new().configure(plain), |()| AppConfig::default()))
                    .tcp()
            })?
            .run();
        let handle = acceptor.handle();
        (self.started)();
        let acceptor = pin!(acceptor);
        match select(pin!(shutdown), acceptor).await {
            Either::Left(((), acceptor)) => {
                retire(&running, self.shutdown_timeout).await;
                // It stops only while it is polled.
                join(handle.stop(false), acceptor).await.1
            }
            Either::Right((ended, _)) => ended,
        }
    }
}

/// A request line and its headers have to arrive within this.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

fn launch<A: App>(
    paths: Vec<String>,
    make: impl Fn() -> A + Send + 'static,
    storage: Storage,
    explain: Explain,
) -> Result<Launched, String> {
    let status = Arc::new(Status::default());
    let (server, limits) = ChatServer::launch(make, storage, status.clone())?;
    let handle = AppHandle::<A>::new(server.clone().recipient(), server.clone().recipient(), limits, explain);
    let running = RunningApp {
        paths: paths.clone(),
        status,
        metrics: handle.metrics().clone(),
        admission: handle.admission().clone(),
        report: server.clone().recipient(),
        gauges: Default::default(),
        shutdown: server.clone().recipient(),
        close_journal: server.recipient(),
    };
    let mount = move |config: &mut ServiceConfig| {
        for path in &paths {
            config.route(path, websocket::route(handle.clone()));
        }
    };
    Ok(Launched { mount: Arc::new(mount), running })
}

/// Farewell to everybody, then the journals: in this order, so that what the last requests did is written.
async fn retire(apps: &[RunningApp], timeout: Duration) {
    for app in apps {
        app.admission.shut();
        let _ = app.shutdown.send(Shutdown).await; // an app that is gone has no clients
    }
    let everyone_left = async {
        while apps.iter().any(|app| app.admission.count() > 0) {
            actix_rt::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if actix_rt::time::timeout(timeout, everyone_left).await.is_err() {
        warn!("some clients did not go within {} s", timeout.as_secs_f32());
    }
    for app in apps {
        let _ = app.close_journal.send(CloseJournal).await; // likewise
    }
    info!("closed");
}

impl Server {
    /// For a program that is nothing but this server: reads `--port`, listens on 127.0.0.1, logs by `RUST_LOG`, and
    /// stops on Ctrl-C or SIGTERM.
    ///
    /// # Errors
    /// If the port can't be had, or as [`run`](Server::run).
    pub fn main(self, default_port: u16) -> io::Result<()> {
        env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
        let port = port_argument(std::env::args().skip(1), default_port).map_err(io::Error::other)?;
        let listener = TcpListener::bind(("127.0.0.1", port))
            .map_err(|error| io::Error::new(error.kind(), format!("port {port} can't be had: {error}")))?;
        info!("listening on ws://{}", listener.local_addr()?);
        actix::System::new().block_on(async { self.run(listener, stop_signal()?).await })
    }
}

fn port_argument(mut arguments: impl Iterator<Item = String>, default: u16) -> Result<u16, String> {
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(default),
        (Some("--port"), Some(port)) => {
            port.parse().map_err(|_| format!("--port {port}: has to be a number from 0 to 65535"))
        }
        (Some(other), _) => Err(format!("{other}: only --port NUMBER is known here")),
    }
}

/// Ready at the first Ctrl-C or SIGTERM.
///
/// # Errors
/// If the signals can't be listened for.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use actix_rt::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        select(pin!(interrupt.recv()), pin!(terminate.recv())).await;
    })
}
