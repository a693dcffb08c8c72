//! The checks of a client that comes in, whatever its transport: its page's origin, its address, and whether there is a place.

use std::net::IpAddr;

use actix_http::header;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;

use crate::access::forwarded;
use crate::access::rejection::Rejection;
use crate::server::handle::AppHandle;
use crate::server::protocol::Protocol;
use crate::transport::http_error::HttpError;
use crate::transport::{newcomer, origin};

/// Checks the page that a request comes from.
///
/// # Errors
/// The reason why it may not connect.
pub fn check_origin<P: Protocol>(handle: &AppHandle<P>, request: &HttpRequest) -> Result<(), Rejection> {
    let headers = request.headers();
    // A header that is not text matches no origin.
    let origins: Vec<&str> = headers.get_all(header::ORIGIN).map(|origin| origin.to_str().unwrap_or("")).collect();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origin::check(&handle.limits().origins, &origins, host)
}

/// Counts and logs a rejection, and makes it the answer.
pub fn reject<P: Protocol>(handle: &AppHandle<P>, rejection: Rejection) -> HttpError {
    handle.metrics().rejected(rejection);
    let error = HttpError::new(rejection.status(), handle.gate().refuse(rejection));
    if error.status == StatusCode::SERVICE_UNAVAILABLE { error.with(&[("retry-after", "5")]) } else { error }
}

/// Returns the address of the client, which may be behind trusted proxies.
pub fn client_address<P: Protocol>(handle: &AppHandle<P>, request: &HttpRequest) -> IpAddr {
    let rules = &handle.gate().rules;
    let values = request.headers().get_all(rules.forwarded_header.name()).map(|value| value.to_str().unwrap_or(""));
    let is_trusted = |address| rules.is_trusted(address);
    forwarded::client_address(rules.forwarded_header, is_trusted, newcomer::peer_address(request), values)
}
