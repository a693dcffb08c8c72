//! The `parlor` binary as a process, seen from outside.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::http::{self, Response};
use crate::process::{Process, Program, Signal};
use crate::{PATIENCE, eventually};

/// Settings of a server under test, as variables: flags override them. Nothing is limited that a test doesn't limit.
const DEFAULTS: [(&str, &str); 5] = [
    ("PARLOR_PORT", "0"),
    ("PARLOR_JOURNAL", "memory"),
    ("PARLOR_RATE_PER_SECOND", "1000000"),
    ("PARLOR_RATE_BURST", "1000000"),
    ("PARLOR_MAX_CLIENTS_PER_ADDRESS", "10000"),
];

/// A way to start a server: always the same binary, directory and flags.
pub struct Launch {
    binary: PathBuf,
    directory: PathBuf,
    flags: Vec<String>,
    variables: Vec<(String, String)>,
    file_limit_kib: Option<u32>,
    listener: Option<TcpListener>,
    /// Removed with the last server, unless the directory was given.
    _own: Option<TempDir>,
}

impl Launch {
    /// In a new directory. `binary` is `env!("CARGO_BIN_EXE_parlor")` of the calling test.
    pub fn new(binary: &str) -> Self {
        Self::new_on(&std::env::temp_dir(), binary)
    }

    /// In a new directory below this one.
    pub fn new_on(parent: &Path, binary: &str) -> Self {
        let own = TempDir::new_in(parent).unwrap();
        Launch { directory: own.path().into(), _own: Some(own), ..Self::within(binary, Path::new("")) }
    }

    /// In a directory of the caller's.
    pub fn within(binary: &str, directory: &Path) -> Self {
        Launch {
            binary: binary.into(),
            directory: directory.into(),
            flags: Vec::new(),
            variables: Vec::new(),
            file_limit_kib: None,
            listener: None,
            _own: None,
        }
    }

    pub fn flags(mut self, flags: &[&str]) -> Self {
        self.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        self
    }

    /// Settings that flags override.
    pub fn variables(mut self, variables: &[(&str, &str)]) -> Self {
        self.variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self
    }

    /// A limit to the size of its files.
    pub fn file_limit_kib(mut self, kib: u32) -> Self {
        self.file_limit_kib = Some(kib);
        self
    }

    /// A listener that every run of the server gets, and that stays open between them.
    pub fn listener(mut self, listener: TcpListener) -> Self {
        self.listener = Some(listener);
        self
    }

    pub fn start(self) -> Server {
        let (process, address) = self.process();
        Server { process, address, launch: self }
    }

    /// Runs a subcommand to its end.
    pub fn run(&self, args: &[&str], input: &[u8]) -> Output {
        Program::new(&self.binary).args(args).directory(&self.directory).output(input)
    }

    /// The server is ready when the line with its address is on standard output.
    fn process(&self) -> (Process, SocketAddr) {
        let program = match (&self.listener, self.file_limit_kib) {
            (Some(listener), _) => Program::with_listener(&self.binary, listener),
            (None, None) => Program::new(&self.binary),
            (None, Some(kib)) => Program::with_file_limit(&self.binary, kib),
        };
        let program = DEFAULTS.iter().fold(program, |program, (name, value)| program.env(name, value));
        let program = self.variables.iter().fold(program, |program, (name, value)| program.env(name, value));
        let process =
            program.args(&self.flags).directory(&self.directory).errors_to(&self.directory.join("stderr")).start();
        let line = process.line().unwrap_or_else(|| panic!("it does not start: {}", self.log()));
        let address = address_after("http://", &line).unwrap_or_else(|| panic!("no address in its first line: {line}"));
        (process, address)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.join("stderr")).unwrap()
    }
}

/// The address that follows `scheme` in a line.
pub fn address_after(scheme: &str, line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once(scheme)?;
    rest.split(|c: char| !(c.is_ascii_digit() || "[.:]".contains(c))).next()?.parse().ok()
}

/// A running server. Dropping it kills it.
pub struct Server {
    // Dropped before the directory that it works in.
    process: Process,
    pub address: SocketAddr,
    launch: Launch,
}

impl Server {
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn resident_bytes(&self) -> usize {
        self.process.resident_bytes()
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again in the same directory, at another port.
    pub fn restart(&mut self) {
        (self.process, self.address) = self.launch.process();
    }

    /// The same with other flags.
    pub fn restart_with(&mut self, flags: &[&str]) {
        self.launch.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        self.restart();
    }

    pub fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Stops it with SIGTERM and returns its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.ended_within(PATIENCE).expect("it does not stop").code()
    }

    pub fn ended_within(&mut self, time: Duration) -> Option<ExitStatus> {
        self.process.ended_within(time)
    }

    /// Standard error of all its runs.
    pub fn log(&self) -> String {
        self.launch.log()
    }

    pub fn get(&self, path: &str) -> Response {
        http::get(self.address, path)
    }

    /// Asks for a page until its status is this one, and returns its body.
    pub fn wait_for(&self, path: &str, status: u16) -> String {
        eventually(&format!("{path} answers {status}"), || {
            Some(self.get(path)).filter(|answer| answer.status == status).map(|answer| answer.body)
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- the server's log:\n{}---", self.log());
        }
    }
}
