//! Three functions as closures, and the whole `server` object of Python's `websocket-server`, steered from standard input.
//! 三个回调函数写成闭包,并用标准输入操作整个 `server` 对象。
//!
//! Run / 运行: `cargo run --release --example callbacks`, then ws://127.0.0.1:13254, and type one of / 然后输入:
//! `clients`, `say TEXT`, `deny`, `allow`, `disconnect`, `abort`, `shutdown`, `shutdown now`
//! Original client / 原版客户端: the page of `websocket-server`; all hear `a new client has joined`.

use std::{io, thread};

use parlor_kit::{App, Client, ClientId, Close, Handle, Hub, Limits, Mount, Server, ServerHandle};

type Function<T> = Box<dyn FnMut(T, &mut Hub<'_, String>) + Send>;

/// An app of three functions. Events from outside go to all clients.
struct Callbacks {
    new_client: Function<ClientId>,
    message_received: Function<(ClientId, String)>,
    client_left: Function<ClientId>,
}

impl App<String> for Callbacks {
    type Request = String;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_, String>) {
        (self.new_client)(client.id, hub);
    }

    fn message_received(&mut self, client: ClientId, message: String, hub: &mut Hub<'_, String>) {
        (self.message_received)((client, message), hub);
    }

    fn client_left(&mut self, client: ClientId, _close: &Close, hub: &mut Hub<'_, String>) {
        (self.client_left)(client, hub);
    }

    fn told(&mut self, text: String, hub: &mut Hub<'_, String>) {
        hub.send_all(text);
    }

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

fn obey(command: &str, server: &ServerHandle, clients: &Handle<String>) {
    let close = |reason: &str| Close::new(Close::NORMAL, reason);
    match command.split_once(' ').unwrap_or((command, "")) {
        ("clients", "") => log::info!("{} clients", server.clients()),
        ("say", text) => clients.tell(text.into()).unwrap_or_else(|error| log::error!("not said: {error}")),
        ("deny", "") => server.deny_new(close("no new clients now")),
        ("allow", "") => server.allow_new(),
        ("disconnect", "") => server.close_all(close("disconnected by the operator")),
        ("abort", "") => server.abort_all(),
        ("shutdown", "") => server.stop(close("the server shuts down")),
        ("shutdown", "now") => server.stop_now(),
        _ => {
            log::warn!("{command:?}: must be clients, say TEXT, deny, allow, disconnect, abort, shutdown, shutdown now")
        }
    }
}

fn main() -> std::process::ExitCode {
    let mount = Mount::new(&["/"], || Callbacks {
        new_client: Box::new(|_client, hub| hub.send_all("a new client has joined")),
        message_received: Box::new(|(client, message), _| log::info!("{client:?} said {} characters", message.len())),
        client_left: Box::new(|client, _| log::info!("{client:?} disconnected")),
    });
    let (server, clients) = (Server::new(), mount.handle());
    let handle = server.handle();
    thread::spawn(move || io::stdin().lines().map_while(Result::ok).for_each(|line| obey(&line, &handle, &clients)));
    server.mount(mount).main(13254)
}
