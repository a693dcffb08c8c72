//! A login loop: a client sends names until one is on the list; then every message comes back.
//! 登录循环:客户端不断发送名字,直到名字在名单上;之后原样返回每条消息。
//!
//! Run / 运行: `cargo run --release --example login -- --names admin,guest`, then ws://127.0.0.1:8765
//! Original client / 原版客户端: the client of Python's `websockets` that asks for a name until it hears `True`.
//!
//! Wire / 报文: a name per frame; `True` when it is on the list, else `name is not exist`.

use std::collections::BTreeSet;

use parlor_kit::{App, Client, ClientId, Close, Hub, Limits, Program, Server};

struct Login {
    names: BTreeSet<String>,
    inside: BTreeSet<ClientId>,
}

impl App for Login {
    type Request = String;

    fn new_client(&mut self, _client: &Client, _hub: &mut Hub<'_>) {}

    fn message_received(&mut self, client: ClientId, text: String, hub: &mut Hub<'_>) {
        if self.inside.contains(&client) {
            hub.send(client, text);
        } else if self.names.contains(&text) {
            self.inside.insert(client);
            hub.send(client, "True");
        } else {
            hub.send(client, "name is not exist");
        }
    }

    fn client_left(&mut self, client: ClientId, _close: &Close, _hub: &mut Hub<'_>) {
        self.inside.remove(&client);
    }

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

fn main() -> std::process::ExitCode {
    Program::new(8765).value("names", "A,B", "Names that may log in [default: admin,guest]").main(|given| {
        let names =
            given.value("names").unwrap_or("admin,guest").split(',').map(str::to_owned).collect::<BTreeSet<_>>();
        Ok(Server::new().app(&["/"], move || Login { names: names.clone(), inside: BTreeSet::new() }))
    })
}
