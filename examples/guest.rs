#![allow(clippy::print_stdout, reason = "a program for a terminal")]

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
