//! The WebSocket endpoint of one app: who may come in, and what begins then.

use std::net::IpAddr;
use std::rc::Rc;

use actix_http::body::BoxBody;
use actix_http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Route, web};
use bytes::BytesMut;

use crate::server::admission::Permit;
use crate::server::attach::worker_state;
use crate::server::handle::AppHandle;
use crate::server::outbox::Outbox;
use crate::server::protocol::Protocol;
use crate::session::Session;
use crate::session::connection::Connection;
use crate::session::socket::Socket;
use crate::transport::body_socket::BodySocket;
use crate::transport::event_stream::EventStream;
use crate::transport::http_error::HttpError;
use crate::transport::io::Io;
use crate::transport::upgrade::{Starter, can_upgrade};
use crate::transport::{entrance, handshake, newcomer};
use futures_util::StreamExt;
use parlor_core::wire::deflate::WindowBits;
use parlor_core::{Client, ClientId};

/// Serves WebSockets for an app, at whatever path it is mounted. It answers every method. Under
/// [`upgrade::service`](crate::transport::upgrade::service) the session gets the socket; under another HTTP server, the
/// request's payload and the response's body.
pub fn route<P: Protocol>(handle: AppHandle<P>) -> Route {
    web::to(move |request: HttpRequest, payload: web::Payload| {
        let handle = handle.clone();
        async move { answer(handle, &request, payload).await.unwrap_or_else(|refused| refused) }
    })
}

/// The 101 answer with the session that is to begin.
async fn answer<P: Protocol>(
    handle: AppHandle<P>,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, HttpResponse> {
    entrance::check_origin(&handle, request).map_err(|rejection| entrance::reject(&handle, rejection))?;
    let address = entrance::client_address(&handle, request);
    let permit = handle.admission().enter(address).map_err(|rejection| entrance::reject(&handle, rejection))?;
    let (mut answer, window) = shake(&handle, request).inspect_err(|error| {
        handle.metrics().refused_handshake.add(1);
        handle.gate().rejections.refused("handshake", &error.message);
    })?;
    let handshake = newcomer::handshake(request, address);
    let admitted = newcomer::admit(&handle, &handshake).await?;
    let mut answer = answer.finish();
    let spoken = answer.headers().get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|name| name.to_str().ok());
    let subprotocol = spoken.map(str::to_owned);
    let newcomer = move |id| {
        let mut client = Client::new(id, handshake);
        client.subprotocol = subprotocol;
        client.admitted = admitted;
        client
    };
    if !can_upgrade(request) {
        let (socket, body) = BodySocket::new(payload);
        begin(handle, permit, address, newcomer, window, Io::Body(socket), &[]);
        return Ok(answer.set_body(BoxBody::new(body)));
    }
    let starter = move |io, begun: BytesMut| begin(handle, permit, address, newcomer, window, io, &begun);
    answer.extensions_mut().insert(Starter::new(starter));
    Ok(answer)
}

/// Returns the 101 answer, and the window if messages are compressed.
fn shake<P: Protocol>(
    handle: &AppHandle<P>,
    request: &HttpRequest,
) -> Result<(HttpResponseBuilder, Option<WindowBits>), HttpError> {
    let mut answer = handshake::shake(request, P::subprotocols())?;
    if handle.limits().compression.is_none() {
        return Ok((answer, None));
    }
    let agreement = handshake::compress(request, &mut answer)?;
    Ok((answer, agreement.map(|agreement| agreement.window)))
}

fn begin<P: Protocol>(
    handle: AppHandle<P>,
    permit: Permit,
    address: IpAddr,
    newcomer: impl FnOnce(ClientId) -> Client,
    window: Option<WindowBits>,
    io: Io,
    begun: &[u8],
) {
    let worker = worker_state(&handle);
    io.tune(worker.limits.heartbeat_timeout);
    let connection = Rc::new(Connection::new(io, Rc::clone(&worker), window));
    if window.is_some() {
        worker.metrics.compressed_connections.add(1);
    }
    let events = EventStream::<P>::new(Rc::clone(&connection), begun, permit);
    if let Some(close) = handle.denied() {
        connection.close(&close);
        actix_rt::spawn(events.for_each(|_| std::future::ready(())));
        return;
    }
    Session::open(handle, worker, connection as Rc<dyn Outbox>, address, newcomer, events);
}
