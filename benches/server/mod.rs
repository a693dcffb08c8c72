//! The real server, and clients that wait for their answers.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

/// Ended when it is dropped. `PARLOR_BENCH_DIR` says on which disk its journal is.
pub struct Server {
    process: Child,
    pub port: u16,
    _directory: TempDir,
}

impl Server {
    pub fn start(args: &[&str]) -> Server {
        let directory = match std::env::var_os("PARLOR_BENCH_DIR") {
            Some(directory) => tempfile::tempdir_in(directory).unwrap(),
            None => tempfile::tempdir().unwrap(),
        };
        let mut process = Command::new(env!("CARGO_BIN_EXE_parlor"))
            .args(["--port=0", "--rate-per-second=1000000", "--rate-burst=1000000", "--log=off"])
            .args(args)
            .env_clear()
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("127.0.0.1:").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        Server { process, port, _directory: directory }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill(); // it may have ended by itself
        let _ = self.process.wait();
    }
}

pub struct Client(WebSocket<TcpStream>);

impl Client {
    pub fn connect(port: u16) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let (socket, _) = tungstenite::client(format!("ws://127.0.0.1:{port}/ws"), stream).unwrap();
        Client(socket)
    }

    /// Waits for the answer, and gives it. `request` has the id 1.
    pub fn ask(&mut self, request: &Value) -> Value {
        self.0.send(Message::text(request.to_string())).unwrap();
        loop {
            let Message::Text(text) = self.0.read().unwrap() else { continue };
            if text.contains("\"re\":") {
                assert!(text.contains("\"ok\""), "{text}");
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}
