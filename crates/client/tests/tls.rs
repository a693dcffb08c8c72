//! `wss:` addresses.

#![allow(clippy::unwrap_used)]
#![cfg(feature = "rustls")]

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::SinkExt;
use parlor_client::{Client, Options, Update};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::ring};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::Message;

const WELCOME: &str = r#"{"type":"welcome","protocol":1,"session":"s","user":{"id":"u","name":"guest-7"},"token":"t",
    "server_time":"2026-11-21T01:31:00.123Z","heartbeat_ms":25000,
    "limits":{"frame_bytes":65536,"body_chars":4096,"presence_room":64,"recover_events":1000,"rooms":64,
              "rate_per_second":20,"rate_burst":40}}"#;

/// A server that says its welcome over TLS, and its certificate.
async fn server() -> (SocketAddr, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            socket.send(Message::text(WELCOME)).await.unwrap();
            std::future::pending::<()>().await;
        }
    });
    (address, certificate)
}

#[tokio::test]
async fn a_certificate_that_is_trusted_is_connected_to_and_another_is_not() {
    let (address, certificate) = server().await;
    let url = format!("wss://localhost:{}/ws", address.port());

    let (distrustful, mut updates) = Client::connect(&url).unwrap();
    let waits = tokio::time::timeout(std::time::Duration::from_millis(500), distrustful.ready()).await;
    assert!(waits.is_err(), "it goes on trying: {waits:?}");
    distrustful.close().await;
    assert!(matches!(updates.next().await, Some(Update::Closed(_))));

    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (trusting, _updates) = Client::connect_with(&url, Options::default().tls(Arc::new(config))).unwrap();
    assert_eq!(trusting.ready().await.unwrap().name, "guest-7");
}
