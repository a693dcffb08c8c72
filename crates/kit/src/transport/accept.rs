//! Connections from their accept to their upgrade: counted by address, and closed when they make no progress.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_http::Protocol;
use actix_rt::net::TcpStream;
use actix_rt::time::sleep;
use actix_service::{Service, ServiceFactory, fn_factory, fn_service};
use futures_util::future::{Either, select};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::access::Gate;
use crate::access::connections::Counted;
use crate::access::rejection::Rejection;
use crate::moment::steady_now;

/// A connection that is not upgraded yet. It counts as one that waits until its socket is taken out.
pub struct Waiting {
    tcp: TcpStream,
    /// The time of its accept, or of the last bytes that it took.
    progress_at: Rc<Cell<Instant>>,
    counted: Counted,
}

impl Waiting {
    /// Takes it apart: the socket, and the place that it has as long as it is no client's.
    pub fn into_parts(self) -> (TcpStream, Counted) {
        (self.tcp, self.counted)
    }
}

/// A connection as actix's HTTP service takes it.
type Accepted = (Waiting, Protocol, Option<SocketAddr>);

/// Guards the accept: a connection too many is closed, the others are served by `http` for as long as they get on.
pub fn guarded<F>(
    http: F,
    gate: Arc<Gate>,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = F::Error, InitError = F::InitError>
where
    F: ServiceFactory<Accepted, Config = (), Response = ()> + 'static,
    F::Error: 'static,
{
    fn_factory(move || {
        let (service, gate) = (http.new_service(()), Arc::clone(&gate));
        async move {
            let service = Rc::new(service.await?);
            Ok(fn_service(move |tcp| serve(Rc::clone(&service), Arc::clone(&gate), tcp)))
        }
    })
}

async fn serve<S>(http: Rc<S>, gate: Arc<Gate>, tcp: TcpStream) -> Result<(), S::Error>
where
    S: Service<Accepted, Response = ()>,
{
    let Ok(peer) = tcp.peer_addr() else { return Ok(()) }; // it is gone already
    let Some(counted) = gate.handshakes.enter(Some(peer.ip()).filter(|address| !gate.rules.is_trusted(*address)))
    else {
        turn_away(&gate, &tcp);
        return Ok(());
    };
    let progress_at = Rc::new(Cell::new(steady_now()));
    let waiting = Waiting { tcp, progress_at: Rc::clone(&progress_at), counted };
    let serving = pin!(http.call((waiting, Protocol::Http1, Some(peer))));
    match select(serving, pin!(expired(progress_at, gate.rules.answer_within))).await {
        Either::Left((served, _)) => served,
        Either::Right(((), _)) => Ok(()),
    }
}

/// Ready when a connection has made no progress for too long. It holds for every request of a connection: actix looks only
/// after the first.
async fn expired(progress_at: Rc<Cell<Instant>>, within: Duration) {
    loop {
        let idle = steady_now().saturating_duration_since(progress_at.get());
        match within.checked_sub(idle) {
            Some(left) if !left.is_zero() => sleep(left).await,
            _ => return,
        }
    }
}

/// Answers at once, as far as the system takes it, without a look at the request.
fn turn_away(gate: &Gate, tcp: &TcpStream) {
    let message = gate.refuse(Rejection::Handshakes);
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\n\r\n{message}\n",
        message.len() + 1,
    );
    let _ = SockRef::from(tcp).send(answer.as_bytes()); // a peer that is gone needs none
}

impl Waiting {
    fn note<T>(&self, result: &Poll<io::Result<T>>) {
        if matches!(result, Poll::Ready(Ok(_))) {
            self.progress_at.set(steady_now());
        }
    }
}

impl AsyncRead for Waiting {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Waiting {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.note(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, slices);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }
}
