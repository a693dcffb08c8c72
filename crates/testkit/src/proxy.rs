//! A TCP proxy before a server: a network that a test can break.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// Forwards connections until it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    state: Arc<State>,
}

struct State {
    network: Mutex<Network>,
    changed: Condvar,
}

struct Network {
    /// `None`: new connections are ended at once.
    to: Option<SocketAddr>,
    /// Bytes stay where they are.
    is_held: bool,
    /// Bytes of the server are lost.
    is_swallowing: bool,
    is_over: bool,
    open: Vec<TcpStream>,
    count: usize,
}

impl Proxy {
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let network = Network {
            to: Some(server),
            is_held: false,
            is_swallowing: false,
            is_over: false,
            open: Vec::new(),
            count: 0,
        };
        let state = Arc::new(State { network: Mutex::new(network), changed: Condvar::new() });
        let accepting = state.clone();
        thread::spawn(move || listener.incoming().flatten().take_while(|client| accepting.accept(client)).count());
        Proxy { address, state }
    }

    /// New connections go to this server, or nowhere.
    pub fn lead_to(&self, server: Option<SocketAddr>) {
        self.state.network.lock().unwrap().to = server;
    }

    /// Resets all connections.
    pub fn cut(&self) {
        let open = std::mem::take(&mut self.state.network.lock().unwrap().open);
        for stream in open {
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.state.changed.notify_all();
    }

    /// While held, no byte passes in any direction, and no connection ends.
    pub fn hold(&self, is_held: bool) {
        self.state.network.lock().unwrap().is_held = is_held;
        self.state.changed.notify_all();
    }

    /// While it swallows, requests reach the server and its answers are lost. A connection that has lost bytes is of no use
    /// afterwards: [`cut`](Proxy::cut) it.
    pub fn swallow_answers(&self, swallows: bool) {
        self.state.network.lock().unwrap().is_swallowing = swallows;
    }

    /// Connections so far.
    pub fn count(&self) -> usize {
        self.state.network.lock().unwrap().count
    }
}

impl State {
    /// `false` when it is over.
    fn accept(self: &Arc<Self>, client: &TcpStream) -> bool {
        let mut network = self.network.lock().unwrap();
        if network.is_over {
            return false;
        }
        network.count += 1;
        let server = network.to.and_then(|to| TcpStream::connect(to).ok());
        let Some(server) = server else { return true };
        for (from, to, is_answer) in [(client, &server, false), (&server, client, true)] {
            from.set_nodelay(true).unwrap();
            network.open.push(from.try_clone().unwrap());
            let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            let state = self.clone();
            thread::spawn(move || state.forward(from, to, is_answer));
        }
        true
    }

    fn forward(&self, mut from: TcpStream, mut to: TcpStream, is_answer: bool) {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let network = self.changed.wait_while(self.network.lock().unwrap(), |network| network.is_held).unwrap();
            let is_lost = is_answer && network.is_swallowing;
            drop(network);
            if is_lost {
                continue;
            }
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        drop(self.changed.wait_while(self.network.lock().unwrap(), |network| network.is_held).unwrap());
        let _ = to.shutdown(Shutdown::Write);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.hold(false);
        self.cut();
        self.state.network.lock().unwrap().is_over = true;
        let _ = TcpStream::connect(self.address); // wakes the listener
    }
}
