//! The requests of a session: opened, sent to, received from, ended.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_rt::time::timeout;
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::sync::{mpsc, oneshot};

use crate::access::rejection::Rejection;
use crate::http_sessions::FrameForm;
use crate::server::attach::worker_state;
use crate::server::handle::AppHandle;
use crate::server::outbox::Outbox;
use crate::server::protocol::Protocol;
use crate::session::Session;
use crate::session::buffered::Buffered;
use crate::transport::http_connection::{HttpConnection, Occupied, Seat};
use crate::transport::http_sessions::answer::{answer, close_connection};
use crate::transport::http_sessions::body::{PollBody, StreamBody};
use crate::transport::http_sessions::command::{Command, ReceiveCommand, Refused, SendCommand, StreamForm, Way};
use crate::transport::http_sessions::encode::{Encoder, with_message};
use crate::transport::http_sessions::events::{HttpEvents, SEND_FRAMES};
use crate::transport::http_sessions::forward::{Elsewhere, Forwarder, Kind};
use crate::transport::http_sessions::problem::Problem;
use crate::transport::http_sessions::query;
use crate::transport::http_sessions::registry::{Found, Registry};
use crate::transport::http_sessions::secret::{Key, Secret, Told};
use crate::transport::{entrance, newcomer};
use parlor_core::Client;

/// An app's sessions, as a request sees them.
pub struct Requests<P: Protocol> {
    pub handle: AppHandle<P>,
    pub registry: Arc<Registry>,
    pub form: FrameForm,
    /// The app greets every client.
    pub greets: bool,
    /// The way to other servers, for clients' requests.
    pub forwarder: Option<Forwarder>,
    /// The requests come from other servers.
    pub serves_peers: bool,
}

/// A new session has its first frame within this.
const WELCOME_WITHIN: Duration = Duration::from_secs(10);
/// A send waits so long for room.
const ROOM_WITHIN: Duration = Duration::from_secs(10);

/// A body that is too long is read up to so many times its bound: unread bytes would cause a reset, which overtakes the answer.
const SWALLOWED: usize = 8;

const JSON: &str = "application/json";

impl<P: Protocol> Requests<P> {
    /// Opens a session, and answers with its secret and the app's first frame.
    pub async fn open(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let handle = &self.handle;
        let address = entrance::client_address(handle, request);
        let reject = |rejection| {
            let problem = Problem::from(entrance::reject(handle, rejection));
            // There may be places in the next process.
            let problem = if rejection == Rejection::Closing { problem.with("code", "unavailable") } else { problem };
            problem.response()
        };
        let permit = handle.admission().enter(address).map_err(reject)?;
        if let Some(close) = handle.denied() {
            return Err(Problem::denied(&close).response());
        }
        let mut handshake = newcomer::handshake(request, address);
        let offers = query::subprotocols(request);
        if !offers.is_empty() {
            handshake.subprotocols = offers;
        }
        let offered = |protocol: &&&str| handshake.subprotocols.iter().any(|offer| offer == **protocol);
        let subprotocol = P::subprotocols().iter().find(offered).map(|protocol| (*protocol).to_owned());
        let admitted = newcomer::admit(handle, &handshake).await?;
        let me = self.forwarder.as_ref().map(Forwarder::me);
        let secret = Secret::draw(me.as_ref()).map_err(|error| Problem::internal(&error).response())?;
        let spoken = subprotocol.clone();
        let newcomer = move |id| {
            let mut client = Client::new(id, handshake);
            client.subprotocol = subprotocol;
            client.admitted = admitted;
            client
        };
        let (commands, coming) = mpsc::unbounded_channel();
        let (welcome, welcomed) = oneshot::channel();
        let worker = worker_state(handle);
        let session = Rc::new(Buffered::new(Rc::clone(&worker), welcome, self.greets));
        let registered = self.registry.enter(secret.key(), commands.clone());
        let events = HttpEvents::<P>::new(Rc::clone(&session), coming, self.form, registered, permit);
        let abandoned = Abandoned(Some(commands));
        Session::open(handle.clone(), worker, session as Rc<dyn Outbox>, address, newcomer, events);
        let Ok(Ok(first)) = timeout(WELCOME_WITHIN, welcomed).await else {
            return Err(Problem::busy("the server has too much to do: try again later").response());
        };
        abandoned.keep();
        handle.metrics().http_opened.add(1);
        let mut body = Encoder::new(self.form);
        body.raw(&format!("{{\"session\":\"{}\",\"welcome\":", secret.reveal()));
        match first {
            Some(frame) => body.value(&frame),
            None => body.raw("null"),
        }
        if let Some(spoken) = spoken {
            body.raw(&format!(",\"subprotocol\":{}", serde_json::Value::from(spoken)));
        }
        body.raw("}\n");
        Ok(answer(StatusCode::CREATED, JSON, body.finish()))
    }

