use parlor_kit::{App, Client, ClientId, Close, Hub, Message, Server};

struct Hello;

impl App for Hello {
    type Request = Message;

    fn new_client(&mut self, client: &Client, hub: &mut Hub<'_>) {
        hub.send(client.id, "hello");
    }

    fn message_received(&mut self, client: ClientId, message: Message, hub: &mut Hub<'_>) {
        hub.send(client, message);
    }

    fn client_left(&mut self, _client: ClientId, _close: &Close, _hub: &mut Hub<'_>) {}
}

fn main() -> std::process::ExitCode {
    Server::new().app(&["/"], || Hello).main(9998)
}
