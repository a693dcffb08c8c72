//! Runs the server: settings → lounge, `/echo` and the page, until a signal.

mod access;
mod base_path;
mod descriptors;
pub(crate) mod echo;
mod hosts;
mod limits;
mod listen;
pub(crate) mod node;
mod reach;
mod redirect;
mod rejections;
mod storage;
mod tls;

use std::io::Write;
use std::sync::Arc;

use actix_rt::signal::unix::{SignalKind, signal};
use log::info;
use rustix::process::Signal;

use crate::config::Config;
use crate::web::{self, Extras, Watched};
use parlor_kit::{HttpSessions, Mount, Server};
use parlor_lounge::Lounge;

use storage::Opened;
pub(crate) use storage::sqlite;

/// Runs until Ctrl-C or SIGTERM.
///
/// # Errors
/// The reason why it could not start, as a sentence for the operator.
pub fn run(config: &Config) -> Result<(), String> {
    let (listener, is_inherited) = listen::take_or_bind(&config.listen)?;
    if is_inherited {
        info!("the listener was passed to this process (LISTEN_FDS): --host and --port are not used");
    }
    let tls = tls::load(config)?;
    let base_path = base_path::of(config)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let reach = reach::sentence(&listener, scheme, config.listen.base_path.as_str())?;
    let Opened { storage, secret, node } = storage::open(config)?;
    let settings = limits::lounge(config, &secret)?;
    let echo = limits::echo(config);
    let metrics = config.listen.metrics_listen.0.map(listen::bind_metrics).transpose()?;
    let redirect = config.tls.redirect_http.0.map(listen::bind_redirect).transpose()?;
    let serves_metrics = metrics.is_none();
    let lounge = Mount::new(&["/ws"], move || Lounge::new(settings.clone()))
        .http_sessions(HttpSessions::new("/api/sessions").greets())
        .storage(storage);
    let other_versions = node.as_ref().map(|node| Arc::clone(&node.other_versions));
    let extras = Extras { hsts: config.tls.hsts, other_versions };
    let server = match &tls {
        Some(tls) => Server::new().tls(tls.clone()),
        None => Server::new(),
    };
    let watched = Watched::new(server.handle(), node.as_ref().map(node::Node::figures));
    let (at_page, at_root) = (watched.clone(), watched.clone());
    let server = match base_path {
        None => server,
        Some(path) => {
            let below = path.to_string();
            server
                .base_path(path)
                .root_routes(move |routes| web::configure_root(routes, &at_root, serves_metrics, &below))
        }
    };
    let server = server
        .workers(config.listen.workers.count())
        .shutdown_timeout(config.listen.shutdown_timeout)
        .mount(lounge)
        .app(&["/echo"], move || echo::Echo(echo.clone()))
        .explain_rejections(rejections::sentence)
        .routes(move |routes| web::configure(routes, &at_page, serves_metrics, extras.clone()))
        .allowed_hosts(hosts::allowed(config))
        .access(access::rules(config))
        .started(move || {
            // The only line on standard output. A closed standard output does not stop the server.
            let _ = writeln!(std::io::stdout(), "Parlor is open {reach} (Ctrl-C closes it)");
        });
    let server = match node {
        Some(node) => {
            let peers = node.peers();
            server.peers(node.listener, peers)
        }
        None => server,
    };
    let server = if is_inherited { server.queue_while_stopping() } else { server };
    actix::System::new()
        .block_on(async {
            outlive_file_limits()?;
            if let Some(listener) = metrics {
                actix_rt::spawn(web::serve_metrics(listener, watched)?);
            }
            if let Some(tls) = tls {
                actix_rt::spawn(tls::reload_on_hangup(tls)?);
            }
            let port = listener.local_addr()?.port();
            let redirect = redirect.map(|listener| redirect::start(listener, port, config)).transpose()?;
            let ended = server.run_until_signal(listener).await;
            if let Some(redirect) = redirect {
                redirect.stop_now();
            }
            ended
        })
        .map_err(|error| error.to_string())
        .inspect(|()| info!("bye"))
}

/// Keeps a limit on the size of files (`ulimit -f`) from killing the process: with a handler for the signal, a write beyond
/// the limit fails as on a full disk, which the journal handles.
fn outlive_file_limits() -> std::io::Result<()> {
    let listening = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()))?;
    drop(listening); // the handler stays until the process ends
    Ok(())
}
