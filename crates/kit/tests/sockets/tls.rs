//! Sessions over TLS: the same promises as over TCP.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parlor_kit::{Access, Limits, Server, Tls};
use parlor_testkit::frames::{ACCEPT, CLOSE, Heard, TEXT, frame, handshake, parse};
use parlor_testkit::socket::Dial;
use parlor_testkit::{Peer, wait_until};
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use tempfile::TempDir;

use super::server::{Hosted, Log, Obedient, open};

/// A server over TLS, and the files of its certificate.
struct Secured {
    hosted: Hosted,
    tls: Tls,
    files: Files,
}

pub struct Files {
    _folder: TempDir,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Files {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files =
            Files { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem"), _folder: folder };
        files.renew();
        files
    }

    /// Writes a new pair.
    fn renew(&self) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        std::fs::write(&self.key, key.serialize_pem()).unwrap();
        std::fs::write(&self.certificate, certificate.pem()).unwrap();
    }
}

impl Secured {
    fn new(limits: Limits, access: Access) -> Self {
        let files = Files::new();
        let tls = Tls::from_pem_files(&files.certificate, &files.key).unwrap();
        let log = Arc::new(Log::default());
        let app_log = log.clone();
        let server = Server::new()
            .app(&["/ws"], move || Obedient { log: app_log.clone(), limits: limits.clone() })
            .workers(2)
            .access(access)
            .tls(tls.clone());
        Secured { hosted: Hosted::run(server, log), tls, files }
    }

    /// A WebSocket, over a connection that trusts the certificate in the file.
    fn peer(&self, dial: Dial, version: &'static SupportedProtocolVersion) -> TlsPeer {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.files.certificate).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let session = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
        let mut peer =
            TlsPeer { stream: StreamOwned::new(session, dial.connect(self.hosted.address)), read: Vec::new() };
        peer.stream.write_all(handshake("/ws", "").as_bytes()).unwrap();
        let end = loop {
            if let Some(end) = peer.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            assert!(peer.more());
        };
        let rest = peer.read.split_off(end + 4);
        let head = String::from_utf8(std::mem::replace(&mut peer.read, rest)).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 ") && head.contains(ACCEPT), "{head}");
        peer
    }

    fn join(&self) -> TlsPeer {
        self.peer(Dial::default(), &TLS13)
    }
}

/// A WebSocket client over TLS.
struct TlsPeer {
    stream: StreamOwned<ClientConnection, TcpStream>,
    read: Vec<u8>,
}

impl TlsPeer {
    fn text(&mut self, text: &str) {
        self.stream.write_all(&frame(TEXT, text)).unwrap();
    }

    /// Reads some bytes; false at the end.
    fn more(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        let read = self.stream.read(&mut buffer).unwrap();
        self.read.extend(&buffer[..read]);
        read > 0
    }

    fn hear(&mut self) -> Heard {
        loop {
            match parse(&self.read, false) {
                Some((heard, bytes)) => {
                    self.read.drain(..bytes);
                    if !matches!(heard, Heard::Ping(_)) {
                        return heard;
                    }
                }
                None => {
                    if !self.more() {
                        return Heard::End;
                    }
                }
            }
        }
    }

    #[track_caller]
    fn expect(&mut self, text: &str) {
        assert_eq!(self.hear(), Heard::Text(text.to_owned()));
    }

    /// Closes, and expects the answer and TLS's own end behind it: without that, reading would fail.
    fn leave(mut self) {
        self.stream.write_all(&frame(CLOSE, 1000_u16.to_be_bytes())).unwrap();
        assert!(matches!(self.hear(), Heard::Close(1000, _)));
        assert_eq!(self.hear(), Heard::End);
    }
}

#[test]
fn both_versions_carry_messages_of_every_size() {
    let secured = Secured::new(open().frame_bytes(8 << 20).outbox_bytes(64 << 20), Access::default());
    for version in [&TLS12, &TLS13] {
        let mut peer = secured.peer(Dial::default(), version);
        for bytes in [1, 125, 126, 16_383, 16_384, 16_385, 65_535, 65_536, 5 << 20] {
            let text = "x".repeat(bytes);
            peer.text(&text);
            peer.expect(&text);
        }
        peer.text("pour 200 70000");
        for index in 0..200 {
            assert_eq!(peer.hear(), Heard::Binary(vec![index; 70_000]));
        }
        peer.leave();
    }
    secured.hosted.log.wait("left", 2);
}

#[test]
fn a_message_may_come_in_records_of_one_byte_and_many_in_one_record() {
    let secured = Secured::new(open(), Access::default());
    let mut peer = secured.join();
    for byte in frame(TEXT, "slowly") {
        peer.stream.write_all(&[byte]).unwrap();
        peer.stream.flush().unwrap();
    }
    peer.expect("slowly");
    let many: Vec<u8> = (0..500).flat_map(|index| frame(TEXT, format!("{index}"))).collect();
    peer.stream.write_all(&many).unwrap();
    (0..500).for_each(|index| peer.expect(&format!("{index}")));
    peer.leave();
}

#[test]
fn a_broadcast_reaches_plain_order_over_many_sessions() {
    let secured = Secured::new(open(), Access::default());
    let mut peers: Vec<_> = (0..10).map(|_| secured.join()).collect();
    for peer in &mut peers {
        peer.text("join 1");
        peer.expect("joined");
    }
    for index in 0..100 {
        peers[0].text(&format!("say 1 {index} {}", "x".repeat(3000)));
    }
    for peer in &mut peers {
        (0..100).for_each(|index| peer.expect(&format!("{index} {}", "x".repeat(3000))));
    }
}

