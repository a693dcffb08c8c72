//! The task behind a client: opens connections one after the other and carries frames between them and the machine.

use std::future::{Future, pending, poll_fn};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, SinkExt, StreamExt};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};

use crate::backoff::Backoff;
use crate::machine::{Command, Machine};
use crate::target::{Socket, Target};
use crate::{Close, Update};

/// The time in which a connection must be open and the earlier identity taken back.
const OPENING: Duration = Duration::from_secs(10);
/// The longest time after a ping in which something must come.
const GRACE: Duration = Duration::from_secs(10);
/// The time that a close may take.
const CLOSING: Duration = Duration::from_secs(2);
pub(crate) struct Driver {
    pub target: Arc<Target>,
    pub machine: Machine,
    pub commands: Receiver<Command>,
    /// To wait for places among the updates.
    pub updates: Sender<Update>,
}

/// Why a connection is over.
enum End {
    /// By the server, or by the network. With the time for which it was open.
    Lost(Close, Duration),
    /// By the program.
    Stopped,
}

impl Driver {
    pub async fn run(mut self) {
        let mut backoff = Backoff::default();
        let close = loop {
            let (close, lived) = match self.connection().await {
                End::Stopped => break Close::new(1000, "closed by the program"),
                End::Lost(close, _) if !close.may_return() => break close,
                End::Lost(close, lived) => (close, lived),
            };
            backoff.lost(lived, close.asks_for_patience());
            if let Some(floor) = self.machine.reconnect_after.take() {
                backoff.ask(floor);
            }
            let retry_in = backoff.next(fastrand::f64());
            self.machine.disconnected(close, retry_in);
            if self.unless_stopped(sleep_until(now() + retry_in)).await.is_none() {
                break Close::new(1000, "closed by the program");
            }
        };
        self.machine.close(&close);
        self.commands.close();
        while let Ok(command) = self.commands.try_recv() {
            self.machine.command(command, now());
        }
        self.machine.end(close).await;
    }

    /// One connection, from the attempt to the end.
    async fn connection(&mut self) -> End {
        let deadline = now() + OPENING;
        let target = self.target.clone();
        let attempt = tokio::time::timeout_at(deadline, target.open());
        let socket = match self.unless_stopped(attempt).await {
            None => return End::Stopped,
            Some(Err(_)) => return End::Lost(Close::broken("the server did not answer"), Duration::ZERO),
            Some(Ok(Err(close))) => return End::Lost(close, Duration::ZERO),
            Some(Ok(Ok(socket))) => socket,
        };
        let begun = now();
        let mut connection = Connection::new(socket, deadline);
        loop {
            match connection.turn(self).await {
                Ok(()) => {}
                Err(None) => {
                    connection.close().await;
                    return End::Stopped;
                }
                Err(Some(close)) => return End::Lost(close, now() - begun),
            }
        }
    }

    /// Takes commands until the future is ready. `None`: the program closes the client.
    async fn unless_stopped<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
                done = &mut future => return Some(done),
                command = self.commands.recv() => match command {
                    None | Some(Command::Close) => return None,
                    Some(command) => self.machine.command(command, now()),
                },
            }
        }
    }
}

struct Connection {
    sink: SplitSink<Socket, Message>,
    stream: SplitStream<Socket>,
    /// The instant by which it must be open.
    deadline: Instant,
    heard_at: Instant,
    is_doubted: bool,
    ping: Option<Message>,
}

/// Something to be done.
enum Wake {
    Command(Option<Command>),
    Frame(Option<Result<Message, tungstenite::Error>>),
    Written(tungstenite::Error),
    Space,
    Time,
}

impl Connection {
    fn new(socket: Socket, deadline: Instant) -> Self {
        let (sink, stream) = socket.split();
        Connection { sink, stream, deadline, heard_at: now(), is_doubted: false, ping: None }
    }

