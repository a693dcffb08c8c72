//! A load balancer without memory: each request goes to the next server, also those of one connection.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::socket::Dial;

/// Serves until it is dropped. A server sees the address of the client: connections to it come from there.
pub struct Balancer {
    pub address: SocketAddr,
    rota: Arc<Rota>,
}

struct Rota {
    servers: Mutex<Vec<SocketAddr>>,
    first_for: fn(&str) -> bool,
    next: AtomicUsize,
    is_over: AtomicBool,
}

impl Balancer {
    pub fn over(servers: Vec<SocketAddr>) -> Self {
        Self::with(servers, |_| false)
    }

    /// Requests whose first line is one of these go to the first server.
    pub fn with(servers: Vec<SocketAddr>, first_for: fn(&str) -> bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (servers, next, is_over) = (Mutex::new(servers), AtomicUsize::new(0), AtomicBool::new(false));
        let rota = Arc::new(Rota { servers, first_for, next, is_over });
        let serving = Arc::clone(&rota);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if serving.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let rota = Arc::clone(&serving);
                thread::spawn(move || drop(Passage::new(client, rota).and_then(Passage::run))); // its client is told by the end
            }
        });
        Balancer { address, rota }
    }

    /// Sends further requests to these servers.
    pub fn lead_to(&self, servers: Vec<SocketAddr>) {
        *self.rota.servers.lock().unwrap() = servers;
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.rota.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address); // wakes the listener
    }
}

impl Rota {
    /// The server for a request. One that does not answer is passed over.
    fn choose(&self, line: &str) -> usize {
        if (self.first_for)(line) { 0 } else { self.next.fetch_add(1, Ordering::SeqCst) }
    }
}

/// A client's connection, and those to servers that were made for it.
struct Passage {
    client: Half,
    rota: Arc<Rota>,
    servers: Vec<(SocketAddr, Half)>,
}

/// A connection with what was read of it and not used.
struct Half {
    tcp: TcpStream,
    read: Vec<u8>,
}

/// The answer when no server is there.
const BAD_GATEWAY: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Time between two looks whether a client is there still.
const LOOK_EVERY: Duration = Duration::from_millis(20);

impl Passage {
    fn new(client: TcpStream, rota: Arc<Rota>) -> io::Result<Self> {
        client.set_nodelay(true)?;
        Ok(Passage { client: Half { tcp: client, read: Vec::new() }, rota, servers: Vec::new() })
    }

    fn run(mut self) -> io::Result<()> {
        while let Some(head) = self.client.head()? {
            let head_text = String::from_utf8_lossy(&head).to_lowercase();
            let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
            let length = field(&head_text, "content-length").map_or(0, |length| length.parse().unwrap());
            let Ok(mut server) = self.server(&line) else {
                return self.client.tcp.write_all(BAD_GATEWAY);
            };
            server.tcp.write_all(&head)?;
            let mut left: usize = length;
            while left > 0 {
                let part = self.client.take(left)?;
                left -= part.len();
                if server.tcp.write_all(&part).is_err() {
                    break; // it may have answered before
                }
            }
            let is_head = line.starts_with("HEAD ");
            let goes_on = self.answer(&mut server, is_head)?;
            if !goes_on {
                return Ok(());
            }
            let to = server.tcp.peer_addr()?;
            self.servers.push((to, server));
        }
        Ok(())
    }

