//! Group chat: every message goes to everyone but its sender. With a page that tells the connection's state in words.
//! 群聊:每条消息发给除发送者以外的所有人。网页用文字显示连接状态。
//!
//! Run / 运行: `cargo run --release --example broadcast`, then open http://127.0.0.1:9527; ws://127.0.0.1:9527/ws
//! Original client / 原版客户端: the page of the group chat, and any client that sends bare text.

use parlor_kit::{App, Client, ClientId, Close, Hub, Limits, Message, Server};

struct Broadcast;

impl App for Broadcast {
    type Request = Message;

    fn new_client(&mut self, _client: &Client, _hub: &mut Hub<'_>) {}

    fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
        hub.send_all_except(client, message);
    }

    fn client_left(&mut self, _client: ClientId, _close: &Close, _hub: &mut Hub<'_>) {}

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

fn main() -> std::process::ExitCode {
    let page = include_str!("pages/broadcast.html");
    Server::new().page("/", page).app(&["/ws"], || Broadcast).main(9527)
}
