//! The WebSocket endpoint of one app: who may come in, and what begins then.

use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use actix_http::header::{self, HeaderMap};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Route, web};

use crate::server::admission::Permit;
use crate::server::attach::worker_state;
use crate::server::handle::AppHandle;
use crate::server::outbox::Outbox;
use crate::server::rejection::Rejection;
use crate::session::Session;
use crate::session::connection::Connection;
use crate::session::socket::Socket;
use crate::transport::event_stream::EventStream;
use crate::transport::http_error::HttpError;
use crate::transport::io::Io;
use crate::transport::upgrade::{Starter, can_upgrade};
use crate::transport::{handshake, origin};
use parlor_core::{App, Client, ClientId};

/// Serves WebSockets for an app, at whatever path it is mounted: with `App::route`, `Resource::route`, or as
/// `App::default_service` for any path. It answers every method, and works only under
/// [`upgrade::service`](crate::transport::upgrade::service).
pub fn route<A: App>(handle: AppHandle<A>) -> Route {
    web::to(move |request: HttpRequest| {
        let answer = answer(&handle, &request).unwrap_or_else(HttpResponse::from);
        async move { answer }
    })
}

/// The 101 answer with the session that is to begin on the socket.
fn answer<A: App>(handle: &AppHandle<A>, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
    check_origin(handle, request)?;
    let address = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    let permit = enter(handle, address)?;
    let mut builder = handshake::shake(request, A::subprotocols()).inspect_err(|_| {
        handle.metrics().refused_handshake.add(1);
    })?;
    if !can_upgrade(request) {
        return Err(HttpError::new(StatusCode::NOT_IMPLEMENTED, "WebSockets are not set up on this listener"));
    }
    let newcomer = newcomer(address, request);
    let handle = handle.clone();
    let mut answer = builder.finish();
    answer.extensions_mut().insert(Starter::new(move |io, begun| begin(handle, permit, newcomer, io, &begun)));
    Ok(answer)
}

fn begin<A: App>(
    handle: AppHandle<A>,
    permit: Permit,
    newcomer: impl FnOnce(ClientId) -> Client,
    io: Io,
    begun: &[u8],
) {
    let worker = worker_state(&handle);
    io.tune(worker.limits.heartbeat_timeout);
    let connection = Rc::new(Connection::new(io, Rc::clone(&worker)));
    let events = EventStream::<A>::new(Rc::clone(&connection), begun, permit);
    Session::open(handle, worker, connection as Rc<dyn Outbox>, newcomer, events);
}

fn check_origin<A: App>(handle: &AppHandle<A>, request: &HttpRequest) -> Result<(), HttpError> {
    let headers = request.headers();
    // A header that is not text matches no origin.
    let origins: Vec<&str> = headers.get_all(header::ORIGIN).map(|origin| origin.to_str().unwrap_or("")).collect();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origin::check(&handle.limits().origins, &origins, host).map_err(|rejection| reject(handle, rejection))
}

fn enter<A: App>(handle: &AppHandle<A>, address: IpAddr) -> Result<Permit, HttpError> {
    handle.admission().enter(address).map_err(|rejection| reject(handle, rejection))
}

/// Counts a rejection and makes it the answer.
fn reject<A: App>(handle: &AppHandle<A>, rejection: Rejection) -> HttpError {
    handle.metrics().rejected(rejection);
    let message = handle.explain(&rejection);
    match rejection {
        Rejection::Clients { .. } | Rejection::Address { .. } | Rejection::Closing => {
            HttpError::new(StatusCode::SERVICE_UNAVAILABLE, message).with(&[("retry-after", "5")])
        }
        Rejection::OriginMissing | Rejection::OriginRepeated | Rejection::OriginForeign => {
            HttpError::new(StatusCode::FORBIDDEN, message)
        }
    }
}

/// The headers that an app gets to see.
const SHOWN: [&str; 6] = ["origin", "user-agent", "accept-language", "cookie", "authorization", "x-forwarded-for"];
const SHOWN_BYTES_MAX: usize = 1024;

fn newcomer(address: IpAddr, request: &HttpRequest) -> impl FnOnce(ClientId) -> Client + 'static {
    let (path, query) = (request.path().to_owned(), request.query_string().to_owned());
    let headers = shown(request.headers());
    move |id| Client { id, address, path, query, headers }
}

fn shown(headers: &HeaderMap) -> Vec<(&'static str, String)> {
    let all = SHOWN.iter().flat_map(|name| headers.get_all(*name).map(|value| (*name, value)));
    let readable = all.filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
    readable.filter(|(_, value)| value.len() <= SHOWN_BYTES_MAX).map(|(name, value)| (name, value.to_owned())).collect()
}
