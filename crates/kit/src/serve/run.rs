//! A server that runs: its listeners, its apps, and their end.

use std::io;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_rt::time::timeout;
use actix_server::Server as Acceptor;
use actix_service::map_config;
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::web::ServiceConfig;
use futures_util::future::{Either, join, select};
use log::info;
use tokio::sync::watch;

use crate::access::Gate;
use crate::drain::retire;
use crate::moment::steady_now;
use crate::serve::Server;
use crate::server_handle::Stop;
#[cfg(feature = "tls")]
use crate::tls;
use crate::transport::host;
use crate::transport::http_stream::Secure;
use crate::transport::peers::Entrance;
use crate::transport::{accept, upgrade};

/// A request line and its headers have to arrive within this.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

impl Server {
    /// Serves until it is told to stop.
    pub(super) async fn serve(self, listener: TcpListener) -> io::Result<()> {
        #[cfg(feature = "tls")]
        let secure = self.tls.map_or_else(Secure::plain, |tls| {
            let secure = Secure::tls(tls.config());
            actix_rt::spawn(tls::watch(tls));
            secure
        });
        #[cfg(not(feature = "tls"))]
        let secure = Secure::plain();
        let Server {
            launches,
            routes,
            root_routes,
            pages,
            base_path,
            workers,
            shutdown_timeout,
            queues,
            access,
            explain,
            hosts,
            peers,
            started,
            handle,
            ..
        } = self;
        let gate = Gate::new(access, explain, handle.refused());
        let link = peers.as_ref().map(|(_, link)| Arc::clone(link));
        let launched = launches.into_iter().map(|launch| launch(Arc::clone(&gate), handle.clone(), link.clone()));
        let launched = launched.collect::<Result<Vec<_>, String>>().map_err(io::Error::other)?;
        let for_peers: Vec<_> = launched.iter().map(|app| Arc::clone(&app.peer_resources)).collect();
        let (apps, running): (Vec<_>, Vec<_>) = launched.into_iter().map(|app| (app.resources, app.running)).unzip();
        let running = Arc::new(running);
        handle.set_apps(Arc::clone(&running));
        let apps = Arc::new(apps);
        let base = base_path.clone();
        let configure = move |config: &mut ServiceConfig| {
            root_routes(config);
            config.app_data(base.clone());
            base.configure(config, |config| {
                pages.iter().for_each(|page| page.configure(config));
                for resource in apps.iter().flat_map(|app| app()) {
                    config.service(resource);
                }
                routes(config);
            });
        };
        let base_of_peers = base_path.clone();
        let configure_peers = move |config: &mut ServiceConfig| {
            base_of_peers.configure(config, |config| {
                for resource in for_peers.iter().flat_map(|app| app()) {
                    config.service(resource);
                }
            });
        };
        let (hosts, guarding) = (Arc::new(hosts.below(base_path)), Arc::clone(&gate));
        let app = move || {
            let (hosts, gate) = (hosts.clone(), guarding.clone());
            let guard = from_fn(move |request, next| host::guard(hosts.clone(), gate.clone(), request, next));
            actix_web::App::new().configure(&configure).wrap(guard)
        };
        let (end_of_requests, ending) = watch::channel(false);
        let ending_of_peers = ending.clone();
        let mut acceptor = Acceptor::build().workers(workers).backlog(4096).disable_signals(); // it would end the workers before their clients have heard of it
        let mut entrance = None;
        if let Some((listener, link)) = peers {
            let peers = entrance.insert(Entrance::new(link, &gate)).clone();
            acceptor = acceptor.listen("peers", listener, move || {
                let ending = ending_of_peers.clone();
                peers.clone().service(configure_peers.clone(), HEAD_TIMEOUT, move || ended(ending.clone()))
            })?;
        }
        let serving = Arc::clone(&gate);
        let acceptor = acceptor
            .listen("parlor", listener, move || {
                let (upgraded, ending) = (app.clone(), ending.clone());
                let http = HttpService::build()
                    .client_request_timeout(HEAD_TIMEOUT)
                    .on_connect_ext(accept::introduce)
                    .graceful_shutdown_signal(move || ended(ending.clone()))
                    .upgrade(upgrade::service(upgraded))
                    .finish(map_config(app(), |()| AppConfig::default()));
                accept::guarded(http, Arc::clone(&serving), secure.clone())
            })?
            .run();
        let acceptor_handle = acceptor.handle();
        started();
        let stopped = handle.clone();
        match select(pin!(stopped.stopped()), pin!(acceptor)).await {
            Either::Left((stop, acceptor)) => {
                // It works only while it is polled.
                let stopping = async move {
                    let until = steady_now() + shutdown_timeout;
                    gate.stop();
                    entrance.iter().for_each(|peers| peers.gate.stop());
                    if queues {
                        acceptor_handle.pause().await;
                    }
                    let is_patient = stop != Stop::Now;
                    retire(&handle, &running, stop, shutdown_timeout).await;
                    let _ = end_of_requests.send(true); // nobody hears it if nobody is connected
                    if is_patient {
                        let left = until.saturating_duration_since(steady_now());
                        let answered = async {
                            for app in running.iter() {
                                app.receivers.none().await;
                            }
                            gate.handshakes.none().await;
                            if let Some(peers) = &entrance {
                                peers.gate.handshakes.none().await;
                            }
                        };
                        let answered = timeout(left, answered);
                        select(pin!(answered), pin!(handle.stopped_now())).await;
                    }
                    info!("closed");
                    acceptor_handle.stop(false).await;
                };
                join(stopping, acceptor).await.1
            }
            Either::Right((ended, _)) => ended,
        }
    }
}

/// Ready when HTTP connections are to end, after the answer that they are at.
async fn ended(mut ending: watch::Receiver<bool>) {
    let _ = ending.wait_for(|is_ending| *is_ending).await; // a server that is gone has ended
}
