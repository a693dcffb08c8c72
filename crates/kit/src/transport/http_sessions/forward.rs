//! Requests of sessions that live on another server: passed on, and their answers brought back as they come.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::body::BoxBody;
use actix_http::header::{self, HeaderName, HeaderValue};
use actix_http::{ConnectionType, RequestHead, ResponseHead, StatusCode};
use actix_rt::time::{sleep, timeout};
use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};

use crate::access::connections::Connections;
use crate::peers::NodeName;
use crate::server::handle::AppHandle;
use crate::server::protocol::Protocol;
use crate::transport::entrance;
use crate::transport::http_connection::{HttpConnection, Seat};
use crate::transport::http_sessions::answer::close_connection;
use crate::transport::http_sessions::command::StreamForm;
use crate::transport::http_sessions::forwarded::{Counts, Forwarded};
use crate::transport::http_sessions::problem::Problem;
use crate::transport::http_sessions::query;
use crate::transport::http_sessions::secret::Key;
use crate::transport::peers::{Asked, HEADER, PeerBody, PeerError, PeerLink, Pool};

/// The way from a worker of one server to an app's other servers.
pub struct Forwarder {
    link: Arc<PeerLink>,
    pool: Rc<Pool>,
    /// Connections here that receive for sessions elsewhere.
    receivers: Arc<Connections>,
}

/// The session of a request, and the server that it names.
pub struct Elsewhere {
    pub node: NodeName,
    pub key: Key,
}

/// The kinds of requests, by how their answers come.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Soon.
    Short,
    /// When there are frames, or the time is over.
    Poll,
    /// They go on.
    Stream(StreamForm),
}

/// The answer to a request that ends because this server stops. The client asks again, and reaches another one.
pub type Interrupted = fn(Kind) -> HttpResponse;

/// The time for which a server that is not known is looked for.
const KNOWN_WITHIN: Duration = Duration::from_secs(1);
const LOOKED_FOR_EVERY: Duration = Duration::from_millis(20);

/// An answer begins within this, besides the wait of a poll: a send may wait for room for 10 s.
const ANSWER_WITHIN: Duration = Duration::from_secs(12);

/// Headers of requests that sessions look at. The server that the client reached has looked at all others.
const PASSED: [HeaderName; 4] =
    [header::ACCEPT, header::CONTENT_TYPE, header::CONTENT_ENCODING, HeaderName::from_static("last-event-id")];

/// Headers of an answer that are about its connection (RFC 9110 §7.6.1), or that are written anew.
const OF_CONNECTION: [HeaderName; 7] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::DATE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

impl Forwarder {
    pub fn new(link: Arc<PeerLink>, receivers: Arc<Connections>) -> Self {
        Forwarder { link, pool: Rc::default(), receivers }
    }

    /// Returns the name of this server.
    pub fn me(&self) -> NodeName {
        self.link.me()
    }

    /// Finds out where a server is. One that has just started may not be known here yet: it is waited for, for a moment.
    async fn address_of(&self, node: &NodeName) -> Option<String> {
        for _ in 0..KNOWN_WITHIN.as_millis() / LOOKED_FOR_EVERY.as_millis() {
            if let Some(address) = self.link.address_of(node) {
                return Some(address);
            }
            sleep(LOOKED_FOR_EVERY).await;
        }
        self.link.address_of(node)
    }

    /// Passes a request on to the server that has its session. `body`: that of a request which has one.
    ///
    /// # Errors
    /// If that server is gone, or does not answer: then so is the session.
    pub async fn forward<P: Protocol>(
        &self,
        handle: &AppHandle<P>,
        to: &Elsewhere,
        kind: Kind,
        (request, body): (&HttpRequest, Option<Bytes>),
        interrupted: Interrupted,
    ) -> Result<HttpResponse, Problem> {
        let gone = || Problem::no_such_session(None);
        let address = self.address_of(&to.node).await.ok_or_else(gone)?;
        handle.metrics().forwards_out.add(1);
        let counts = self.count(handle, to.key, kind, request);
        let asked = Asked { head: self.head(request, &to.node, &address), body };
        let asking = timeout(answer_within(kind, request), self.pool.ask(&address, asked, is_repeatable(request)));
        let mut leaving = self.leaving(kind);
        let answered = match select(pin!(asking), &mut leaving).await {
            Either::Left((answered, _)) => answered,
            Either::Right(((), _)) => return Ok(interrupted(kind)),
        };
        let answered = answered.unwrap_or_else(|_| Err(PeerError::new("no answer in time")));
        let (head, body) = answered.and_then(is_from_a_peer).map_err(|error| {
            handle.gate().rejections.not_passed_on(&format!("node {} at {address}: {error}", to.node));
            handle.metrics().forwards_failed.add(1);
            gone()
        })?;
        let forwarded = Forwarded::new(body, content_length(&head), handle.limits().heartbeat_timeout, leaving, counts);
        let mut response = response(&head, forwarded);
        // The last answer there is the last one here. Places for connections may be scarce here alone.
        let is_last = head.connection_type() == ConnectionType::Close || head.status == StatusCode::NOT_FOUND;
        if is_last || handle.gate().handshakes.is_scarce() {
            close_connection(&mut response);
        }
        Ok(response)
    }

