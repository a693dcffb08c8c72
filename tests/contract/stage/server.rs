//! The binary itself, started for one scenario and seen from outside.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::PATIENCE;

/// A process in a directory of its own, which lives on over [restarts](Server::restart). Killed when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    flags: Vec<String>,
    dir: TempDir,
}

/// What a scenario gets unless its flags say otherwise: as variables, because flags go before them. Nobody is slowed down, and
/// everything comes from one address.
const DEFAULTS: [(&str, &str); 5] = [
    ("PARLOR_PORT", "0"),
    ("PARLOR_JOURNAL", "memory"),
    ("PARLOR_RATE_PER_SECOND", "1000000"),
    ("PARLOR_RATE_BURST", "1000000"),
    ("PARLOR_MAX_CLIENTS_PER_ADDRESS", "10000"),
];

impl Server {
    pub fn start(flags: &[&str]) -> Self {
        let dir = TempDir::new().unwrap();
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let (child, address) = launch(&dir, &flags);
        Server { child, address, flags, dir }
    }

    /// As `kill -9` does it: no time for anything.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Begins again in the same directory, at another port.
    pub fn restart(&mut self) {
        (self.child, self.address) = launch(&self.dir, &self.flags);
    }

    /// The same with other flags.
    pub fn restart_with(&mut self, flags: &[&str]) {
        self.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        self.restart();
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// How it ended, if it does within the time.
    pub fn ended_within(&mut self, time: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + time;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            if Instant::now() > until {
                return None;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it wrote to standard error, over all its starts.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("stderr")).unwrap()
    }
}

/// Ready when the one line with the address stands on standard output.
fn launch(dir: &TempDir, flags: &[String]) -> (Child, SocketAddr) {
    let log = File::options().create(true).append(true).open(dir.path().join("stderr")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_parlor"))
        .args(flags)
        .env_clear()
        .envs(DEFAULTS)
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (said, hear) = channel();
    thread::spawn(move || {
        while let Some(Ok(line)) = lines.next()
            && said.send(line).is_ok()
        {}
    });
    match hear.recv_timeout(PATIENCE) {
        Ok(line) => match address_in(&line) {
            Some(address) => (child, address),
            None => panic!("no address in its first line: {line}"),
        },
        Err(_) => {
            let _ = child.kill();
            panic!("it does not start: {}", fs::read_to_string(dir.path().join("stderr")).unwrap());
        }
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    rest.split(|c: char| !(c.is_ascii_digit() || "[.:]".contains(c))).next()?.parse().ok()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- the server's log:\n{}---", self.log());
        }
    }
}
