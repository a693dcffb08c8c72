//! A program that is nothing but a server: its log, its signals, and options of its own.

use std::error::Error;
use std::future::Future;
use std::io;
use std::io::Write;
use std::net::{TcpListener, ToSocketAddrs};
use std::pin::pin;
use std::process::ExitCode;

use futures_util::future::{Either, select};
use log::{info, warn};

use crate::activation::inherited_listener;
use crate::command_line::{CommandLine, Given, Other, Own};
use crate::serve::Server;
use crate::server::clock::wall_clock;

impl Server {
    /// Runs a program that is nothing but this server: reads `--host` (127.0.0.1 without it) and `--port`, logs to standard error
    /// as `RUST_LOG` says (`info` without it), and stops on Ctrl-C or SIGTERM. `--help` prints the options. Errors are sentences
    /// on standard error; the status is then 1, and 2 for a wrong option.
    ///
    /// ```no_run
    /// # use parlor_kit::{App, Client, ClientId, Close, Hub, Message, Server};
    /// # struct Echo;
    /// # impl App for Echo {
    /// #     type Request = Message;
    /// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    /// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    /// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    /// # }
    /// fn main() -> std::process::ExitCode {
    ///     Server::new().app(&["/"], || Echo).main(9998)
    /// }
    /// ```
    pub fn main(self, default_port: u16) -> ExitCode {
        Program::new(default_port).main(|_| Ok(self))
    }

    /// Serves until Ctrl-C or SIGTERM, as [`run`](Server::run). A second signal ends the server at once, as
    /// [`ServerHandle::stop_now`](crate::ServerHandle::stop_now). To be called on a thread of a tokio or actix runtime.
    ///
    /// # Errors
    /// As [`run`](Server::run), and if the signals can't be listened for.
    pub async fn run_until_signal(self, listener: TcpListener) -> io::Result<()> {
        let (handle, first, second) = (self.handle(), stop_signal()?, stop_signals(2)?);
        let run = pin!(self.run(listener, first));
        let hurry = pin!(second);
        match select(run, hurry).await {
            Either::Left((ended, _)) => ended,
            Either::Right(((), run)) => {
                warn!("a second signal: the server ends at once");
                handle.stop_now();
                run.await
            }
        }
    }

    fn serve_at(self, line: &CommandLine) -> io::Result<()> {
        // A program that has set up its own log keeps it.
        let written = |out: &mut env_logger::fmt::Formatter, record: &log::Record<'_>| {
            writeln!(out, "[{} {:<5} {}] {}", wall_clock(), record.level(), record.target(), record.args())
        };
        let filter = env_logger::Env::default().default_filter_or("info");
        let _ = env_logger::Builder::from_env(filter).format(written).try_init();
        let (server, listener) = match inherited_listener()? {
            Some(listener) => {
                info!("the listener was passed to this process: --host and --port are not used");
                (self.queue_while_stopping(), listener)
            }
            None => (self, bind(line)?),
        };
        let below = server.base().as_str().trim_end_matches('/');
        info!("listening on {}://{}{below}", server.scheme(), listener.local_addr()?);
        actix::System::new().block_on(server.run_until_signal(listener))
    }
}

/// A program that is nothing but a server, with options of its own beside those of [`Server::main`].
///
/// ```no_run
/// # use parlor_kit::{App, Client, ClientId, Close, Hub, Message, Program, Server};
/// # struct Clock { each: bool }
/// # impl App for Clock {
/// #     type Request = Message;
/// #     fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
/// #     fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
/// #     fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
/// # }
/// fn main() -> std::process::ExitCode {
///     Program::new(5678)
///         .flag("each", "Send the time to each client by itself")
///         .value("zone", "NAME", "Time zone [default: UTC]")
///         .main(|given| {
///             let each = given.has("each");
///             match given.value("zone").unwrap_or("UTC") {
///                 "UTC" => Ok(Server::new().app(&["/"], move || Clock { each })),
///                 other => Err(format!("--zone {other}: must be UTC").into()),
///             }
///         })
/// }
/// ```
#[derive(Debug)]
pub struct Program {
    default_port: u16,
    own: Vec<Own>,
}

impl Program {
    /// A program that listens on this port unless `--port` says otherwise.
    pub fn new(default_port: u16) -> Self {
        Program { default_port, own: Vec::new() }
    }

    /// Adds `--name`, with its line in `--help`.
    #[must_use]
    pub fn flag(mut self, name: &'static str, help: &'static str) -> Self {
        self.own.push(Own { name, value: None, help });
        self
    }

    /// Adds `--name VALUE`, with its line in `--help`.
    #[must_use]
    pub fn value(mut self, name: &'static str, value: &'static str, help: &'static str) -> Self {
        self.own.push(Own { name, value: Some(value), help });
        self
    }

    /// Runs the server that `make` makes of the options, as [`Server::main`] does. An `Err` is written to standard error, and
    /// ends the program.
    pub fn main(self, make: impl FnOnce(&Given) -> Result<Server, Box<dyn Error>>) -> ExitCode {
        let line = match CommandLine::parse(std::env::args_os(), self.default_port, &self.own) {
            Ok(line) => line,
            Err(Other::Help(text)) => {
                let _ = io::stdout().write_all(text.as_bytes()); // if nobody reads it, nothing is lost
                return ExitCode::SUCCESS;
            }
            Err(Other::Mistake(message)) => {
                let _ = writeln!(io::stderr(), "{message}");
                return ExitCode::from(2);
            }
        };
        let served = make(&line.given).and_then(|server| Ok(server.serve_at(&line)?));
        match served {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(io::stderr(), "error: {error}");
                ExitCode::FAILURE
            }
        }
    }
}

fn bind(line: &CommandLine) -> io::Result<TcpListener> {
    let CommandLine { host, port, .. } = line;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let explain = |error: io::Error| {
        let advice = if error.kind() == io::ErrorKind::AddrInUse {
            ": another program has it; choose another port with --port"
        } else if error.kind() == io::ErrorKind::PermissionDenied {
            ": ports below 1024 are for root; choose another with --port"
        } else if error.kind() == io::ErrorKind::AddrNotAvailable {
            ": this machine has no such address; choose another with --host"
        } else {
            ""
        };
        io::Error::new(error.kind(), format!("can't listen on {host} port {port}: {error}{advice}"))
    };
    let addresses: Vec<_> = (bare, *port).to_socket_addrs().map_err(explain)?.collect();
    TcpListener::bind(&addresses[..]).map_err(explain)
}

/// Listens for Ctrl-C and SIGTERM. The future is ready at the first of them. To be called on a thread of a tokio or actix
/// runtime.
///
/// # Errors
/// If the signals can't be listened for.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    stop_signals(1)
}

/// Ready at the signal with this number, from 1.
fn stop_signals(count: usize) -> io::Result<impl Future<Output = ()>> {
    use actix_rt::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        for _ in 0..count {
            select(pin!(interrupt.recv()), pin!(terminate.recv())).await;
        }
    })
}
