//! One connection.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

pub struct Client {
    socket: WebSocket<TcpStream>,
    next_id: u64,
}

/// The connection is gone.
#[derive(Debug)]
pub struct Gone;

/// What waits longer than this waits for ever.
const PATIENCE: Duration = Duration::from_secs(60);

impl Client {
    /// And the `welcome`.
    pub fn connect(port: u16) -> Result<(Client, Value), Gone> {
        let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|_| Gone)?;
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (socket, _) = tungstenite::client(format!("ws://127.0.0.1:{port}/ws"), stream).map_err(|_| Gone)?;
        let mut client = Client { socket, next_id: 1 };
        let welcome = client.receive()?;
        assert_eq!(welcome["type"], "welcome");
        Ok((client, welcome))
    }

    /// Sends a request and answers with the id it was given, which no other has.
    pub fn send(&mut self, mut request: Value) -> Result<u64, Gone> {
        let id = self.next_id;
        self.next_id += 1;
        request["id"] = json!(id);
        self.socket.send(Message::text(request.to_string())).map_err(|_| Gone)?;
        Ok(id)
    }

    pub fn receive(&mut self) -> Result<Value, Gone> {
        self.receive_within(PATIENCE)?.ok_or_else(|| panic!("the server is silent"))
    }

    /// `None` if nothing comes.
    pub fn receive_within(&mut self, wait: Duration) -> Result<Option<Value>, Gone> {
        let until = Instant::now() + wait;
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.socket.get_ref().set_read_timeout(Some(left)).map_err(|_| Gone)?;
            match self.socket.read() {
                Ok(Message::Text(text)) => return Ok(Some(serde_json::from_str(&text).unwrap())),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Binary(_) | Message::Frame(_)) => panic!("no such frame was to come"),
                Ok(Message::Close(_)) => return Err(Gone),
                Err(tungstenite::Error::Io(error))
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return Err(Gone),
            }
        }
        Ok(None)
    }

    /// Asks and waits for the answer, which is to be `ok`. Events that come before it go to `events`.
    pub fn ask(&mut self, request: Value, events: &mut Vec<Value>) -> Result<Value, Gone> {
        let answer = self.ask_for_any(request.clone(), events)?;
        assert_eq!(answer["type"], "ok", "{request} → {answer}");
        Ok(answer)
    }

    /// The same, whatever the answer.
    pub fn ask_for_any(&mut self, request: Value, events: &mut Vec<Value>) -> Result<Value, Gone> {
        let id = self.send(request)?;
        loop {
            let frame = self.receive()?;
            if frame["re"] == id {
                return Ok(frame);
            }
            events.push(frame);
        }
    }

    /// The same, when no event matters.
    pub fn get(&mut self, request: Value) -> Value {
        self.ask(request, &mut Vec::new()).unwrap()
    }
}
