//! The same over TLS, which holds bytes of its own between a body and the socket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use parlor_kit::Tls;
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

use super::*;

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// Soon, and time enough for a handshake on a busy machine.
const AFTER_A_HANDSHAKE: Duration = Duration::from_secs(4);

/// A host with a certificate, and what a client needs to trust it.
struct Secured {
    host: Host,
    config: Arc<ClientConfig>,
}

impl Secured {
    fn new(answer_within: Duration, stall: Duration, version: &'static SupportedProtocolVersion) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (certificate_file, key_file) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        std::fs::write(&key_file, key.serialize_pem()).unwrap();
        std::fs::write(&certificate_file, certificate.pem()).unwrap();
        let tls = Tls::from_pem_files(&certificate_file, &key_file).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(certificate)).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let host = Host::with(answer_within, stall, |server| server.tls(tls));
        Secured { host, config: Arc::new(config) }
    }

    /// Sends a request over a new connection.
    fn begin(&self, dial: Dial, request: &str) -> Stream {
        let session =
            ClientConnection::new(Arc::clone(&self.config), ServerName::try_from("localhost").unwrap()).unwrap();
        let mut stream = StreamOwned::new(session, dial.connect(self.host.address));
        stream.write_all(request.as_bytes()).unwrap();
        stream.flush().unwrap();
        stream
    }

    fn post(&self, target: &str, body: &str) -> String {
        let length = body.len();
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        let mut answer = String::new();
        self.begin(Dial::default(), &(head + body)).read_to_string(&mut answer).unwrap();
        answer
    }

    /// Opens a session for which messages wait.
    fn session(&self, order: &str) -> String {
        let opened = self.post("/api/sessions", "");
        let (_, secret) = opened.split_once("{\"session\":\"").unwrap();
        let path = format!("/api/sessions/{}", secret.split('"').next().unwrap());
        let sent = self.post(&format!("{path}/send"), &format!("\"{order}\""));
        assert!(sent.starts_with("HTTP/1.1 202 "), "{sent}");
        path
    }

    /// Asks for a page and does not read the answer.
    fn stuck(&self, target: &str) -> Stream {
        self.begin(Dial::NARROW, &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    /// The peers go on to exist, and the server's ends of them get closed.
    fn are_put_out(&self, peers: Vec<Stream>) {
        wait_until("the server's ends are closed", || descriptors(&self.host) == 0);
        drop(peers);
        assert!(self.post("/api/sessions", "").starts_with("HTTP/1.1 201 "), "others are served");
    }
}

#[test]
fn who_does_not_read_a_large_answer_over_tls() {
    let secured = Secured::new(AFTER_A_HANDSHAKE, LATE, &TLS13);
    let peers: Vec<Stream> = (0..5).map(|_| secured.stuck("/large")).collect();
    secured.are_put_out(peers);
}

#[test]
fn who_does_not_read_what_goes_on_or_a_poll_over_tls() {
    for version in [&TLS12, &TLS13] {
        for way in ["events", "stream", "poll?wait_ms=30000"] {
            let secured = Secured::new(LATE, SOON, version);
            let count = if way.starts_with("poll") { "1 16000000" } else { "300 50000" };
            let session = || secured.stuck(&format!("{}/{way}", secured.session(count)));
            secured.are_put_out((0..5).map(|_| session()).collect());
            assert_eq!(secured.host.slow_consumers(), 0.0, "the sessions may go on with other receivers");
        }
    }
}

/// A small answer goes into the system's buffers: there it waits for a peer that takes nothing.
#[test]
fn who_does_not_take_even_a_little_over_tls() {
    let secured = Secured::new(AFTER_A_HANDSHAKE, LATE, &TLS13);
    let peers: Vec<Stream> = (0..5).map(|_| secured.stuck(&format!("{}/stream", secured.session("1 20000")))).collect();
    secured.are_put_out(peers);
}
