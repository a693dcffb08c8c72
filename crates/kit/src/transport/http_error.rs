//! The HTTP answer to a handshake that is refused.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;

/// An error answer: status, headers and a message in plain text.
#[derive(Debug)]
pub struct HttpError {
    pub status: StatusCode,
    pub headers: &'static [(&'static str, &'static str)],
    pub message: String,
}

impl HttpError {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        HttpError { status, headers: &[], message: message.into() }
    }

    pub fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        HttpError { headers, ..self }
    }
}

impl From<HttpError> for HttpResponse {
    fn from(error: HttpError) -> Self {
        let mut answer = HttpResponse::build(error.status);
        for header in error.headers {
            answer.insert_header(*header);
        }
        answer.insert_header(ContentType::plaintext()).body(error.message + "\n")
    }
}
