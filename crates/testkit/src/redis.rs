//! Redis as a child process: servers, replicas and sentinels on 127.0.0.1, with files in a directory of their own.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{Process, Program, Signal};
use crate::wait::within;
use crate::{PATIENCE, eventually, wait_until};

/// A `redis-server`. Dropping it kills it and removes its files.
pub struct Redis {
    process: Option<Process>,
    directory: TempDir,
    arguments: Vec<String>,
    password: Option<String>,
    port: u16,
}

/// An answer of Redis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Nil,
    Number(i64),
    Text(String),
    Error(String),
    List(Vec<Reply>),
}

impl Redis {
    /// Starts one that appends each write to a file, without waiting for the disk.
    pub fn start() -> Self {
        Self::start_with(&["--appendonly", "yes", "--appendfsync", "everysec"])
    }

    /// Starts one with these arguments, such as `--appendonly yes`. It writes no snapshots.
    pub fn start_with(arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        // Another process may take the free port before Redis does.
        for _ in 0..10 {
            let (directory, arguments) = (TempDir::new().unwrap(), Vec::clone(&arguments));
            let mut redis = Redis { process: None, directory, arguments, password: None, port: free_port() };
            if redis.try_start() {
                return redis;
            }
        }
        panic!("redis-server does not start with {arguments:?}");
    }

    /// Starts one that asks for a password of the user `default`.
    pub fn start_with_password(password: &str) -> Self {
        let mut redis = Self::start_with(&["--appendonly", "yes"]);
        redis.ask(&["CONFIG", "SET", "requirepass", password]);
        redis.arguments.extend(["--requirepass".into(), password.into()]);
        redis.password = Some(password.into());
        redis
    }

    /// Starts a replica of this one, and waits until it has all that there is.
    pub fn replica(&self) -> Redis {
        let port = self.port.to_string();
        let replica = Self::start_with(&["--appendonly", "yes", "--replicaof", "127.0.0.1", &port]);
        wait_until("a replica is in step", || replica.info("replication", "master_link_status") == Some("up".into()));
        replica
    }

    fn try_start(&mut self) -> bool {
        let log = self.directory.path().join("log");
        let mut program = Program::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .args(["--dir", &self.directory.path().to_string_lossy(), "--logfile", &log.to_string_lossy()])
            .args(["--repl-diskless-sync-delay", "0", "--enable-debug-command", "yes"]);
        program = program.args(&self.arguments);
        let mut process = program.directory(self.directory.path()).start();
        let is_up = within(PATIENCE, || {
            if process.ended_within(Duration::ZERO).is_some() {
                return Some(false);
            }
            self.try_ask(&["PING"]).ok().filter(|reply| !is_loading(reply)).map(|_| true)
        });
        self.process = Some(process);
        is_up == Some(true)
    }

    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Its address for `--journal`, without a password.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// The directory of its files, as long as it is not dropped.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The newest file that writes are appended to.
    pub fn append_file(&self) -> PathBuf {
        let files = fs::read_dir(self.directory.path().join("appendonlydir")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        paths.filter(|path| path.to_string_lossy().ends_with(".incr.aof")).max().unwrap()
    }

    /// Waits until all that was written is in the file. With `everysec` it may wait in memory while the disk is busy.
    pub fn wait_for_file(&self) {
        wait_until("all is in the file", || self.info("persistence", "aof_buffer_length") == Some("0".into()));
    }

    /// Its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// Ends it with SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// Ends it with SIGTERM, in order.
    pub fn terminate(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal(Signal::TERM);
            process.ended_within(PATIENCE).expect("redis-server does not end");
        }
    }

    /// Starts it again after its end, on the same port, with its files.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "it runs");
        eventually("redis-server starts again", || self.try_start().then_some(()));
    }

    /// Kills it and starts it again.
    pub fn restart(&mut self) {
        self.kill();
        self.start_again();
    }

    /// While stopped (SIGSTOP) it answers nothing, and its connections stay open.
    pub fn stop(&self, is_stopped: bool) {
        let signal = if is_stopped { Signal::STOP } else { Signal::CONT };
        self.process.as_ref().expect("it does not run").signal(signal);
    }

    pub fn id(&self) -> u32 {
        self.process.as_ref().expect("it does not run").id()
    }

    /// Asks one thing on a connection of its own.
    ///
    /// # Panics
    /// If Redis can't be reached or answers with an error.
    pub fn ask(&self, command: &[&str]) -> Reply {
        match self.try_ask(command).unwrap_or_else(|error| panic!("{command:?}: {error}")) {
            Reply::Error(error) => panic!("{command:?}: {error}"),
            reply => reply,
        }
    }

    /// # Errors
    /// If Redis can't be reached.
    pub fn try_ask(&self, command: &[&str]) -> io::Result<Reply> {
        ask(self.address(), self.password.as_deref(), command)
    }

    /// A field of `INFO`.
    pub fn info(&self, section: &str, field: &str) -> Option<String> {
        let Ok(Reply::Text(info)) = self.try_ask(&["INFO", section]) else { return None };
        info.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':').map(str::to_owned))
    }
}

