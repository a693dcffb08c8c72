//! Headers that all answers of sessions have.

use actix_http::body::{BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};

/// Ends proxies' buffering of an answer (nginx and others).
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// An answer of this type.
pub fn answer(status: StatusCode, content_type: &'static str, body: impl MessageBody + 'static) -> HttpResponse {
    let mut response = HttpResponseBuilder::new(status);
    response.insert_header((header::CONTENT_TYPE, content_type));
    response.body(BoxBody::new(body))
}

/// Adds the headers of every answer.
pub fn finish(response: &mut HttpResponse) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// Ends the connection after an answer.
pub fn close_connection(response: &mut HttpResponse) {
    response.head_mut().set_connection_type(actix_http::ConnectionType::Close);
}