/// It reads less in the time of a stall than one record and the system's buffers hold.
#[test]
fn a_slow_but_steady_reader_is_never_given_up() {
    const BYTES: usize = 1 << 20;
    let secured =
        Secured::new(open().outbox_stall(Duration::from_millis(500)).outbox_bytes(64 << 20), Access::default());
    let mut slow = secured.peer(Dial::NARROW, &TLS13);
    slow.text(&format!("pour 1 {BYTES}"));
    let mut read = 0;
    let mut buffer = [0; 2 * 1024];
    while read < BYTES + 10 {
        let bytes = slow.stream.read(&mut buffer).unwrap();
        assert_ne!(bytes, 0, "put out after {read} bytes");
        read += bytes;
        std::thread::sleep(Duration::from_millis(if read < 700_000 { 8 } else { 0 }));
    }
    assert_eq!(secured.hosted.sample("slow_consumers_total"), 0);
}

#[test]
fn who_takes_nothing_is_given_up() {
    let secured =
        Secured::new(open().outbox_stall(Duration::from_millis(300)).outbox_bytes(64 << 20), Access::default());
    let mut stuck = secured.peer(Dial::NARROW, &TLS13);
    stuck.text("pour 300 100000");
    secured.hosted.log.wait("left", 1);
    assert_eq!((secured.hosted.sample("slow_consumers_total"), secured.hosted.sample("4000")), (1, 1));
}

/// The frame that was begun is finished, and the reason comes behind it.
#[test]
fn who_is_too_slow_and_still_reads_hears_why() {
    for version in [&TLS12, &TLS13] {
        let secured = Secured::new(open().outbox_bytes(1 << 20), Access::default());
        let mut slow = secured.peer(Dial::NARROW, version);
        slow.text("pour 20 600000");
        secured.hosted.log.wait("left", 1);
        let reason = loop {
            match slow.hear() {
                Heard::Binary(bytes) => assert_eq!(bytes.len(), 600_000),
                Heard::Close(4000, reason) => break reason,
                other => panic!("{other:?}"),
            }
        };
        assert!(reason.contains("too slow"), "{reason}");
    }
}

#[test]
fn a_new_certificate_is_for_new_connections_and_costs_the_others_nothing() {
    let secured = Secured::new(open(), Access::default());
    let mut old = secured.join();
    secured.files.renew();
    assert!(secured.tls.reload().unwrap());
    let mut new = secured.join(); // it trusts the new one alone
    for peer in [&mut old, &mut new] {
        peer.text("still here");
        peer.expect("still here");
    }
    old.leave();
    new.leave();
}

/// Each stops at another step of the handshake. They have no more time than the others, and their places come back.
#[test]
fn handshakes_that_stop_half_way_are_bounded() {
    let access = Access::default().answer_within(Duration::from_millis(500)).handshakes_per_address(4);
    let secured = Secured::new(open(), access);
    let hello = hello();
    let starts: [&[u8]; 4] = [b"", &hello[..1], &hello[..hello.len() / 2], &hello];
    let mut stopped: Vec<TcpStream> = starts
        .iter()
        .map(|start| {
            let mut tcp = Dial::default().connect(secured.hosted.address);
            tcp.write_all(start).unwrap();
            tcp
        })
        .collect();
    for tcp in &mut stopped {
        let mut buffer = [0; 4096];
        while !matches!(tcp.read(&mut buffer), Ok(0) | Err(_)) {}
    }
    wait_until("a place is free", || {
        let mut tcp = Dial::default().connect(secured.hosted.address);
        tcp.write_all(&hello).unwrap();
        matches!(tcp.read(&mut [0; 1]), Ok(1))
    });
    secured.join().leave();
}

fn hello() -> Vec<u8> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let mut session = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut hello = Vec::new();
    session.write_tls(&mut hello).unwrap();
    hello
}

#[test]
fn plain_http_is_told_to_use_tls() {
    let secured = Secured::new(open(), Access::default());
    let mut plain = Peer::dial(secured.hosted.address);
    let answer = plain.ask("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request"), "{answer}");
    assert!(String::from_utf8(plain.rest()).unwrap().contains("use https: or wss:"));
    secured.join().leave();
}

#[test]
fn junk_ends_one_connection() {
    let secured = Secured::new(open(), Access::default());
    let mut healthy = secured.join();
    for junk in [&[22, 3, 1, 255, 255, 1, 2, 3][..], &[0; 100], &[22, 3, 1, 0, 0]] {
        let mut tcp = Dial::default().connect(secured.hosted.address);
        tcp.write_all(junk).unwrap();
        tcp.shutdown(std::net::Shutdown::Write).unwrap();
        let mut buffer = [0; 4096];
        while !matches!(tcp.read(&mut buffer), Ok(0) | Err(_)) {}
    }
    // Amid a session: what does not decrypt ends it.
    let mut broken = secured.join();
    broken.stream.sock.write_all(&[23, 3, 3, 0, 5, 1, 2, 3, 4, 5]).unwrap();
    secured.hosted.log.wait("left", 1);
    let ended = broken.stream.read(&mut [0; 16]);
    assert!(
        ended.as_ref().is_err_and(|error| error.kind() != ErrorKind::WouldBlock) || matches!(ended, Ok(0)),
        "{ended:?}"
    );
    healthy.text("still here");
    healthy.expect("still here");
    healthy.leave();
}

/// Its connection is gone without a word: a session ends as over TCP.
#[test]
fn a_connection_that_drops_is_a_client_that_left() {
    let secured = Secured::new(open(), Access::default());
    let peer = secured.join();
    drop(peer.stream.sock);
    secured.hosted.log.wait("left", 1);
    assert_eq!(secured.hosted.sample("1006"), 1);
}
