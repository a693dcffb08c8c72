//! The time, every 1 to 3 s: `--each` for each client by itself, `--together` as one broadcast to all; with a page.
//! 每隔 1 到 3 秒发送时间:`--each` 各自计时,`--together` 一次广播给所有人;带网页。
//!
//! Run / 运行: `cargo run --release --example show_time -- --together`, then open http://127.0.0.1:5678
//! Original client / 原版客户端: the page of `show_time.py` and `show_time_2.py` of Python's `websockets`.
//!
//! Wire / 报文: the bare time in ISO 8601, `2026-11-21T01:31:00.123+00:00`.

use std::time::Duration;

use parlor_kit::{App, Client, ClientId, Close, Hub, Limits, Message, Program, Server};

/// Each client has a timer of its own.
struct Each;

impl App for Each {
    type Request = Message;
    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        hub.wake_client(client.id, Duration::ZERO);
    }
    fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    fn client_timer(&mut self, client: ClientId, hub: &mut Hub<'_>) {
        hub.send(client, time(hub));
        hub.wake_client(client, Duration::from_millis(1000 + hub.random_below(2000)));
    }
    fn limits(&self) -> Limits {
        Limits::open()
    }
}

/// One timer: everybody hears the same at once.
struct Together;

impl App for Together {
    type Request = Message;
    fn new_client(&mut self, _: &Client, _: &mut Hub<'_>) {}
    fn message_received(&mut self, _: ClientId, _: Message, _: &mut Hub<'_>) {}
    fn client_left(&mut self, _: ClientId, _: &Close, _: &mut Hub<'_>) {}
    fn started(&mut self, hub: &mut Hub<'_>) {
        self.timer(hub);
    }
    fn timer(&mut self, hub: &mut Hub<'_>) {
        hub.send_all(time(hub));
        hub.wake_in(Duration::from_millis(1000 + hub.random_below(2000)));
    }
    fn limits(&self) -> Limits {
        Limits::open()
    }
}

fn time(hub: &Hub<'_>) -> String {
    hub.now().to_string().replace('Z', "+00:00")
}

fn main() -> std::process::ExitCode {
    Program::new(5678)
        .flag("each", "Send the time to each client by itself [default]")
        .flag("together", "Send the time to all clients at once")
        .main(|given| {
            let server = Server::new().page("/", include_str!("pages/show_time.html"));
            match (given.has("each"), given.has("together")) {
                (true, true) => Err("--each and --together: give only one of them".into()),
                (false, true) => Ok(server.app(&["/"], || Together)),
                (_, false) => Ok(server.app(&["/"], || Each)),
            }
        })
}
