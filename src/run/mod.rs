//! Runs the server: settings → lounge, `/echo` and the page, until a signal.

mod access;
mod base_path;
mod descriptors;
pub(crate) mod echo;
mod hosts;
mod limits;
mod listen;
mod reach;
mod redirect;
mod rejections;
mod tls;

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use actix_rt::signal::unix::{SignalKind, signal};
use log::{info, warn};
use rustix::process::Signal;

use crate::config::{Config, JournalLocation, Synchronous};
use crate::journal_error::sentence;
use crate::web;
use parlor_core::journal::{MemoryJournal, RunningClock};
use parlor_kit::{HttpSessions, Mount, Server, Storage, wall_clock};
use parlor_lounge::Lounge;
use parlor_sqlite::{Durability, SqliteJournal, SqliteOptions};

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
    let storage = storage(config)?; // before the secret, which is created while the journal is locked
    let settings = limits::lounge(config)?;
    let echo = limits::echo(config);
    let metrics = config.listen.metrics_listen.0.map(listen::bind_metrics).transpose()?;
    let redirect = config.tls.redirect_http.0.map(listen::bind_redirect).transpose()?;
    let serves_metrics = metrics.is_none();
    let lounge = Mount::new(&["/ws"], move || Lounge::new(settings.clone()))
        .http_sessions(HttpSessions::new("/api/sessions"))
        .storage(storage);
    let extras = web::Extras { hsts: config.tls.hsts, other_versions: None };
    let server = match &tls {
        Some(tls) => Server::new().tls(tls.clone()),
        None => Server::new(),
    };
    let (handle, at_root, apps) = (server.handle(), server.handle(), server.handle());
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
        .routes(move |routes| web::configure(routes, &handle, serves_metrics, extras.clone()))
        .allowed_hosts(hosts::allowed(config))
        .access(access::rules(config))
        .started(move || {
            // The only line on standard output. A closed standard output does not stop the server.
            let _ = writeln!(std::io::stdout(), "Parlor is open {reach} (Ctrl-C closes it)");
        });
    let server = if is_inherited { server.queue_while_stopping() } else { server };
    actix::System::new()
        .block_on(async {
            outlive_file_limits()?;
            if let Some(listener) = metrics {
                actix_rt::spawn(web::serve_metrics(listener, apps)?);
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

fn storage(config: &Config) -> Result<Storage, String> {
    match &config.journal.journal {
        JournalLocation::Memory => {
            warn!("the journal is in memory: everything said is forgotten when the server ends");
            let retain = usize::try_from(config.journal.retain).unwrap_or(usize::MAX);
            Ok(Storage::Quick(Box::new(MemoryJournal::new(retain).retain_age(config.journal.retain_age))))
        }
        JournalLocation::File(path) => {
            let journal = SqliteJournal::open(&sqlite(config, path)).map_err(|error| sentence(&error))?;
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            info!("journal: {}, synchronous {}", path.display(), config.journal.synchronous);
            Ok(Storage::Slow(Box::new(journal)))
        }
        JournalLocation::Redis(location) => Err(format!("{location}: not yet")),
    }
}

/// The options of the journal at `path`.
pub(crate) fn sqlite(config: &Config, path: &Path) -> SqliteOptions {
    let journal = &config.journal;
    let shortest = journal.room_retention.min(journal.user_retention).min(journal.retain_age.unwrap_or(Duration::MAX));
    SqliteOptions {
        path: path.to_owned(),
        grace: RunningClock::GRACE.min(shortest),
        durability: match journal.synchronous {
            Synchronous::Normal => Durability::Normal,
            Synchronous::Full => Durability::Full,
        },
        retain: journal.retain,
        retain_age: journal.retain_age,
        now: wall_clock(),
    }
}
