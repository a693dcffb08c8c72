//! The echo over TLS, with a certificate made at the start or your own, and a page.
//! 经由 TLS 的回显:证书可在启动时自动生成,也可用自己的;带网页。
//!
//! Run / 运行: `cargo run --release --example tls`, then open https://127.0.0.1:9443 and accept the certificate; wss://127.0.0.1:9443
//! Original client / 原版客户端: Python's `websockets`, the secure client of its tutorial (`ssl=`).

use std::error::Error;
use std::{env, fs};

use parlor_kit::{App, Client, ClientId, Close, Hub, Limits, Message, Program, Server, Tls};
use rcgen::generate_simple_self_signed;

struct Echo;

impl App for Echo {
    type Request = Message;

    fn new_client(&mut self, _client: &Client, _hub: &mut Hub<'_>) {}

    fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
        hub.send(client, message);
    }

    fn client_left(&mut self, _client: ClientId, _close: &Close, _hub: &mut Hub<'_>) {}

    fn limits(&self) -> Limits {
        Limits::open()
    }
}

/// A certificate for this machine that nobody has signed: browsers warn of it.
fn made() -> Result<Tls, Box<dyn Error>> {
    let made = generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    let both = env::temp_dir().join(format!("example-tls-{}.pem", std::process::id()));
    fs::write(&both, made.cert.pem() + &made.signing_key.serialize_pem())?;
    let tls = Tls::from_pem_files(&both, &both);
    fs::remove_file(&both)?;
    Ok(tls?)
}

fn main() -> std::process::ExitCode {
    Program::new(9443)
        .value("cert", "PATH", "PEM file with the certificate and its chain [default: one is made]")
        .value("key", "PATH", "PEM file with its private key")
        .main(|given| {
            let tls = match (given.value("cert"), given.value("key")) {
                (Some(certificate), Some(key)) => Tls::from_pem_files(certificate, key)?,
                (None, None) => made()?,
                _ => return Err("--cert and --key are used together".into()),
            };
            Ok(Server::new().page("/", include_str!("pages/echo.html")).app(&["/"], || Echo).tls(tls))
        })
}
