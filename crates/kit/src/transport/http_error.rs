//! Why a connection does not begin, as its client hears it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;

/// An answer in plain words.
#[derive(Debug)]
pub struct HttpError {
    pub status: StatusCode,
    pub headers: &'static [(&'static str, &'static str)],
    pub words: String,
}

impl HttpError {
    pub fn new(status: StatusCode, words: impl Into<String>) -> Self {
        HttpError { status, headers: &[], words: words.into() }
    }

    pub fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        HttpError { headers, ..self }
    }
}

impl From<HttpError> for HttpResponse {
    fn from(refusal: HttpError) -> Self {
        let mut answer = HttpResponse::build(refusal.status);
        for header in refusal.headers {
            answer.insert_header(*header);
        }
        answer.insert_header(ContentType::plaintext()).body(refusal.words + "\n")
    }
}
