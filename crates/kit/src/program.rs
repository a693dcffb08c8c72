//! A program that is nothing but a server: its command line, its log, its signals.

use std::ffi::OsString;
use std::future::Future;
use std::io;
use std::io::Write;
use std::net::{TcpListener, ToSocketAddrs};
use std::pin::pin;
use std::process::ExitCode;

use futures_util::future::select;
use log::info;

use crate::serve::Server;

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
        let done = match Options::parse(std::env::args_os(), default_port) {
            Ok(options) => self.serve_at(&options),
            Err(Other::Help(text)) => {
                let _ = io::stdout().write_all(text.as_bytes()); // if nobody reads it, nothing is lost
                return ExitCode::SUCCESS;
            }
            Err(Other::Mistake(message)) => {
                let _ = writeln!(io::stderr(), "{message}");
                return ExitCode::from(2);
            }
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(io::stderr(), "error: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn serve_at(self, options: &Options) -> io::Result<()> {
        // A program that has set up its own log keeps it.
        let _ = env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).try_init();
        let listener = options.bind()?;
        info!("listening on ws://{}", listener.local_addr()?);
        actix::System::new().block_on(async { self.run(listener, stop_signal()?).await })
    }
}

/// Where a program listens.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    host: String,
    port: u16,
}

/// Command lines that are no order to serve.
#[derive(Debug, PartialEq, Eq)]
enum Other {
    Help(String),
    Mistake(String),
}

impl Options {
    fn parse(words: impl IntoIterator<Item = OsString>, default_port: u16) -> Result<Self, Other> {
        let mut words = lexopt::Parser::from_iter(words);
        let name = words.bin_name().unwrap_or("server").to_owned();
        let mut options = Options { host: "127.0.0.1".into(), port: default_port };
        let mistake = |text: String| Other::Mistake(format!("error: {text}\n`{name} --help` tells what is allowed."));
        while let Some(word) = words.next().map_err(|error| mistake(error.to_string()))? {
            match word {
                lexopt::Arg::Long("host") => {
                    let host = words.value().map_err(|error| mistake(error.to_string()))?;
                    options.host = host.into_string().map_err(|_| mistake("--host: not UTF-8".into()))?;
                }
                lexopt::Arg::Long("port") => {
                    let port = words.value().map_err(|error| mistake(error.to_string()))?;
                    let port = port.to_string_lossy();
                    options.port = port
                        .parse()
                        .map_err(|_| mistake(format!("--port {port}: must be a number from 0 to 65535")))?;
                }
                lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                    return Err(Other::Help(help(&name, default_port)));
                }
                other @ (lexopt::Arg::Short(_) | lexopt::Arg::Long(_) | lexopt::Arg::Value(_)) => {
                    return Err(mistake(other.unexpected().to_string()));
                }
            }
        }
        Ok(options)
    }

    fn bind(&self) -> io::Result<TcpListener> {
        let Options { host, port } = self;
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
}

fn help(name: &str, default_port: u16) -> String {
    format!(
        "Usage: {name} [--host HOST] [--port PORT]\n\n\
         Options:\n  \
         --host HOST  Address to listen on: 0.0.0.0 for all [default: 127.0.0.1]\n  \
         --port PORT  Port to listen on, 0 to 65535; 0 for any free one [default: {default_port}]\n  \
         -h, --help   Print this help\n\n\
         RUST_LOG sets what is logged: error, warn, info (the default), debug, trace.\n"
    )
}

/// Listens for Ctrl-C and SIGTERM. The future is ready at the first of them. To be called on a thread of a tokio or actix
/// runtime.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Result<Options, Other> {
        let words = std::iter::once("echo").chain(words.split_whitespace());
        Options::parse(words.map(OsString::from), 9998)
    }

    #[test]
    fn host_and_port_in_any_order() {
        assert_eq!(parse(""), Ok(Options { host: "127.0.0.1".into(), port: 9998 }));
        assert_eq!(parse("--port 1 --host ::1"), Ok(Options { host: "::1".into(), port: 1 }));
        assert_eq!(parse("--host=0.0.0.0 --port=0"), Ok(Options { host: "0.0.0.0".into(), port: 0 }));
    }

    #[test]
    fn mistakes_name_what_is_wrong_and_what_is_allowed() {
        for (words, said) in [
            ("--port", "missing argument for option '--port'"),
            ("--port 65536", "--port 65536: must be a number from 0 to 65535"),
            ("--prot 1", "invalid option '--prot'"),
            ("1234", "unexpected argument \"1234\""),
        ] {
            let Err(Other::Mistake(message)) = parse(words) else { panic!("{words} was taken") };
            assert_eq!(message, format!("error: {said}\n`echo --help` tells what is allowed."));
        }
    }

    #[test]
    fn help_names_the_defaults() {
        let Err(Other::Help(text)) = parse("--port 1 --help") else { panic!("no help") };
        assert!(text.contains("[default: 9998]") && text.contains("--host HOST"), "{text}");
    }
}
