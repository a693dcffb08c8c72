//! A client that runs forever: it comes back after every end, tells a clean close from a broken one, and notices silence.
//! 永不退出的客户端:断线后自动重连,区分正常关闭与异常断开,并能发现对方失去响应。
//!
//! Run / 运行: `cargo run --release --example forever -- --port 5678` beside any of these servers; Ctrl-C ends it.
//! Original / 原版: `async for websocket in connect(…)` of Python's `websockets`, whose servers it speaks to as well.

use std::io::{self, Write};
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgMatches, Command, arg, value_parser};
use futures_util::{SinkExt, StreamExt};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Bytes, Message};

const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Hears what the server says, until the end of the connection: a clean close, or an error in words. `None`: it is stopped.
async fn listen(
    given: &ArgMatches,
    pause: &mut Duration,
    stop: &mut Pin<&mut impl Future<Output = ()>>,
) -> Option<String> {
    let (host, path) = (given.get_one::<String>("host")?, given.get_one::<String>("path")?);
    let url = format!("ws://{host}:{}{path}", given.get_one::<u16>("port")?);
    let seconds = *given.get_one::<u64>("timeout")?;
    let patience = Duration::from_secs(seconds);
    let mut socket = tokio::select! {
        connected = timeout(patience, connect_async(&url)) => match connected {
            Ok(Ok((socket, _))) => socket,
            Ok(Err(error)) => return Some(format!("broken: {error}")),
            Err(_) => return Some(format!("broken: no connection within {seconds} s")),
        },
        () = stop.as_mut() => return None,
    };
    say(&format!("connected: {url}"));
    *pause = PAUSE_MIN;
    let greeting = given.get_one::<String>("send").map(Message::text);
    let mut sent = match greeting {
        Some(text) => socket.send(text).await,
        None => Ok(()),
    };
    let mut is_asked = false; // whether a ping waits for its answer
    loop {
        if let Err(error) = sent {
            return Some(format!("broken: {error}"));
        }
        let heard = tokio::select! {
            heard = timeout(patience, socket.next()) => heard,
            () = stop.as_mut() => {
                let _ = timeout(patience, socket.close(None)).await; // it ends either way
                return None;
            }
        };
        let was_asked = std::mem::replace(&mut is_asked, heard.is_err());
        sent = match heard {
            Err(_) if was_asked => return Some(format!("broken: no answer to a ping within {seconds} s")),
            Err(_) => socket.send(Message::Ping(Bytes::new())).await,
            Ok(None) => return Some("broken: the connection ended without a close".into()),
            Ok(Some(Err(error))) => return Some(format!("broken: {error}")),
            Ok(Some(Ok(Message::Close(close)))) => {
                return Some(format!("closed: {}", close.map_or("no code".into(), |close| close.to_string())));
            }
            Ok(Some(Ok(message))) => {
                if message.is_text() || message.is_binary() {
                    say(&format!("heard: {message}"));
                }
                Ok(())
            }
        };
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}"); // nobody may read it
}

#[tokio::main]
async fn main() -> ExitCode {
    let given = Command::new("forever")
        .about("A client that runs forever, and comes back after every end")
        .arg(arg!(--host <HOST> "Server to connect to").default_value("127.0.0.1"))
        .arg(arg!(--port <PORT> "Its port").value_parser(value_parser!(u16)).default_value("5678"))
        .arg(arg!(--path <PATH> "Path of the WebSocket").default_value("/"))
        .arg(arg!(--send <TEXT> "Text to send on every connection"))
        .arg(
            arg!(--timeout <SECONDS> "Longest time for connecting, for silence, and for the answer to a ping")
                .value_parser(value_parser!(u64).range(1..=3600))
                .default_value("20"),
        )
        .get_matches();
    let Ok(stop) = parlor_kit::stop_signal() else { return ExitCode::FAILURE };
    let (mut stop, mut pause) = (pin!(stop), PAUSE_MIN);
    while let Some(end) = listen(&given, &mut pause, &mut stop).await {
        say(&end);
        tokio::select! {
            () = sleep(pause) => pause = PAUSE_MAX.min(pause * 8 / 5),
            () = stop.as_mut() => break,
        }
    }
    ExitCode::SUCCESS
}
