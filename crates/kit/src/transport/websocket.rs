//! The WebSocket endpoint of one app: who may come in, and what begins then.

use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use actix_http::header::{self, HeaderMap};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Route, web};

use crate::server::doors::{Full, Pass};
use crate::server::handle::AppHandle;
use crate::server::outbox::Outbox;
use crate::server::station::Station;
use crate::session::Session;
use crate::session::link::Link;
use crate::session::socket::Socket;
use crate::transport::inlet::Inlet;
use crate::transport::io::Io;
use crate::transport::refusal::Refusal;
use crate::transport::upgrade::{Starter, can_upgrade};
use crate::transport::{handshake, origin};
use parlor_core::app::{App, Client};
use parlor_core::ids::ClientId;

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
fn answer<A: App>(handle: &AppHandle<A>, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    check_origin(handle, request)?;
    let address = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    let pass = enter(handle, address)?;
    let mut builder = handshake::shake(request, A::subprotocols()).inspect_err(|_| {
        handle.metrics().refused_handshake.add(1);
    })?;
    if !can_upgrade(request) {
        return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "WebSockets are not set up on this listener"));
    }
    let newcomer = newcomer(address, request);
    let handle = handle.clone();
    let mut answer = builder.finish();
    answer.extensions_mut().insert(Starter::new(move |io, begun| begin(handle, pass, newcomer, io, &begun)));
    Ok(answer)
}

fn begin<A: App>(handle: AppHandle<A>, pass: Pass, newcomer: impl FnOnce(ClientId) -> Client, io: Io, begun: &[u8]) {
    let station = Station::here(&handle);
    io.tune(station.limits.heartbeat_timeout);
    let link = Rc::new(Link::new(io, Rc::clone(&station)));
    let events = Inlet::<A>::new(Rc::clone(&link), begun, pass);
    Session::open(handle, station, link as Rc<dyn Outbox>, newcomer, events);
}

fn check_origin<A: App>(handle: &AppHandle<A>, request: &HttpRequest) -> Result<(), Refusal> {
    let headers = request.headers();
    // One that is no text is nobody's.
    let origins: Vec<&str> = headers.get_all(header::ORIGIN).map(|origin| origin.to_str().unwrap_or("")).collect();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origin::check(&handle.limits().origins, &origins, host).map_err(|words| {
        handle.metrics().refused_origin.add(1);
        Refusal::new(StatusCode::FORBIDDEN, words)
    })
}

fn enter<A: App>(handle: &AppHandle<A>, address: IpAddr) -> Result<Pass, Refusal> {
    handle.doors().enter(address).map_err(|full| {
        handle.metrics().refused_full.add(1);
        let words = match full {
            Full::Clients { limit } => format!("the server is full: it takes {limit} clients (setting: max-clients)"),
            Full::Address { limit } => format!(
                "too many connections from this address: it may have {limit} (setting: max-clients-per-address)"
            ),
            Full::Closing => "the server is going down".to_owned(),
        };
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, words).with(&[("retry-after", "5")])
    })
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
