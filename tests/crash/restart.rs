//! Restarts on a socket that stays open: nobody who connects is refused.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parlor_testkit::process::Signal;
use parlor_testkit::{Launch, PATIENCE, Peer, Server, wait_until};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol, Socket, Type};

/// More than are there.
const FLAGS: [&str; 6] = [
    "--max-clients=20000",
    "--max-handshakes=10000",
    "--journal=memory",
    "--workers=2",
    "--log=info",
    "--shutdown-timeout=10s",
];
/// The time in which a server promises to stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// A listener as systemd opens it.
fn listener() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(4096).unwrap();
    socket.into()
}

fn launch(listener: &TcpListener) -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_parlor")).listener(listener.try_clone().unwrap()).flags(&FLAGS)
}

fn stop(server: &mut Server) {
    server.signal(Signal::TERM);
    let status = server.ended_within(STOP_WITHIN).expect("it ends in time");
    assert_eq!(status.code(), Some(0), "{}", server.log());
}

/// Attempts to connect, by their outcome.
#[derive(Default)]
struct Attempts {
    served: AtomicUsize,
    /// Answered with 503, or closed before an answer: the connection was accepted just before the server stopped.
    late: AtomicUsize,
    refused: AtomicUsize,
}

#[test]
fn restarts_under_load_refuse_nobody() {
    let listener = listener();
    let address = listener.local_addr().unwrap();
    let mut server = launch(&listener).start();
    let (attempts, is_over) = (Attempts::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    attempt(address, &attempts);
                }
            });
        }
        for _ in 0..3 {
            serves_more(&attempts);
            stop(&mut server);
            server.restart();
            assert_eq!(server.address, address);
        }
        serves_more(&attempts);
        is_over.store(true, Ordering::SeqCst);
    });
    let [served, late, refused] =
        [&attempts.served, &attempts.late, &attempts.refused].map(|count| count.load(Ordering::SeqCst));
    println!("{served} served, {late} accepted too late, {refused} refused");
    assert_eq!(refused, 0);
    assert!(served > late, "{served} served, {late} too late");
}

fn serves_more(attempts: &Attempts) {
    let before = attempts.served.load(Ordering::SeqCst);
    wait_until("more are served", || attempts.served.load(Ordering::SeqCst) >= before + 20);
}

fn attempt(address: SocketAddr, attempts: &Attempts) {
    let count = match TcpStream::connect(address) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => &attempts.refused,
        Err(error) => panic!("{error}"),
        Ok(tcp) => {
            tcp.set_read_timeout(Some(PATIENCE)).unwrap();
            if is_served(tcp) { &attempts.served } else { &attempts.late }
        }
    };
    count.fetch_add(1, Ordering::SeqCst);
}

fn is_served(mut tcp: TcpStream) -> bool {
    use std::io::{Read, Write};
    let (mut head, mut byte) = (Vec::new(), [0]);
    let asked = tcp.write_all(HANDSHAKE);
    while asked.is_ok() && !head.ends_with(b"\r\n\r\n") {
        match tcp.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("a connection is left alone"),
            Ok(_) | Err(_) => return false,
        }
    }
    head.starts_with(b"HTTP/1.1 101 ")
}

const HANDSHAKE: &[u8] = b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

#[test]
fn five_thousand_clients_come_back_at_once_and_none_is_refused() {
    const CLIENTS: usize = 5000;
    allow_files(CLIENTS as u64 * 2);
    let listener = listener();
    let address = listener.local_addr().unwrap();
    let mut server = launch(&listener).start();
    let mut peers = crowd(address, CLIENTS);
    server.signal(Signal::TERM);
    for peer in &mut peers {
        assert!(peer.hear_text().contains("\"welcome\""));
        assert!(peer.hear_text().contains("\"closing\""));
        peer.expect_close(1012);
    }
    assert_eq!(server.ended_within(STOP_WITHIN).expect("it ends in time").code(), Some(0), "{}", server.log());
    // They don't wait, as they should: all come while nobody is there.
    let back = thread::spawn(move || crowd(address, CLIENTS));
    server.restart();
    let mut peers = back.join().unwrap();
    for peer in &mut peers {
        assert!(peer.hear_text().contains("\"welcome\""));
    }
    let metrics = server.get("/metrics").body;
    let refused: Vec<&str> = metrics
        .lines()
        .filter(|line| line.contains("refus") && !line.starts_with('#') && !line.ends_with(" 0"))
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
    drop(peers); // nobody is to be waited for: the rest of the test is done
    stop(&mut server);
}

/// So many clients, each from an address of its own, that all connect before one of them hears an answer.
fn crowd(address: SocketAddr, count: usize) -> Vec<Peer> {
    let mut peers: Vec<Peer> = (0..count)
        .map(|index| {
            let mut peer = Peer::over(connect_from(index, address));
            peer.raw(HANDSHAKE);
            peer
        })
        .collect();
    for peer in &mut peers {
        let head = peer.head();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    }
    peers
}

fn connect_from(index: usize, to: SocketAddr) -> TcpStream {
    let [high, low] = u16::try_from(index).unwrap().to_be_bytes();
    let from = IpAddr::V4(Ipv4Addr::new(127, 1, high, low));
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
    socket.bind(&SocketAddr::new(from, 0).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    let tcp = TcpStream::from(socket);
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    tcp
}

fn allow_files(needed: u64) {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < needed) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum }).unwrap();
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let flags = ["--drain=10m", "--outbox-stall=10m"];
    let mut server = Launch::new(env!("CARGO_BIN_EXE_parlor")).flags(&flags).start();
    let mut lazy = Peer::narrow(server.address);
    let echo = format!(r#"{{"type":"echo","id":1,"body":"{}"}}"#, "x".repeat(60_000));
    lazy.tcp.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    while lazy.try_raw(&parlor_testkit::frames::frame(parlor_testkit::frames::TEXT, &echo)).is_ok() {}
    server.signal(Signal::TERM);
    wait_until("it is stopping", || server.get("/readyz").status == 503);
    server.signal(Signal::INT);
    assert_eq!(server.ended_within(PATIENCE).expect("it ends").code(), Some(0), "{}", server.log());
}

#[test]
fn what_is_passed_has_to_be_a_tcp_socket_that_listens() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let output = passed(&TcpListener::from(socket));
    assert!(output.contains("LISTEN_FDS") && output.contains("does not listen"), "{output}");
    let datagrams = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap();
    let output = passed(&TcpListener::from(datagrams));
    assert!(output.contains("LISTEN_FDS") && output.contains("no TCP socket"), "{output}");
}

fn passed(listener: &TcpListener) -> String {
    let directory = tempfile::tempdir().unwrap();
    let errors = directory.path().join("errors");
    let binary = env!("CARGO_BIN_EXE_parlor");
    let program = parlor_testkit::process::Program::with_listener(binary, listener);
    let mut process = program.args(["--journal=memory"]).directory(directory.path()).errors_to(&errors).start();
    assert_eq!(process.ended_within(PATIENCE).unwrap().code(), Some(1));
    std::fs::read_to_string(errors).unwrap()
}
