//! The moment when an HTTP connection becomes a session's socket.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use actix_codec::Framed;
use actix_http::body::{BodySize, BoxBody, MessageBody};
use actix_http::{ConnectionType, Request, Response, StatusCode, h1};
use actix_rt::time::timeout;
use actix_service::{IntoServiceFactory, ServiceFactory, fn_factory, fn_service, map_config};
use actix_web::dev::{AppConfig, Service, ServiceResponse};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use bytes::BytesMut;
use futures_util::SinkExt;
use log::debug;

use crate::transport::accept::Waiting;
use crate::transport::closing;
use crate::transport::handshake;
use crate::transport::io::Io;

/// A request to be upgraded, and its connection.
pub type Handover = (Request, Framed<Waiting, h1::Codec>);

/// Begins the session on its socket, given the bytes that were already read. Carried by a 101 answer.
pub struct Starter(Box<dyn FnOnce(Io, BytesMut)>);

impl Starter {
    pub fn new(begin: impl FnOnce(Io, BytesMut) + 'static) -> Self {
        Starter(Box::new(begin))
    }
}

/// Marks a request that came through [`service`]: elsewhere a 101 answer has no effect.
struct CanUpgrade;

/// Returns whether a 101 answer to this request gets the socket.
pub fn can_upgrade(request: &HttpRequest) -> bool {
    request.extensions().contains::<CanUpgrade>()
}

/// How long a client may take to accept a piece of an answer.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// The upgrade service for `actix_http::HttpService::build().upgrade(…)`: runs the same actix-web app as the plain
/// requests, and gives the socket to the session that a 101 answer carries. `app` is called once per worker.
pub fn service<F, I, S, B>(
    app: F,
) -> impl ServiceFactory<Handover, Config = (), Response = (), Error = actix_web::Error, InitError = ()>
where
    F: Fn() -> I + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<
            Request,
            Config = AppConfig,
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    fn_factory(move || {
        let app = map_config(app(), |()| AppConfig::default()).new_service(());
        async move {
            let app = Rc::new(app.await?);
            Ok(fn_service(move |(request, framed): Handover| run(Rc::clone(&app), request, framed)))
        }
    })
}

async fn run<S, B>(app: Rc<S>, mut request: Request, framed: Framed<Waiting, h1::Codec>) -> Result<(), actix_web::Error>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody + 'static,
{
    handshake::join_offers(request.headers_mut());
    request.extensions_mut().insert(CanUpgrade);
    let mut answer = match app.call(request).await {
        Ok(answer) => answer.into_parts().1.map_into_boxed_body(),
        Err(error) => HttpResponse::from_error(error),
    };
    let starter = answer.extensions_mut().remove::<Starter>();
    let result = match starter {
        Some(starter) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => begin(framed, answer, starter).await,
        _ if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
            let words = "this server upgrades to WebSockets of its own only\n";
            refuse(framed, HttpResponse::NotImplemented().body(words)).await
        }
        _ => refuse(framed, answer).await,
    };
    if let Err(fault) = result {
        debug!("WebSocket upgrade failed: {fault}"); // the client is gone: nothing to do
    }
    Ok(())
}

/// Sends the 101 answer, and lets the session have the socket.
async fn begin(mut framed: Framed<Waiting, h1::Codec>, answer: HttpResponse, starter: Starter) -> Result<(), Fault> {
    let (head, _) = Response::from(answer).into_parts();
    send(&mut framed, h1::Message::Item((head, BodySize::None))).await?;
    let parts = framed.into_parts();
    let (io, _) = parts.io.into_parts(); // it is a client now, and counts as one
    (starter.0)(io, parts.read_buf);
    Ok(())
}

/// Sends another answer, and closes the connection: what was to come on it was no more HTTP.
async fn refuse(mut framed: Framed<Waiting, h1::Codec>, answer: HttpResponse) -> Result<(), Fault> {
    let (mut head, body): (Response<()>, BoxBody) = Response::from(answer).into_parts();
    head.head_mut().set_connection_type(ConnectionType::Close);
    send(&mut framed, h1::Message::Item((head, body.size()))).await?;
    let mut body = pin!(body);
    while let Some(chunk) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
        let chunk = chunk.map_err(|error| Fault(error.to_string()))?;
        send(&mut framed, h1::Message::Chunk(Some(chunk))).await?;
    }
    send(&mut framed, h1::Message::Chunk(None)).await?;
    let (io, _place) = framed.into_parts().io.into_parts();
    closing::hang_up(&io).await;
    Ok(())
}

async fn send(
    framed: &mut Framed<Waiting, h1::Codec>,
    message: h1::Message<(Response<()>, BodySize)>,
) -> Result<(), Fault> {
    match timeout(WRITE_WITHIN, framed.send(message)).await {
        Ok(sent) => sent.map_err(|error| Fault(error.to_string())),
        Err(_) => Err(Fault("the client does not read".to_owned())),
    }
}

/// Why an answer did not arrive, for the log.
struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
