//! The paths of sessions over HTTP, and their methods.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, Resource, web};

use crate::access::connections::Connections;
use crate::http_sessions::HttpSessions;
use crate::server::handle::AppHandle;
use crate::server::protocol::Protocol;
use crate::transport::http_sessions::answer::{close_connection, finish};
use crate::transport::http_sessions::command::StreamForm;
use crate::transport::http_sessions::cors::Cors;
use crate::transport::http_sessions::forward::{Forwarder, Kind};
use crate::transport::http_sessions::problem::Problem;
use crate::transport::http_sessions::registry::Registry;
use crate::transport::http_sessions::requests::{Requests, content_type};
use crate::transport::http_sessions::secret::Told;
use crate::transport::peers::PeerLink;

/// The servers around this one, as an app sees them.
#[derive(Clone)]
pub struct Around {
    pub link: Arc<PeerLink>,
    /// Connections here that receive for sessions elsewhere.
    pub receivers: Arc<Connections>,
}

/// The parts below a session.
#[derive(Clone, Copy)]
enum Part {
    /// All sessions.
    Sessions,
    Session,
    Send,
    Poll,
    Stream(StreamForm),
}

const PARTS: [(&str, Part); 6] = [
    ("", Part::Sessions),
    ("/{parlor_session}", Part::Session),
    ("/{parlor_session}/send", Part::Send),
    ("/{parlor_session}/poll", Part::Poll),
    ("/{parlor_session}/events", Part::Stream(StreamForm::Events)),
    ("/{parlor_session}/stream", Part::Stream(StreamForm::Lines)),
];

/// Serves an app's sessions, on one worker thread. `around`: the other servers, if there are any.
pub fn resources<P: Protocol>(
    handle: &AppHandle<P>,
    sessions: &HttpSessions,
    registry: &Arc<Registry>,
    around: Option<&Around>,
) -> Vec<Resource> {
    let requests = Rc::new(Requests {
        handle: handle.clone(),
        registry: Arc::clone(registry),
        form: sessions.form,
        greets: sessions.greets,
        forwarder: around.map(|around| Forwarder::new(Arc::clone(&around.link), Arc::clone(&around.receivers))),
        serves_peers: false,
    });
    let resource = |(below, part): (&str, Part)| {
        let requests = Rc::clone(&requests);
        let serve = move |request: HttpRequest, payload: Payload| {
            let requests = Rc::clone(&requests);
            async move { respond(&requests, part, &request, payload).await }
        };
        web::resource(format!("{}{below}", sessions.path)).route(web::to(serve))
    };
    PARTS.into_iter().map(resource).collect()
}

/// Serves an app's sessions for its other servers, on one worker thread: for requests that their clients sent there. These
/// servers have checked the pages' origins, and requests go no further.
pub fn peer_resources<P: Protocol>(
    handle: &AppHandle<P>,
    sessions: &HttpSessions,
    registry: &Arc<Registry>,
) -> Vec<Resource> {
    let (handle, registry) = (handle.clone(), Arc::clone(registry));
    let (form, greets) = (sessions.form, sessions.greets);
    let requests = Rc::new(Requests { handle, registry, form, greets, forwarder: None, serves_peers: true });
    let resource = |(below, part): (&str, Part)| {
        let requests = Rc::clone(&requests);
        let serve = move |request: HttpRequest, payload: Payload| {
            let requests = Rc::clone(&requests);
            async move {
                requests.handle.metrics().forwards_in.add(1);
                let mut response = answer(&requests, part, &request, payload).await;
                finish(&mut response);
                response
            }
        };
        web::resource(format!("{}{below}", sessions.path)).route(web::to(serve))
    };
    // Each server opens sessions of its own.
    PARTS.into_iter().filter(|(_, part)| !matches!(part, Part::Sessions)).map(resource).collect()
}

async fn respond<P: Protocol>(
    requests: &Requests<P>,
    part: Part,
    request: &HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let mut response = match Cors::check(&requests.handle, request) {
        Err(problem) => problem.response(),
        Ok(cors) => {
            let mut response = answer(requests, part, request, payload).await;
            cors.apply(response.headers_mut());
            response
        }
    };
    finish(&mut response);
    response
}

async fn answer<P: Protocol>(
    requests: &Requests<P>,
    part: Part,
    request: &HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let allowed = part.methods();
    if request.method() == Method::OPTIONS {
        let mut response = HttpResponse::NoContent().finish();
        Cors::allow(response.headers_mut(), allowed);
        return response;
    }
    if !allowed.split(", ").any(|method| method == request.method().as_str()) {
        return Problem::method(allowed).response();
    }
    if let Part::Sessions = part {
        return requests.open(request).await.unwrap_or_else(|refused| refused);
    }
    match on_session(requests, part, request, payload).await {
        Ok(response) => response,
        Err(problem) => {
            // What clients of other servers make up is not to cost connections between servers. A body that was not read does.
            let is_kept = requests.serves_peers && request.method() != Method::POST;
            let is_last = problem.is_the_end() && !is_kept;
            let mut response = problem.response();
            if is_last {
                close_connection(&mut response);
            }
            response
        }
    }
}

async fn on_session<P: Protocol>(
    requests: &Requests<P>,
    part: Part,
    request: &HttpRequest,
    mut payload: Payload,
) -> Result<HttpResponse, Problem> {
    let told = request.match_info().get("parlor_session").unwrap_or_default();
    let told = Told::read(told).ok_or_else(|| Problem::no_such_session(None))?;
    let is_head = request.method() == Method::HEAD;
    let payload = &mut payload;
    if let Some(answered) = requests.forward(&told, part.kind(is_head), request, payload).await {
        return answered;
    }
    let key = told.key;
    match part {
        Part::Sessions | Part::Session => requests.end(key).await,
        Part::Send => requests.send(key, request, payload).await,
        Part::Poll if is_head => requests.look(key, "application/json"),
        Part::Poll => requests.poll(key, request).await,
        Part::Stream(form) if is_head => requests.look(key, content_type(form)),
        Part::Stream(form) => requests.stream(key, request, form).await,
    }
}

impl Part {
    fn kind(self, is_head: bool) -> Kind {
        match self {
            Part::Poll if !is_head => Kind::Poll,
            Part::Stream(form) if !is_head => Kind::Stream(form),
            Part::Sessions | Part::Session | Part::Send | Part::Poll | Part::Stream(_) => Kind::Short,
        }
    }

    /// The methods of its requests, as in the header `Allow`.
    fn methods(self) -> &'static str {
        match self {
            Part::Sessions | Part::Send => "POST, OPTIONS",
            Part::Session => "DELETE, OPTIONS",
            Part::Poll | Part::Stream(_) => "GET, HEAD, OPTIONS",
        }
    }
}
