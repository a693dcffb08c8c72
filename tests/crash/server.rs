//! The binary, as a process.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// No client of a fleet is to be held back.
const SETTINGS: &[&str] = &[
    "--rate-per-second=1000000",
    "--rate-burst=1000000",
    "--max-clients-per-address=1000",
    "--retain=1000000",
    "--forfeit-after=30d",
    "--workers=2",
    "--log=info",
];

pub struct Server {
    process: Child,
    pub port: u16,
}

impl Server {
    /// On the journal `parlor.db` in `directory`.
    pub fn start(directory: &Path) -> Server {
        Self::start_by(directory, &mut Command::new(binary()))
    }

    /// With a limit of so many KiB to the size of its files; the signal that goes with it must not end the server.
    pub fn start_limited(directory: &Path, kib: u32) -> Server {
        let script = format!("ulimit -S -f {}; exec \"$0\" \"$@\"", kib * 2);
        Self::start_by(directory, Command::new("sh").arg("-c").arg(script).arg(binary()))
    }

    fn start_by(directory: &Path, command: &mut Command) -> Server {
        let log = File::options().create(true).append(true).open(directory.join("log")).unwrap();
        let mut process = command
            .args(["--port=0", "--journal=parlor.db"])
            .args(SETTINGS)
            .env_clear()
            .current_dir(directory)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("http://127.0.0.1:").nth(1).and_then(|rest| rest.split(' ').next());
        let Some(port) = port else {
            let log = std::fs::read_to_string(directory.join("log")).unwrap();
            panic!("the server did not start: {line}{log}");
        };
        Server { port: port.parse().unwrap(), process }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM, and the exit code that follows.
    pub fn stop(mut self) -> Option<i32> {
        assert!(Command::new("kill").arg(self.id().to_string()).status().unwrap().success());
        self.process.wait().unwrap().code()
    }

    /// Status and body of a page.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    /// Asks a page again and again until its status is this, and answers with its body.
    pub fn wait_for(&self, path: &str, status: u16) -> String {
        for _ in 0..400 {
            let (now, body) = self.get(path);
            if now == status {
                return body;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{path} does not answer {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill(); // it may be dead already
        let _ = self.process.wait();
    }
}

/// Runs a subcommand in `directory` to its end.
pub fn parlor(directory: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(binary());
    command.args(args).env_clear().current_dir(directory);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    let input = input.to_owned();
    let feeding = std::thread::spawn(move || {
        let _ = stdin.write_all(&input); // it may have seen enough
    });
    let output = process.wait_with_output().unwrap();
    feeding.join().unwrap();
    output
}

fn binary() -> PathBuf {
    env!("CARGO_BIN_EXE_parlor").into()
}
