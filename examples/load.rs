//! A load generator for any of these servers, with progress while it runs and a report as text or JSON.
//! 压力测试工具,适用于这里的任何服务器:运行时显示进度,结束后以文本或 JSON 输出报告。
//!
//! Run / 运行: `cargo run --release --example load -- --port 9998 --clients 100`; `--help` tells the rest.
//! It speaks bare WebSocket, also to the originals' servers. It connects to the one address it is given, loopback by default,
//! and is bounded in clients, messages and time.

#![allow(clippy::disallowed_methods, reason = "a load generator reads the clock")]

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::{ArgMatches, Command, arg, value_parser};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const MESSAGES_MAX: u64 = 10_000_000;

/// Figures of all clients together.
#[derive(Default)]
struct Figures {
    connected: u64,
    sent: u64,
    received: u64,
    received_bytes: usize,
    round_trips_us: Vec<u64>,
    /// Reasons of ends that came too early, with their number.
    failures: BTreeMap<String, u64>,
}

/// The command line, and the figures so far.
struct Run(ArgMatches, Mutex<Figures>);

impl Run {
    fn text(&self, name: &str) -> &str {
        self.0.get_one::<String>(name).map_or("", String::as_str)
    }

    fn number(&self, name: &str) -> u64 {
        self.0.get_one(name).copied().unwrap_or_default()
    }

    fn url(&self) -> String {
        format!("ws://{}:{}{}", self.text("host"), self.number("port"), self.text("path"))
    }

    fn count<T>(&self, act: impl FnOnce(&mut Figures) -> T) -> T {
        act(&mut self.1.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn client(run: Arc<Run>) -> Result<(), String> {
    let (mut socket, _) = connect_async(run.url()).await.map_err(|error| error.to_string())?;
    run.count(|all| all.connected += 1);
    let pace = Duration::from_millis(run.number("pace"));
    for number in 0..run.number("messages") {
        let begun = Instant::now();
        let text = run.text("text").replace("{n}", &number.to_string());
        socket.send(Message::text(text)).await.map_err(|error| error.to_string())?;
        run.count(|all| all.sent += 1);
        if pace.is_zero() {
            hear(&mut socket, &run).await?;
            run.count(|all| all.round_trips_us.push(begun.elapsed().as_micros() as u64));
        } else {
            hear_until(begun + pace, &mut socket, &run).await?;
        }
    }
    hear_until(Instant::now() + Duration::from_secs(run.number("listen")), &mut socket, &run).await?;
    let _ = socket.close(None).await; // the work is done
    Ok(())
}

/// Waits for the next message.
async fn hear(socket: &mut Socket, run: &Run) -> Result<(), String> {
    while let Some(heard) = socket.next().await {
        let message = heard.map_err(|error| error.to_string())?;
        if let Message::Close(close) = message {
            return Err(format!("closed by the server: {}", close.map_or("no code".into(), |close| close.to_string())));
        }
        if message.is_text() || message.is_binary() {
            run.count(|all| {
                (all.received, all.received_bytes) = (all.received + 1, all.received_bytes + message.len())
            });
            return Ok(());
        }
    }
    Err("the connection ended without a close".into())
}

async fn hear_until(time: Instant, socket: &mut Socket, run: &Run) -> Result<(), String> {
    while let Ok(heard) = timeout_at(time, hear(socket, run)).await {
        heard?;
    }
    Ok(())
}

/// Runs all clients to their end, and tells the progress every second.
async fn all_clients(run: &Arc<Run>) {
    let mut clients: JoinSet<_> = (0..run.number("clients")).map(|_| client(Arc::clone(run))).collect();
    let mut second = interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = second.tick() => {
                let (connected, sent, received) = run.count(|all| (all.connected, all.sent, all.received));
                let _ = writeln!(io::stderr(), "{connected} connected, {sent} sent, {received} received");
            }
            ended = clients.join_next() => match ended {
                Some(Ok(Err(why))) => run.count(|all| *all.failures.entry(why).or_default() += 1),
                Some(Ok(Ok(())) | Err(_)) => {}
                None => return,
            },
        }
    }
}

fn command_line() -> Command {
    let number = |min: u64, max: u64| value_parser!(u64).range(min..=max);
    Command::new("load")
        .about("A load generator for WebSocket servers")
        .arg(arg!(--host <HOST> "Server to connect to").default_value("127.0.0.1"))
        .arg(arg!(--port <PORT> "Its port").value_parser(number(1, 65_535)).default_value("9998"))
        .arg(arg!(--path <PATH> "Path of the WebSocket").default_value("/"))
        .arg(arg!(--clients <N> "Connections at once").value_parser(number(1, 10_000)).default_value("10"))
        .arg(arg!(--messages <N> "Messages of each client").value_parser(number(0, 1_000_000)).default_value("100"))
        .arg(arg!(--text <TEXT> "The message; {n} is its number").default_value("hello {n}"))
        .arg(
            arg!(--pace <MS> "Time between messages; 0: when one is answered")
                .value_parser(number(0, 60_000))
                .default_value("0"),
        )
        .arg(arg!(--listen <SECONDS> "Time after the last message").value_parser(number(0, 3600)).default_value("0"))
        .arg(arg!(--seconds <SECONDS> "Longest time of it all").value_parser(number(1, 3600)).default_value("60"))
        .arg(arg!(--json "Print the report as JSON"))
}

#[tokio::main]
async fn main() -> ExitCode {
    let run = Arc::new(Run(command_line().get_matches(), Mutex::default()));
    if run.number("clients") * run.number("messages") > MESSAGES_MAX {
        let _ = writeln!(io::stderr(), "error: --clients times --messages must be at most {MESSAGES_MAX}");
        return ExitCode::from(2);
    }
    let begun = Instant::now();
    let is_done = timeout(Duration::from_secs(run.number("seconds")), all_clients(&run)).await.is_ok();
    let seconds = begun.elapsed().as_secs_f64();
    let all = run.count(std::mem::take);
    let mut trips = all.round_trips_us;
    trips.sort_unstable();
    let ms =
        |share: f64| trips.get((trips.len() as f64 * share) as usize).or(trips.last()).map(|us| *us as f64 / 1000.0);
    let report = json!({
        "url": run.url(), "clients": run.number("clients"), "connected": all.connected, "seconds": seconds,
        "done": is_done, "sent": all.sent, "received": all.received, "received_bytes": all.received_bytes,
        "received_per_second": all.received as f64 / seconds, "failures": all.failures,
        "round_trip_ms": {"p50": ms(0.5), "p90": ms(0.9), "p99": ms(0.99), "max": ms(1.0)},
    });
    let lines = match report.as_object().filter(|_| !run.0.get_flag("json")) {
        Some(fields) => fields.iter().map(|(name, value)| format!("{name:20} {value}\n")).collect(),
        None => format!("{report}\n"),
    };
    let _ = io::stdout().write_all(lines.as_bytes()); // nobody may read it
    if all.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
