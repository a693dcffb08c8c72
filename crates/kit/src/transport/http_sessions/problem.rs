//! Error answers: JSON that names what is wrong, and what is allowed.

use actix_http::body::BoxBody;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use serde_json::{Map, Value};

use crate::transport::http_error::HttpError;
use crate::transport::http_sessions::command::Refused;
use crate::transport::http_sessions::encode::close_value;
use parlor_core::Close;

/// An error answer.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    members: Map<String, Value>,
    headers: Vec<(header::HeaderName, String)>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let mut members = Map::new();
        for (name, value) in [("type", "error".to_owned()), ("code", code.to_owned()), ("message", message.into())] {
            members.insert(name.to_owned(), value.into());
        }
        Problem { status, members, headers: Vec::new() }
    }

    /// Adds a member.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    fn with_header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A parameter that is no integer within its bounds.
    pub fn number(field: &str, min: u64, max: u64) -> Self {
        let message = format!("\"{field}\" must be an integer from {min} to {max}");
        Self::bad_request(message).with("field", field).with("min", min).with("max", max)
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// `allowed`: as in the header `Allow`.
    pub fn method(allowed: &str) -> Self {
        let message = format!("there is {allowed} here, and no other method");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message).with_header(header::ALLOW, allowed)
    }

    pub fn too_big(what: &str, max: usize) -> Self {
        let message = format!("{what} has more than {max} bytes: nothing of it is done");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_big", message)
            .with("field", what)
            .with("max", max)
            .with("unit", "bytes")
    }

    /// The client is asked to wait.
    pub fn busy(message: &str) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message)
            .with("retry_after_ms", 1000)
            .with_header(header::RETRY_AFTER, "1")
    }

    /// A session that has ended in this way, or that nothing is known of.
    pub fn no_such_session(close: Option<&Close>) -> Self {
        let message = match close {
            Some(close) => format!("the session has ended: {}", close.reason),
            None => "there is no such session: open a new one".to_owned(),
        };
        let problem = Self::new(StatusCode::NOT_FOUND, "no_such_session", message);
        match close {
            Some(close) => problem.with("close", close_value(close)),
            None => problem,
        }
    }

    /// The server takes no new clients, and tells them this.
    pub fn denied(close: &Close) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", close.reason.clone())
            .with("close", close_value(close))
            .with_header(header::RETRY_AFTER, "5")
    }

    pub fn internal(message: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// Returns whether the session is over.
    pub fn is_the_end(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    pub fn response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.insert_header((name, value));
            }
        }
        response.insert_header((header::CONTENT_TYPE, "application/json"));
        response.body(BoxBody::new(format!("{}\n", Value::Object(self.members))))
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::AcknowledgedAhead(newest) => Problem::number("ack", 0, newest),
            Refused::Dropped(oldest) => {
                let message = format!("frames before number {oldest} are not kept any more: open a new session");
                Problem::new(StatusCode::GONE, "gone", message).with("min", oldest - 1)
            }
            Refused::Gap(expected) => {
                let message = format!("the next send is number {expected}");
                Problem::new(StatusCode::CONFLICT, "out_of_order", message).with("field", "n").with("max", expected)
            }
            Refused::Busy => Problem::busy("too many sends wait already: wait for the answers to the earlier ones"),
            Refused::Ended(close) => Problem::no_such_session(close.as_ref()),
        }
    }
}

impl From<HttpError> for Problem {
    fn from(error: HttpError) -> Self {
        let code = match error.status {
            StatusCode::FORBIDDEN => "forbidden",
            StatusCode::SERVICE_UNAVAILABLE => "server_full",
            _ => "bad_request",
        };
        let mut problem = Problem::new(error.status, code, error.message);
        for (name, value) in error.headers {
            if let Ok(name) = header::HeaderName::try_from(*name) {
                problem = problem.with_header(name, *value);
            }
        }
        problem
    }
}