fn is_loading(reply: &Reply) -> bool {
    matches!(reply, Reply::Error(error) if error.starts_with("LOADING"))
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Asks a Redis or a sentinel one thing on a connection of its own.
///
/// # Errors
/// If it can't be reached, or says nothing for a second.
pub fn ask(address: SocketAddr, password: Option<&str>, command: &[&str]) -> io::Result<Reply> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut stream = BufReader::new(stream);
    if let Some(password) = password {
        send(&mut stream, &["AUTH", password])?;
    }
    send(&mut stream, command)
}

fn send(stream: &mut BufReader<TcpStream>, command: &[&str]) -> io::Result<Reply> {
    let mut bytes = format!("*{}\r\n", command.len());
    command.iter().for_each(|part| bytes.push_str(&format!("${}\r\n{part}\r\n", part.len())));
    stream.get_mut().write_all(bytes.as_bytes())?;
    reply(stream)
}

fn reply(stream: &mut BufReader<TcpStream>) -> io::Result<Reply> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let (Some(kind), Some(rest)) = (line.get(..1), line.trim_end().get(1..)) else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    let number = || rest.parse::<i64>().map_err(io::Error::other);
    match kind {
        "+" => Ok(Reply::Text(rest.into())),
        "-" => Ok(Reply::Error(rest.into())),
        ":" => number().map(Reply::Number),
        "$" => match usize::try_from(number()?) {
            Ok(length) => {
                let mut bytes = vec![0; length + 2];
                stream.read_exact(&mut bytes)?;
                Ok(Reply::Text(String::from_utf8_lossy(&bytes[..length]).into_owned()))
            }
            Err(_) => Ok(Reply::Nil),
        },
        "*" => match usize::try_from(number()?) {
            Ok(length) => (0..length).map(|_| reply(stream)).collect::<io::Result<_>>().map(Reply::List),
            Err(_) => Ok(Reply::Nil),
        },
        _ => Err(io::Error::other(format!("no reply of Redis: {line:?}"))),
    }
}

/// A `redis-sentinel` that watches one primary. Dropping it kills it.
pub struct Sentinel {
    _process: Process,
    _directory: TempDir,
    address: SocketAddr,
}

impl Sentinel {
    /// The name by which sentinels know the primary.
    pub const MASTER: &str = "parlor";

    /// Starts one that takes the primary for dead after so long a silence, and then decides alone.
    pub fn watch(primary: &Redis, silence: Duration) -> Self {
        for _ in 0..10 {
            let (directory, port) = (TempDir::new().unwrap(), free_port());
            let file = directory.path().join("sentinel.conf");
            let (name, watched) = (Self::MASTER, primary.address().port());
            let password = primary
                .password
                .iter()
                .map(|password| format!("sentinel auth-pass {name} {password}\n"))
                .collect::<String>();
            let config = format!(
                "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {name} 127.0.0.1 {watched} 1\n\
                 sentinel down-after-milliseconds {name} {}\nsentinel failover-timeout {name} 10000\n{password}",
                directory.path().display(),
                silence.as_millis(),
            );
            fs::write(&file, config).unwrap();
            let mut process = Program::new("redis-sentinel").args([&file]).directory(directory.path()).start();
            let address = (Ipv4Addr::LOCALHOST, port).into();
            let is_up = within(PATIENCE, || {
                if process.ended_within(Duration::ZERO).is_some() {
                    return Some(false);
                }
                ask(address, None, &["PING"]).ok().map(|_| true)
            });
            if is_up == Some(true) {
                return Sentinel { _process: process, _directory: directory, address };
            }
        }
        panic!("redis-sentinel does not start");
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it knows so many replicas of the primary.
    pub fn wait_for_replicas(&self, count: usize) {
        wait_until("the sentinel knows the replicas", || {
            let known = ask(self.address, None, &["SENTINEL", "REPLICAS", Self::MASTER]);
            matches!(known, Ok(Reply::List(known)) if known.len() == count)
        });
    }

    /// The primary that it names.
    pub fn primary(&self) -> Option<SocketAddr> {
        let named = ask(self.address, None, &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self::MASTER]);
        let Ok(Reply::List(parts)) = named else { return None };
        let [Reply::Text(host), Reply::Text(port)] = &parts[..] else { return None };
        format!("{host}:{port}").parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_outlives_a_kill() {
        let mut redis = Redis::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
        redis.ask(&["SET", "key", "value"]);
        redis.restart();
        assert_eq!(redis.ask(&["GET", "key"]), Reply::Text("value".into()));
        assert_eq!(redis.ask(&["EXISTS", "key", "none"]), Reply::Number(1));
        assert_eq!(redis.ask(&["GET", "none"]), Reply::Nil);
    }

    #[test]
    fn a_sentinel_makes_the_replica_the_primary() {
        let mut primary = Redis::start();
        primary.ask(&["SET", "key", "value"]);
        let replica = primary.replica();
        let sentinel = Sentinel::watch(&primary, Duration::from_millis(300));
        sentinel.wait_for_replicas(1);
        primary.kill();
        wait_until("the replica is the primary", || sentinel.primary() == Some(replica.address()));
        wait_until("it takes writes", || matches!(replica.try_ask(&["SET", "key", "2"]), Ok(Reply::Text(_))));
    }
}
