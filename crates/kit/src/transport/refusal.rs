//! Why a connection does not begin, as its client hears it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;

/// An answer in plain words.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub headers: &'static [(&'static str, &'static str)],
    pub words: String,
}

impl Refusal {
    pub fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Refusal { status, headers: &[], words: words.into() }
    }

    pub fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Refusal { headers, ..self }
    }
}

impl From<Refusal> for HttpResponse {
    fn from(refusal: Refusal) -> Self {
        let mut answer = HttpResponse::build(refusal.status);
        for header in refusal.headers {
            answer.insert_header(*header);
        }
        answer.insert_header(ContentType::plaintext()).body(refusal.words + "\n")
    }
}