    fn server(&mut self, line: &str) -> io::Result<Half> {
        let all = self.rota.servers.lock().unwrap().clone();
        let begin = self.rota.choose(line);
        let mut result = Err(ErrorKind::NotConnected.into());
        for index in 0..all.len() {
            let to = all[(begin + index) % all.len()];
            if let Some(at) = self.servers.iter().position(|(known, _)| *known == to) {
                let (_, server) = self.servers.swap_remove(at);
                if !server.has_ended() {
                    return Ok(server);
                }
            }
            let dial = Dial { from: Some(self.client.tcp.peer_addr()?.ip()), ..Dial::default() };
            result = dial.try_connect(to).map(|tcp| Half { tcp, read: Vec::new() });
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// Passes an answer on. Returns false if the connection ends with it.
    fn answer(&mut self, server: &mut Half, is_head: bool) -> io::Result<bool> {
        let Some(head) = self.from(server, |server| server.try_head())? else { return Ok(false) };
        self.client.tcp.write_all(&head)?;
        let text = String::from_utf8_lossy(&head).to_lowercase();
        let status = crate::http::status(&text);
        if status == 101 {
            self.join(server)?;
            return Ok(false);
        }
        if field(&text, "transfer-encoding").is_some() {
            while let Some(chunk) = self.from(server, Half::try_chunk)? {
                self.client.tcp.write_all(&chunk)?;
                if chunk == b"0\r\n\r\n" {
                    break;
                }
            }
        } else if !is_head && status != 204 {
            let mut left: usize = field(&text, "content-length").map_or(0, |length| length.parse().unwrap());
            while left > 0 {
                let part = self.from(server, |server| server.try_part(left))?;
                let part = part.ok_or(ErrorKind::UnexpectedEof)?;
                left -= part.len();
                self.client.tcp.write_all(&part)?;
            }
        }
        Ok(field(&text, "connection") != Some("close"))
    }

    /// Waits for something from a server, for as long as the client is there. `None` at the server's end.
    fn from(&self, server: &mut Half, take: impl Fn(&mut Half) -> Option<Vec<u8>>) -> io::Result<Option<Vec<u8>>> {
        server.tcp.set_read_timeout(Some(LOOK_EVERY))?;
        loop {
            if let Some(taken) = take(server) {
                server.tcp.set_read_timeout(None)?;
                return Ok(Some(taken));
            }
            match server.more() {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if self.client.has_ended() {
                        return Err(ErrorKind::BrokenPipe.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Passes all bytes on, both ways.
    fn join(&mut self, server: &mut Half) -> io::Result<()> {
        self.client.tcp.write_all(&server.read)?;
        server.tcp.write_all(&self.client.read)?;
        server.tcp.set_read_timeout(None)?;
        let (mut from, mut to) = (server.tcp.try_clone()?, self.client.tcp.try_clone()?);
        let back = thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to); // its end is told
            let _ = to.shutdown(Shutdown::Write);
        });
        let _ = io::copy(&mut self.client.tcp, &mut server.tcp); // likewise
        let _ = server.tcp.shutdown(Shutdown::Write);
        let _ = back.join();
        Ok(())
    }
}

impl Half {
    /// A request's head; `None` at the end.
    fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(head) = self.try_head() {
                return Ok(Some(head));
            }
            if self.more()? == 0 {
                return Ok(None);
            }
        }
    }

    fn take(&mut self, max: usize) -> io::Result<Vec<u8>> {
        if self.read.is_empty() && self.more()? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(self.read.drain(..max.min(self.read.len())).collect())
    }

    fn try_part(&mut self, max: usize) -> Option<Vec<u8>> {
        (!self.read.is_empty()).then(|| self.read.drain(..max.min(self.read.len())).collect())
    }

    fn try_head(&mut self) -> Option<Vec<u8>> {
        let end = self.read.windows(4).position(|four| four == b"\r\n\r\n")?;
        Some(self.read.drain(..end + 4).collect())
    }

    /// A chunk with its size and its end (RFC 9112 §7.1).
    fn try_chunk(&mut self) -> Option<Vec<u8>> {
        let line = self.read.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&self.read[..line]).unwrap(), 16).unwrap();
        let whole = line + 2 + size + 2;
        (self.read.len() >= whole).then(|| self.read.drain(..whole).collect())
    }

    fn more(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 16 * 1024];
        let bytes = self.tcp.read(&mut buffer)?;
        self.read.extend(&buffer[..bytes]);
        Ok(bytes)
    }

    fn has_ended(&self) -> bool {
        let mut byte = [0];
        let _ = self.tcp.set_nonblocking(true);
        let peeked = self.tcp.peek(&mut byte);
        let _ = self.tcp.set_nonblocking(false);
        match peeked {
            Ok(bytes) => bytes == 0,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }
}

/// The value of a header in a head in lower case.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
