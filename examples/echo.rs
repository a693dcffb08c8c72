//! Every message back as it came, text and binary, with a page.
//! 原样返回每条消息,文本与二进制皆可,带网页。
//!
//! Run / 运行: `cargo run --release --example echo`, then open http://127.0.0.1:9998; ws://127.0.0.1:9998/echo
//! Original client / 原版客户端: Python's `websocket-client`, long and short connections, `ping_timeout` included.

use parlor_kit::{App, Client, ClientId, Close, Hub, Incoming, Limits, Message, Reply, Server};

struct Echo;

impl App for Echo {
    type Request = Message;

    fn new_client(&mut self, _client: &Client, _hub: &mut Hub<'_>) {}

    fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
        hub.send(client, message);
    }

    fn client_left(&mut self, _client: ClientId, _close: &Close, _hub: &mut Hub<'_>) {}

    /// An echo needs no state, so it is answered where it was read: nothing travels to the app's thread.
    fn decode(incoming: Incoming<'_>) -> Result<Message, Reply> {
        Err(Reply::from(incoming))
    }

    fn limits(&self) -> Limits {
        Limits::open().frame_bytes(16 << 20).fragments(100_000).outbox_bytes(32 << 20)
    }
}

fn main() -> std::process::ExitCode {
    Server::new().page("/", include_str!("pages/echo.html")).app(&["/", "/echo"], || Echo).main(9998)
}