    /// Passes a request on, if its session may live on another server. A session that is known here does not: a server that
    /// goes by another name now knows its own still.
    pub async fn forward(
        &self,
        told: &Told,
        kind: Kind,
        request: &HttpRequest,
        payload: &mut Payload,
    ) -> Option<Result<HttpResponse, Problem>> {
        let (forwarder, node) = (self.forwarder.as_ref()?, told.node.as_ref()?);
        let is_here = !matches!(self.registry.find(told.key), Found::Unknown) || forwarder.me() == *node;
        if is_here {
            return None;
        }
        let body = if request.method() == Method::POST {
            match self.read(payload).await {
                Ok(body) => Some(body),
                Err(problem) => return Some(Err(problem)),
            }
        } else {
            None
        };
        let to = Elsewhere { node: node.clone(), key: told.key };
        Some(forwarder.forward(&self.handle, &to, kind, (request, body), interrupted).await)
    }

    /// Hands a client's messages to its session.
    pub async fn send(&self, key: Key, request: &HttpRequest, payload: &mut Payload) -> Result<HttpResponse, Problem> {
        let _occupied = connection(request).map(|connection| connection.occupy(None));
        let commands = self.find(key)?;
        let lines = self.body(request, payload).await?; // first: a body that is not read costs the connection
        self.handle.metrics().http_sends.add(1);
        let (n, acknowledged) = (query::send_number(request)?, query::acknowledged(request)?);
        let (answer, answered) = oneshot::channel();
        let command = Command::Send(SendCommand { lines, n, acknowledged, answer });
        commands.send(command).map_err(|_| self.gone(key))?;
        match timeout(ROOM_WITHIN, answered).await {
            Ok(Ok(result)) => result?,
            Ok(Err(_)) => return Err(self.gone(key)),
            Err(_) => {
                return Err(Problem::busy("the requests sent before are not done yet: nothing of this one is done"));
            }
        }
        let mut response = HttpResponse::Accepted().finish();
        if self.handle.gate().handshakes.is_scarce() {
            close_connection(&mut response);
        }
        Ok(response)
    }

    /// Answers with the frames that the client does not have.
    pub async fn poll(&self, key: Key, request: &HttpRequest) -> Result<HttpResponse, Problem> {
        let (after, wait) = (query::acknowledged(request)?, query::wait(request)?);
        // The next poll is to come before its absence means that the client is gone.
        let wait = wait.min(self.handle.limits().heartbeat_timeout / 2);
        let commands = self.find(key)?;
        let occupied = self.occupy(key, request);
        let (answer_to, answered) = oneshot::channel();
        self.handle.metrics().http_polls.add(1);
        let way = Way::Poll { waits: !wait.is_zero(), answer: answer_to };
        commands.send(Command::Receive(ReceiveCommand { after, way })).map_err(|_| self.gone(key))?;
        let polled = if wait.is_zero() { Ok(answered.await) } else { timeout(wait, answered).await };
        let (bytes, is_last, permit) = match polled {
            Ok(Ok(result)) => {
                let polled = result?;
                (polled.body, polled.is_last, Some(polled.permit))
            }
            // A later receiver has taken its place, or the session is gone.
            Ok(Err(_)) => {
                self.find(key)?;
                (empty(), false, None)
            }
            Err(_) => (empty(), false, None),
        };
        let body = PollBody { bytes, _permit: permit, _occupied: occupied };
        let mut response = answer(StatusCode::OK, JSON, body);
        if is_last {
            close_connection(&mut response);
        }
        Ok(response)
    }

    /// Answers with a body that goes on.
    pub async fn stream(&self, key: Key, request: &HttpRequest, form: StreamForm) -> Result<HttpResponse, Problem> {
        let after = query::acknowledged(request)?;
        let commands = self.find(key)?;
        let occupied = self.occupy(key, request);
        let (answer_to, answered) = oneshot::channel();
        let metrics = self.handle.metrics();
        match form {
            StreamForm::Events => metrics.http_events.add(1),
            StreamForm::Lines => metrics.http_streams.add(1),
        }
        let way = Way::Stream { form, answer: answer_to };
        commands.send(Command::Receive(ReceiveCommand { after, way })).map_err(|_| self.gone(key))?;
        let streamed = answered.await.map_err(|_| self.gone(key))??;
        let body = StreamBody { reader: streamed.reader, _permit: streamed.permit, _occupied: occupied };
        let mut response = answer(StatusCode::OK, content_type(form), body);
        close_connection(&mut response); // its end is the connection's
        Ok(response)
    }

