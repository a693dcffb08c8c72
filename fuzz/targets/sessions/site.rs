//! The server, in this process and on this thread, without sockets.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix_http::Request;
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::rt::{System, SystemRunner, time::timeout};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, web::Bytes};
use parlor_kit::{HttpSessions, Mount, Scope};

use crate::app::Repeats;

pub const SESSIONS: &str = "/api/sessions";

/// Longer than anything takes here: libFuzzer calls it an error after that time too.
const PATIENCE: Duration = Duration::from_secs(8);
/// The time after which a client of these goes away.
const SOON: Duration = Duration::from_millis(1);

type Answered = Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>;

pub struct Site {
    system: SystemRunner,
    call: Rc<dyn Fn(Request) -> Answered>,
    /// Its last clone stops the app.
    _scope: Scope,
}

pub struct Answer {
    pub status: StatusCode,
    pub body: BoxBody,
}

thread_local! {
    /// It lives as long as the process: at its end the runtime's own state is gone before.
    static SITE: &'static Site = Box::leak(Box::new(Site::new()));
}

/// Shows the site, which is made once.
pub fn with(show: impl FnOnce(&Site)) {
    SITE.with(|site| show(site));
}

impl Site {
    fn new() -> Self {
        let system = System::new();
        let app = Mount::new(&["/ws"], || Repeats).http_sessions(HttpSessions::new(SESSIONS));
        let scope = app.into_scope().expect("the app starts");
        let service = Rc::new(system.block_on(init_service(App::new().service(scope.clone()))));
        let call = Rc::new(move |request: Request| -> Answered { Box::pin(service.call(request)) });
        Site { system, call, _scope: scope }
    }

    pub fn run(&self, client: impl Future<Output = ()>) {
        self.system.block_on(client);
    }

    /// Asks, and waits for the answer. `None`: the target is none that an HTTP server lets through.
    pub async fn ask(&self, method: Method, target: &str, last: Option<&[u8]>, body: &[u8]) -> Option<Answer> {
        let answered = self.request(method, target, last, body)?;
        Some(timeout(PATIENCE, answered).await.expect("an answer comes"))
    }

    /// Asks, and goes away if there is no answer soon: `Some(None)`.
    pub async fn ask_briefly(&self, method: Method, target: &str, last: Option<&[u8]>) -> Option<Option<Answer>> {
        Some(timeout(SOON, self.request(method, target, last, b"")?).await.ok())
    }

    fn request(
        &self,
        method: Method,
        target: &str,
        last: Option<&[u8]>,
        body: &[u8],
    ) -> Option<impl Future<Output = Answer> + use<>> {
        Uri::try_from(target).ok()?;
        let mut request = TestRequest::with_uri(target).method(method).set_payload(body.to_vec());
        request = request.peer_addr(([127, 0, 0, 1], 1).into()).insert_header(("host", "127.0.0.1"));
        if let Some(last) = last {
            let value = actix_web::http::header::HeaderValue::from_bytes(last).ok()?;
            request = request.insert_header(("last-event-id", value));
        }
        let answered = (self.call)(request.to_request());
        Some(async move {
            let response = answered.await.expect("each request has an answer").into_parts().1;
            let (head, body) = response.into_parts();
            assert!(!head.status().is_server_error(), "{}", head.status());
            Answer { status: head.status(), body }
        })
    }
}

impl Answer {
    pub async fn json(self) -> serde_json::Value {
        let bytes = to_bytes(self.body).await.expect("a body");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// The next bytes of a body that goes on. `None`: there are none soon; `Some(None)`: it has ended.
    pub async fn part(&mut self) -> Option<Option<Bytes>> {
        let next = std::future::poll_fn(|cx| Pin::new(&mut self.body).poll_next(cx));
        timeout(SOON, next).await.ok().map(|part| part.map(|part| part.expect("bytes")))
    }
}
