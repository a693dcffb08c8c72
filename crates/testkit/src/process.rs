//! Programs as child processes. Each is ended by its own id.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};

use crate::PATIENCE;
use crate::wait::within;

/// A program that is not started yet. It has no environment variables but those given here.
pub struct Program {
    command: Command,
    hears_errors: bool,
}

impl Program {
    pub fn new(path: impl AsRef<OsStr>) -> Self {
        Self::of(Command::new(path))
    }

    /// The same with a soft limit in KiB to the size of each file that it writes. At the limit it gets SIGXFSZ.
    pub fn with_file_limit(path: impl AsRef<OsStr>, kib: u32) -> Self {
        Self::by_shell(&format!("ulimit -S -f {}", kib * 2), path)
    }

    /// The same for a program that doesn't handle SIGXFSZ: it is ignored.
    pub fn with_silent_file_limit(path: impl AsRef<OsStr>, kib: u32) -> Self {
        Self::by_shell(&format!("trap '' XFSZ; ulimit -S -f {}", kib * 2), path)
    }

    /// The same for a program that gets a listening socket as systemd passes it: sd_listen_fds(3).
    pub fn with_listener(path: impl AsRef<OsStr>, listener: &TcpListener) -> Self {
        let mut program = Self::by_shell("export LISTEN_PID=$$ LISTEN_FDS=1; exec 3<&0 </dev/null", path);
        program.command.stdin(OwnedFd::from(listener.try_clone().unwrap()));
        program
    }

    fn by_shell(first: &str, path: impl AsRef<OsStr>) -> Self {
        let script = format!("{first}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg(path);
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        command.env_clear().stdin(Stdio::null());
        Program { command, hears_errors: false }
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The working directory.
    pub fn directory(mut self, path: &Path) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Appends standard error to a file.
    pub fn errors_to(mut self, path: &Path) -> Self {
        self.command.stderr(File::options().create(true).append(true).open(path).unwrap());
        self
    }

    /// Counts lines of standard error as lines that it says, too.
    pub fn hearing_errors(mut self) -> Self {
        self.command.stderr(Stdio::piped());
        self.hears_errors = true;
        self
    }

    /// Lets the test write to standard input ([`Process::write_line`]). Without this it is at its end.
    pub fn with_input(mut self) -> Self {
        self.command.stdin(Stdio::piped());
        self
    }

    pub fn start(mut self) -> Process {
        let spawned = self.command.stdout(Stdio::piped()).spawn();
        let mut child = spawned.unwrap_or_else(|error| panic!("{:?}: {error}", self.command));
        let (said, lines) = channel();
        forward(child.stdout.take().unwrap(), said.clone());
        if self.hears_errors {
            forward(child.stderr.take().unwrap(), said);
        }
        Process { child, lines: Mutex::new(lines) }
    }

    /// Runs to the end, with `input` on standard input.
    pub fn output(mut self, input: &[u8]) -> Output {
        let command = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        thread::scope(|scope| {
            scope.spawn(move || {
                let _ = stdin.write_all(input); // it may not read all of it
            });
            child.wait_with_output().unwrap()
        })
    }
}

/// Ends with the stream or with the receiver.
fn forward(stream: impl Read + Send + 'static, to: Sender<String>) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    thread::spawn(move || {
        let _ = lines.try_for_each(|line| to.send(line));
        lines.for_each(drop); // a full pipe would stop the program
    });
}

/// A running program. Dropping it kills it.
pub struct Process {
    child: Child,
    lines: Mutex<Receiver<String>>,
}

impl Process {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The memory that it holds, in bytes. Linux tells it.
    pub fn resident_bytes(&self) -> usize {
        let statm = fs::read_to_string(format!("/proc/{}/statm", self.id())).unwrap();
        statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    }

    /// The next line, or `None` after the last one.
    ///
    /// # Panics
    /// If it says nothing for [`PATIENCE`].
    pub fn line(&self) -> Option<String> {
        match self.lines.lock().unwrap().recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("process {} is silent", self.id()),
        }
    }

    /// The lines that are left, up to its end.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        std::iter::from_fn(|| self.line())
    }

    /// Writes a line to standard input. The program was started [`with_input`](Program::with_input).
    pub fn write_line(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Kills it with SIGKILL and waits for its end.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The exit status, if it ends in time.
    pub fn ended_within(&mut self, time: Duration) -> Option<ExitStatus> {
        within(time, || self.child.try_wait().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}
