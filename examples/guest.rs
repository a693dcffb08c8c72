//! A client of the product: it joins a room, says hello, and prints what is said there.
//! Parlor 的客户端:加入房间、打招呼,并打印房间里的消息。
//!
//! Run / 运行: `cargo run --release`, and beside it `cargo run --release --example guest` (an address as argument is optional)

#![allow(clippy::print_stdout, reason = "its output is for people")]

use parlor_client::{Client, Error, Event, Update};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "ws://127.0.0.1:8080/ws".to_owned());
    let (client, mut updates) = Client::connect(&address)?;
    client.join("tea").await?;
    client.say("tea", "hello").await?;
    while let Some(update) = updates.next().await {
        if let Update::Event(Event::Message(message)) = update {
            println!("{}: {}", message.from.name, message.body);
        }
    }
    Ok(())
}
