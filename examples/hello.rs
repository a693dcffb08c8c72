//! A basic client and server: a client sends its name, gets `Hello NAME!`, and the server closes.
//! 最基本的客户端与服务器:客户端发来名字,收到 `Hello NAME!`,然后服务器关闭连接。
//!
//! Run / 运行: `cargo run --release --example hello` (`--host`, `--port`), then ws://127.0.0.1:8765
//! Original client / 原版客户端: `hello()` of the first steps with Python's `websockets`, unchanged.

use parlor_kit::{App, Client, ClientId, Close, Hub, Limits, Server};

struct Hello;

impl App for Hello {
    type Request = String;

    fn new_client(&mut self, _client: &Client, _hub: &mut Hub<'_>) {}

    fn message_received(&mut self, client: ClientId, name: String, hub: &mut Hub<'_>) {
        hub.send(client, format!("Hello {name}!"));
        hub.close(client, Close::NORMAL, "goodbye");
    }

    fn client_left(&mut self, _client: ClientId, _close: &Close, _hub: &mut Hub<'_>) {}

    fn limits(&self) -> Limits {
        Limits::open() // pages from anywhere may connect
    }
}

fn main() -> std::process::ExitCode {
    Server::new().app(&["/"], || Hello).main(8765)
}
