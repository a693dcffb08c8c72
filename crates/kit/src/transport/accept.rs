//! Connections from their accept to their upgrade: counted by address, and closed when they make no progress.

use std::future::poll_fn;
use std::io::{IoSlice, Result as IoResult};
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_http::{Extensions, Protocol};
use actix_rt::net::TcpStream;
use actix_rt::time::{Instant, Sleep, sleep_until};
use actix_service::{Service, ServiceFactory, fn_factory, fn_service};
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::access::Gate;
use crate::access::connections::Counted;
use crate::access::rejection::Rejection;
use crate::moment::steady_now;
use crate::transport::http_connection::{HttpConnection, Place};
use crate::transport::http_stream::{HttpStream, Secure};
use crate::transport::io::Io;
use crate::transport::tcp;

/// A connection that is not upgraded yet.
pub struct Waiting {
    stream: HttpStream,
    connection: Rc<HttpConnection>,
}

impl Waiting {
    /// Takes it apart: the socket, and the place that it has as long as it is no client's.
    pub fn into_parts(self) -> (Io, Place) {
        (self.stream.into(), self.connection.leave())
    }
}

/// Lets requests find the state of their connection.
pub fn introduce(waiting: &Waiting, data: &mut Extensions) {
    data.insert(Rc::clone(&waiting.connection));
}

/// A connection as actix's HTTP service takes it.
type Accepted = (Waiting, Protocol, Option<SocketAddr>);

/// Guards the accept: a connection too many is closed, the others are served by `http` for as long as they get on.
pub fn guarded<F>(
    http: F,
    gate: Arc<Gate>,
    secure: Secure,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = F::Error, InitError = F::InitError>
where
    F: ServiceFactory<Accepted, Config = (), Response = ()> + 'static,
    F::Error: 'static,
{
    fn_factory(move || {
        let (service, gate, secure) = (http.new_service(()), Arc::clone(&gate), secure.clone());
        async move {
            let service = Rc::new(service.await?);
            Ok(fn_service(move |tcp| serve(Rc::clone(&service), Arc::clone(&gate), secure.clone(), tcp)))
        }
    })
}

async fn serve<S>(http: Rc<S>, gate: Arc<Gate>, secure: Secure, tcp: TcpStream) -> Result<(), S::Error>
where
    S: Service<Accepted, Response = ()>,
{
    let Ok(peer) = tcp.peer_addr() else { return Ok(()) }; // it is gone already
    let counted = match enter(&gate, peer.ip()) {
        Ok(counted) => counted,
        Err(rejection) => {
            turn_away(&gate, rejection, &tcp);
            return Ok(());
        }
    };
    tcp::tune(&tcp, gate.rules.answer_within);
    let Some(stream) = secure.open(tcp, gate.rules.answer_within).await else { return Ok(()) };
    let connection = HttpConnection::new(counted);
    let waiting = Waiting { stream, connection: Rc::clone(&connection) };
    let serving = pin!(http.call((waiting, Protocol::Http1, Some(peer))));
    match select(serving, pin!(surplus(connection, &gate, peer.ip()))).await {
        Either::Left((served, _)) => served,
        Either::Right(((), _)) => Ok(()),
    }
}

fn enter(gate: &Gate, peer: IpAddr) -> Result<Counted, Rejection> {
    gate.handshakes.enter(Some(peer).filter(|address| !gate.rules.is_trusted(*address)))
}

/// Ready when a connection has made no progress for too long, or there is no room for it any more. It holds for every request
/// of a connection: actix looks only after the first. It shares its task with the connection, and so is asked whenever
/// something has happened on that.
async fn surplus(connection: Rc<HttpConnection>, gate: &Gate, peer: IpAddr) {
    let mut alarm: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|cx| {
        let enter = || enter(gate, peer).inspect_err(|rejection| drop(gate.refuse(*rejection)));
        if !connection.settle(cx.waker(), || enter().ok()) {
            return Poll::Ready(());
        }
        loop {
            let Some(deadline) = connection.deadline(gate.rules.answer_within) else { return Poll::Pending };
            if deadline <= steady_now() {
                return Poll::Ready(());
            }
            let deadline = Instant::from_std(deadline);
            // One that comes too early looks again; that costs less than to set it with every progress.
            let set = alarm.take().filter(|alarm| alarm.deadline() <= deadline);
            let alarm = alarm.insert(set.unwrap_or_else(|| Box::pin(sleep_until(deadline))));
            if alarm.poll_unpin(cx).is_pending() {
                return Poll::Pending;
            }
            alarm.as_mut().reset(deadline);
        }
    })
    .await;
}

/// Answers at once, as far as the system takes it, without a look at the request.
fn turn_away(gate: &Gate, rejection: Rejection, tcp: &TcpStream) {
    let message = gate.refuse(rejection);
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\n\r\n{message}\n",
        message.len() + 1,
    );
    let _ = SockRef::from(tcp).send(answer.as_bytes()); // a peer that is gone needs none
}

impl Waiting {
    fn note<T>(&self, result: &Poll<IoResult<T>>) {
        match result {
            Poll::Ready(Ok(_)) => self.connection.progressed(),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.connection.blocked(),
        }
    }
}

impl AsyncRead for Waiting {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Waiting {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<IoResult<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.note(&written);
        written
    }

    /// The HTTP service flushes when everything is written. TLS may hold some of it still.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<IoResult<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        match flushed {
            Poll::Ready(_) => self.connection.flushed(),
            Poll::Pending => self.connection.blocked(),
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<IoResult<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
