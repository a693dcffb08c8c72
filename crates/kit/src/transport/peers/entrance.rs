//! The way in for peers, on a listener of its own: whoever has no proof is sent away.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{ConnectionType, HttpService, KeepAlive, StatusCode};
use actix_rt::net::TcpStream;
use actix_service::{ServiceFactory, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::ServiceConfig;
use actix_web::{App, Error, HttpResponse};
use log::debug;

use crate::access::Gate;
use crate::transport::accept;
use crate::transport::http_error::HttpError;
use crate::transport::http_stream::Secure;
use crate::transport::peers::link::PeerLink;
use crate::transport::peers::pool::PEER_IDLE_FOR;
use crate::transport::peers::token::HEADER;

/// The servers that are let in, and the rules for their connections.
#[derive(Clone)]
pub struct Entrance {
    pub link: Arc<PeerLink>,
    pub gate: Arc<Gate>,
}

impl Entrance {
    pub fn new(link: Arc<PeerLink>, gate: &Gate) -> Self {
        Entrance { link, gate: gate.for_peers(PEER_IDLE_FOR) }
    }

    /// Serves connections from peers, on one worker thread. `ended`: ready when they are to end after the answers that they are
    /// at.
    pub fn service<E>(
        self,
        configure: impl FnOnce(&mut ServiceConfig),
        head_within: Duration,
        ended: impl Fn() -> E + 'static,
    ) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = impl std::fmt::Debug, InitError = ()>
    where
        E: Future<Output = ()> + 'static,
    {
        let (link, gate) = (Arc::clone(&self.link), Arc::clone(&self.gate));
        let guard = from_fn(move |request, next| guard(Arc::clone(&link), Arc::clone(&gate), request, next));
        let app = App::new().configure(configure).wrap(guard);
        let http = HttpService::build()
            .client_request_timeout(head_within)
            .keep_alive(KeepAlive::Timeout(PEER_IDLE_FOR))
            // A peer that hangs up is not interested in the answer any more.
            .h1_allow_half_closed(false)
            .on_connect_ext(accept::introduce)
            .graceful_shutdown_signal(ended)
            .finish(map_config(app, |()| AppConfig::default()));
        accept::guarded(http, self.gate, Secure::plain())
    }
}

/// Answers requests without a proof: 403.
async fn guard<B: MessageBody + 'static>(
    link: Arc<PeerLink>,
    gate: Arc<Gate>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.headers().get(HEADER).is_some_and(|told| link.admits(told.as_bytes())) {
        let mut response = next.call(request).await?;
        if gate.is_stopping() {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        return Ok(response.map_into_left_body());
    }
    debug!("a request on the port for peers was refused: it has no proof for this server");
    let error = HttpError::new(StatusCode::FORBIDDEN, "this port is for the other nodes of this server");
    let mut answer = HttpResponse::from(error);
    answer.head_mut().set_connection_type(ConnectionType::Close);
    Ok(request.into_response(answer).map_into_right_body())
}