    /// Counts a request as its connection's, until its answer is written. A receiver may stay without bytes; if there is no
    /// place for one more, its connection goes on to count as one that waits.
    fn count<P: Protocol>(&self, handle: &AppHandle<P>, key: Key, kind: Kind, request: &HttpRequest) -> Counts {
        let Some(connection) = request.conn_data::<Rc<HttpConnection>>() else { return Counts::default() };
        match kind {
            Kind::Short => Counts::new(connection.occupy(None), None),
            Kind::Poll | Kind::Stream(_) => {
                let address = entrance::client_address(handle, request);
                let counts_addresses = handle.limits().clients_per_address != usize::MAX;
                let counted = self.receivers.enter(counts_addresses.then_some(address)).ok();
                let seat = counted.map(|counted| Seat::elsewhere(key, counted));
                if let Some(seat) = &seat {
                    connection.sit(Arc::clone(seat));
                }
                Counts::new(connection.occupy(Some(handle.limits().outbox_stall)), seat)
            }
        }
    }

    fn head(&self, request: &HttpRequest, node: &NodeName, address: &str) -> RequestHead {
        let mut head = RequestHead::default();
        head.method = request.method().clone();
        head.uri = request.uri().clone();
        for name in PASSED {
            if let Some(value) = request.headers().get(&name) {
                head.headers.insert(name, value.clone());
            }
        }
        let own = [(header::HOST, address), (HEADER, &self.link.token(node))];
        for (name, value) in own {
            if let Ok(value) = HeaderValue::from_str(value) {
                head.headers.insert(name, value);
            }
        }
        head
    }

    /// Ready when a receiver is to go on at another server. Other requests are answered to the end.
    fn leaving(&self, kind: Kind) -> LocalBoxFuture<'static, ()> {
        match kind {
            Kind::Short => std::future::pending().boxed_local(),
            Kind::Poll | Kind::Stream(_) => {
                let link = Arc::clone(&self.link);
                async move { link.leaving().await }.boxed_local()
            }
        }
    }
}

fn answer_within(kind: Kind, request: &HttpRequest) -> Duration {
    match kind {
        Kind::Short | Kind::Stream(_) => ANSWER_WITHIN,
        // A wait that is none is refused at once.
        Kind::Poll => ANSWER_WITHIN + query::wait(request).unwrap_or_default(),
    }
}

/// Returns whether a request can be sent again without being done twice.
fn is_repeatable(request: &HttpRequest) -> bool {
    request.method() != Method::POST || matches!(query::send_number(request), Ok(Some(_)))
}

/// A server with another key, or another server at the same address, refuses all requests.
fn is_from_a_peer((head, body): (ResponseHead, PeerBody)) -> Result<(ResponseHead, PeerBody), PeerError> {
    if head.status == StatusCode::FORBIDDEN {
        return Err(PeerError::new("it does not take this server for a peer: do all of them have the same key?"));
    }
    Ok((head, body))
}

fn content_length(head: &ResponseHead) -> Option<u64> {
    head.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn response(head: &ResponseHead, body: Forwarded) -> HttpResponse {
    let body = if body.is_empty() { BoxBody::new(()) } else { BoxBody::new(body) };
    let mut response = HttpResponse::with_body(head.status, body);
    let passed = head.headers.iter().filter(|(name, _)| !OF_CONNECTION.contains(name));
    for (name, value) in passed {
        response.headers_mut().append(name.clone(), value.clone());
    }
    response
}