    /// Waits for one thing and does it. `Err(None)`: the program closes the client.
    async fn turn(&mut self, driver: &mut Driver) -> Result<(), Option<Close>> {
        let next = self.next_instant(&driver.machine);
        let needs_space = driver.machine.needs_space();
        let outgoing = &mut driver.machine.outgoing;
        let wake = tokio::select! {
            command = driver.commands.recv() => Wake::Command(command),
            frame = self.stream.next() => Wake::Frame(frame),
            error = write(&mut self.sink, || self.ping.take().or_else(|| outgoing.pop_front().map(Message::text))) => {
                Wake::Written(error)
            }
            () = half_empty(&driver.updates), if needs_space => Wake::Space,
            () = sleep_until(next) => Wake::Time,
        };
        let now = now();
        match wake {
            Wake::Command(None | Some(Command::Close)) => return Err(None),
            Wake::Command(Some(command)) => driver.machine.command(command, now),
            Wake::Frame(frame) => {
                (self.heard_at, self.is_doubted) = (now, false);
                match frame {
                    Some(Ok(Message::Text(text))) => driver.machine.hear(&text, now)?,
                    Some(Ok(Message::Close(frame))) => return Err(Some(closed(frame))),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(Some(Close::broken(error))),
                    None => return Err(Some(Close::broken("the connection ended"))),
                }
            }
            Wake::Written(error) => return Err(Some(self.last_words(error).await)),
            Wake::Space => driver.machine.has_space(),
            Wake::Time => self.time(&mut driver.machine, now)?,
        }
        Ok(())
    }

    fn next_instant(&self, machine: &Machine) -> Instant {
        if !machine.is_open() {
            return self.deadline;
        }
        let silence = self.heard_at + self.patience(machine);
        machine.next_due(now()).map_or(silence, |due| due.min(silence))
    }

    /// The silence that is borne: until a ping is sent, and until the connection is given up.
    fn patience(&self, machine: &Machine) -> Duration {
        machine.heartbeat + if self.is_doubted { GRACE.min(machine.heartbeat) } else { Duration::ZERO }
    }

    fn time(&mut self, machine: &mut Machine, now: Instant) -> Result<(), Close> {
        if !machine.is_open() && now >= self.deadline {
            return Err(Close::broken("the server did not answer"));
        }
        let silence = now - self.heard_at;
        if machine.is_open() && silence >= self.patience(machine) {
            if self.is_doubted {
                return Err(Close::silent());
            }
            self.is_doubted = true;
            self.ping = Some(Message::Ping(Vec::new().into()));
        }
        machine.flush(now);
        Ok(())
    }

    /// Nothing can be written any more; the server's close may have come before that.
    async fn last_words(&mut self, error: tungstenite::Error) -> Close {
        let words = async {
            while let Some(Ok(frame)) = self.stream.next().await {
                if let Message::Close(frame) = frame {
                    return Some(closed(frame));
                }
            }
            None
        };
        let words = tokio::time::timeout(CLOSING, words).await.ok().flatten();
        words.unwrap_or_else(|| Close::broken(error))
    }

    /// Ends the connection on purpose.
    async fn close(&mut self) {
        let bye = CloseFrame { code: 1000.into(), reason: "".into() };
        let closing = async {
            if self.sink.send(Message::Close(Some(bye))).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        let _ = tokio::time::timeout(CLOSING, closing).await;
    }
}

/// Writes what there is, then waits for ever; ends with an error alone. A frame is taken only when the socket takes it, so
/// nothing is lost if the future is dropped.
async fn write<S>(sink: &mut S, mut next: impl FnMut() -> Option<Message>) -> tungstenite::Error
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    loop {
        if let Err(error) = poll_fn(|context| sink.poll_ready_unpin(context)).await {
            return error;
        }
        let Some(frame) = next() else { break };
        if let Err(error) = sink.start_send_unpin(frame) {
            return error;
        }
    }
    match poll_fn(|context| sink.poll_flush_unpin(context)).await {
        Ok(()) => pending().await,
        Err(error) => error,
    }
}

/// Waits until half of the places among the updates are free, or nobody wants updates.
async fn half_empty(updates: &Sender<Update>) {
    let half = updates.max_capacity().div_ceil(2);
    let _ = updates.reserve_many(half).await;
}

fn closed(frame: Option<CloseFrame>) -> Close {
    match frame {
        Some(frame) => Close::new(frame.code.into(), frame.reason.as_str()),
        None => Close::new(1005, "the server closed without a code"),
    }
}

#[expect(clippy::disallowed_methods, reason = "the driver reads the clock and hands it to the machine")]
fn now() -> Instant {
    Instant::now()
}
