//! The connection under an HTTP request: plain, or over TLS.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::transport::io::Io;

#[cfg(feature = "tls")]
use {
    crate::transport::{closing, tls_socket::TlsSocket},
    actix_rt::time::timeout,
    log::debug,
    rustls::ServerConfig,
    socket2::SockRef,
    std::sync::Arc,
    tokio_rustls::{TlsAcceptor, server::TlsStream},
};

/// A connection whose requests are read.
pub enum HttpStream {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<TcpStream>>),
}

/// The choice between plain HTTP and TLS, which is a listener's.
#[derive(Clone)]
pub struct Secure(#[cfg(feature = "tls")] Option<TlsAcceptor>);

impl Secure {
    pub fn plain() -> Self {
        Secure(
            #[cfg(feature = "tls")]
            None,
        )
    }

    #[cfg(feature = "tls")]
    pub fn tls(config: Arc<ServerConfig>) -> Self {
        Secure(Some(TlsAcceptor::from(config)))
    }

    /// Shakes hands, if that is asked for. `None`: there was none within the time, and the connection is done with.
    #[cfg(feature = "tls")]
    pub async fn open(&self, tcp: TcpStream, within: Duration) -> Option<HttpStream> {
        let Some(acceptor) = &self.0 else { return Some(HttpStream::Plain(tcp)) };
        let opening = async {
            if speaks_plain_http(&tcp).await {
                return Err(Some(tcp));
            }
            acceptor.accept(tcp).await.map_err(|error| {
                debug!("TLS handshake failed: {error}");
                None
            })
        };
        match timeout(within, opening).await {
            Ok(Ok(stream)) => Some(HttpStream::Tls(Box::new(stream))),
            Ok(Err(Some(plain))) => {
                let answer = plain_http_refused();
                let _ = SockRef::from(&plain).send(answer.as_bytes()); // a peer that is gone needs none
                closing::hang_up(&Io::Tcp(plain)).await;
                None
            }
            Ok(Err(None)) | Err(_) => None,
        }
    }

    /// A plain connection needs no opening.
    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_async, reason = "with TLS it waits for the handshake")]
    pub async fn open(&self, tcp: TcpStream, _: Duration) -> Option<HttpStream> {
        Some(HttpStream::Plain(tcp))
    }
}

/// The answer to who typed `http:` for `https:`.
#[cfg(feature = "tls")]
fn plain_http_refused() -> String {
    const MESSAGE: &str = "this port speaks TLS: use https: or wss: in the address\n";
    format!(
        "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\n\r\n{MESSAGE}",
        MESSAGE.len(),
    )
}

/// Looks at the first byte without taking it: a request begins with a letter, a TLS record with its type, 22 (RFC 8446 §5.1).
#[cfg(feature = "tls")]
async fn speaks_plain_http(tcp: &TcpStream) -> bool {
    let mut first = [0];
    tcp.peek(&mut first).await.is_ok_and(|bytes| bytes == 1 && first[0].is_ascii_alphabetic())
}

impl From<HttpStream> for Io {
    fn from(stream: HttpStream) -> Self {
        match stream {
            HttpStream::Plain(tcp) => Io::Tcp(tcp),
            #[cfg(feature = "tls")]
            HttpStream::Tls(tls) => {
                let (tcp, session) = tls.into_inner();
                Io::Tls(TlsSocket::new(tcp, session))
            }
        }
    }
}

impl AsyncRead for HttpStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            HttpStream::Plain(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            #[cfg(feature = "tls")]
            HttpStream::Tls(tls) => Pin::new(tls).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for HttpStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            HttpStream::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            #[cfg(feature = "tls")]
            HttpStream::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            HttpStream::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            #[cfg(feature = "tls")]
            HttpStream::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            HttpStream::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            #[cfg(feature = "tls")]
            HttpStream::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            HttpStream::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, slices),
            #[cfg(feature = "tls")]
            HttpStream::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            HttpStream::Plain(tcp) => tcp.is_write_vectored(),
            #[cfg(feature = "tls")]
            HttpStream::Tls(tls) => tls.is_write_vectored(),
        }
    }
}