    /// Ends a session.
    pub async fn end(&self, key: Key) -> Result<HttpResponse, Problem> {
        let (answer, answered) = oneshot::channel();
        self.find(key)?.send(Command::End(answer)).map_err(|_| self.gone(key))?;
        let _ = answered.await; // a session that is gone has ended
        Ok(HttpResponse::NoContent().finish())
    }

    /// Answers whether a session is there, without a body.
    pub fn look(&self, key: Key, content_type: &'static str) -> Result<HttpResponse, Problem> {
        self.find(key)?;
        Ok(answer(StatusCode::OK, content_type, ()))
    }

    fn find(&self, key: Key) -> Result<mpsc::UnboundedSender<Command>, Problem> {
        match self.registry.find(key) {
            Found::Alive(commands) => Ok(commands),
            Found::Ended(close) => Err(Refused::Ended(Some(close)).into()),
            Found::Unknown => Err(Refused::Ended(None).into()),
        }
    }

    /// A session that was there a moment ago.
    fn gone(&self, key: Key) -> Problem {
        self.find(key).err().unwrap_or_else(|| Problem::no_such_session(None))
    }

    /// Makes the connection that of the session's receiver.
    fn occupy(&self, key: Key, request: &HttpRequest) -> Option<Occupied> {
        let connection = connection(request)?;
        let seat = connection.seat(key).unwrap_or_else(|| Seat::new(key));
        if self.registry.sit(key, &seat) {
            connection.sit(seat);
        }
        Some(connection.occupy(Some(self.handle.limits().outbox_stall)))
    }

    /// Reads the body of a send.
    async fn read(&self, payload: &mut Payload) -> Result<Bytes, Problem> {
        let bytes_max = self.handle.limits().frame_bytes.saturating_mul(SEND_FRAMES);
        let mut body = BytesMut::new();
        let mut bytes = 0_usize;
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Problem::bad_request("the body ended too early"))?;
            bytes += chunk.len();
            if bytes <= bytes_max {
                body.extend_from_slice(&chunk);
            } else if bytes > bytes_max.saturating_mul(SWALLOWED) {
                break;
            }
        }
        if bytes > bytes_max {
            return Err(Problem::too_big("body", bytes_max));
        }
        Ok(body.freeze())
    }

    /// Reads the body of a send, and checks it.
    async fn body(&self, request: &HttpRequest, payload: &mut Payload) -> Result<Bytes, Problem> {
        let frame_max = self.handle.limits().frame_bytes;
        let body = self.read(payload).await?;
        let encoded = request.headers().get(header::CONTENT_ENCODING);
        if encoded.is_some_and(|encoding| encoding != "identity") {
            let message = "the body must come without a Content-Encoding";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "bad_request", message));
        }
        for line in body[..].split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.len() > frame_max {
                return Err(Problem::too_big("frame", frame_max));
            }
            if !line.is_empty() {
                with_message(self.form, line, |_| ())
                    .map_err(|message| Problem::bad_request(message).with("field", "body"))?;
            }
        }
        Ok(body)
    }
}

/// The type of a body that goes on.
pub fn content_type(form: StreamForm) -> &'static str {
    match form {
        StreamForm::Events => "text/event-stream",
        StreamForm::Lines => "application/x-ndjson",
    }
}

/// The answer to a receiver that ends because the server between it and its session stops.
fn interrupted(kind: Kind) -> HttpResponse {
    match kind {
        Kind::Short | Kind::Poll => answer(StatusCode::OK, JSON, empty()),
        Kind::Stream(form) => {
            let mut response = answer(StatusCode::OK, content_type(form), ());
            close_connection(&mut response);
            response
        }
    }
}

fn empty() -> Bytes {
    Bytes::from_static(b"{\"frames\":[]}\n")
}

/// The state of the connection, on a server of ours.
fn connection(request: &HttpRequest) -> Option<&Rc<HttpConnection>> {
    request.conn_data::<Rc<HttpConnection>>()
}

/// A new session whose client does not know it yet. Dropped, it ends the session.
struct Abandoned(Option<mpsc::UnboundedSender<Command>>);

impl Abandoned {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        if let Some(commands) = &self.0 {
            let _ = commands.send(Command::End(oneshot::channel().0)); // if it is gone, it has ended
        }
    }
}
