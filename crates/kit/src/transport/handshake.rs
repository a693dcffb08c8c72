//! The WebSocket handshake (RFC 6455 §4.2). Nothing else knows `actix-web-actors`, which is kept for the answer and the
//! choice of a subprotocol; it is lenient about the rest, so all is verified before it sees a request.

use actix_http::header::{self, HeaderMap, HeaderValue};
use actix_http::ws::{HandshakeError, verify_handshake};
use actix_web::http::{StatusCode, Version};
use actix_web::{HttpRequest, HttpResponseBuilder};
use actix_web_actors::ws::handshake_with_protocols;

use crate::transport::http_error::HttpError;
use parlor_core::wire::deflate::{Agreement, Malformed, negotiate};

/// The 101 answer, or the one that tells why not. Of `protocols`, the first that the client offers is taken.
///
/// # Errors
/// With the answer to give instead.
pub fn shake(request: &HttpRequest, protocols: &[&str]) -> Result<HttpResponseBuilder, HttpError> {
    verify(request)?;
    let best = protocols.iter().find(|protocol| offered(request.headers()).any(|offer| offer == **protocol));
    handshake_with_protocols(request, best.map_or(&[], std::slice::from_ref)).map_err(|error| http_error(&error))
}

/// Negotiates permessage-deflate, and writes the agreement into the answer; `None` for plain messages.
///
/// # Errors
/// With the answer to give instead of the 101 (RFC 6455 §9.1).
pub fn compress(request: &HttpRequest, answer: &mut HttpResponseBuilder) -> Result<Option<Agreement>, HttpError> {
    let headers = request.headers().get_all(header::SEC_WEBSOCKET_EXTENSIONS);
    let headers: Result<Vec<&str>, Malformed> = headers.map(|header| header.to_str().map_err(|_| Malformed)).collect();
    let agreement = headers.and_then(negotiate).map_err(|malformed| bad_request(&malformed.to_string()))?;
    if let Some(agreement) = &agreement {
        answer.insert_header((header::SEC_WEBSOCKET_EXTENSIONS, agreement.to_string()));
    }
    Ok(agreement)
}

/// Makes one header of all that offer subprotocols: a list may be spread over several (RFC 6455 §11.3.4).
pub fn join_offers(headers: &mut HeaderMap) {
    if headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).count() > 1 {
        let joined = offered(headers).collect::<Vec<_>>().join(", ");
        if let Ok(joined) = HeaderValue::from_str(&joined) {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, joined);
        }
    }
}

/// The subprotocols that a client offers, best first.
pub fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lists = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim).filter(|offer| !offer.is_empty())
}

fn verify(request: &HttpRequest) -> Result<(), HttpError> {
    let headers = request.headers();
    if let Err(error) = verify_handshake(request.head()) {
        return Err(http_error(&error));
    }
    let upgrades = headers.get_all(header::UPGRADE).filter_map(|list| list.to_str().ok());
    if !upgrades.flat_map(|list| list.split(',')).any(|to| to.trim().eq_ignore_ascii_case("websocket")) {
        return Err(http_error(&HandshakeError::NoWebsocketUpgrade));
    }
    if request.version() < Version::HTTP_11 {
        return Err(bad_request("a WebSocket begins with HTTP/1.1"));
    }
    if headers.get_all(header::HOST).count() != 1 {
        return Err(bad_request("one Host header is needed"));
    }
    if headers.get_all(header::SEC_WEBSOCKET_KEY).count() != 1 {
        return Err(http_error(&HandshakeError::BadWebsocketKey));
    }
    Ok(())
}

fn http_error(error: &HandshakeError) -> HttpError {
    match error {
        HandshakeError::GetMethodRequired => {
            let error = HttpError::new(StatusCode::METHOD_NOT_ALLOWED, "a WebSocket begins with GET");
            error.with(&[("allow", "GET")])
        }
        HandshakeError::NoWebsocketUpgrade | HandshakeError::NoConnectionUpgrade => {
            upgrade_required("this is a WebSocket: connect with ws:// or wss://")
        }
        HandshakeError::NoVersionHeader | HandshakeError::UnsupportedVersion => {
            upgrade_required("this server speaks version 13 of the WebSocket protocol (RFC 6455)")
        }
        HandshakeError::BadWebsocketKey => bad_request("one Sec-WebSocket-Key is needed, of 16 bytes in base64"),
    }
}

fn upgrade_required(words: &str) -> HttpError {
    let error = HttpError::new(StatusCode::UPGRADE_REQUIRED, words);
    error.with(&[("upgrade", "websocket"), ("sec-websocket-version", "13")])
}

fn bad_request(words: &str) -> HttpError {
    HttpError::new(StatusCode::BAD_REQUEST, words)
}
