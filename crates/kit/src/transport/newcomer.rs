//! The handshake of a new client, as its app sees it, and the app's decision on it.

use std::net::{IpAddr, Ipv4Addr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use actix_http::header::{self, HeaderMap};
use actix_rt::time::timeout;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt;
use log::error;
use parlor_core::{Admitted, Denied, Handshake};
use percent_encoding::percent_decode_str;

use crate::base_path::BasePath;
use crate::server::handle::AppHandle;
use crate::server::protocol::Protocol;
use crate::transport::handshake::offered;
use crate::transport::http_error::HttpError;

/// Bytes of all headers, names and values, that an app gets.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// An admission that asks somebody else has to be decided within this.
const ADMIT_WITHIN: Duration = Duration::from_secs(10);

/// Returns what an app is told of a request to connect. `address` is the client's.
pub fn handshake(request: &HttpRequest, address: IpAddr) -> Handshake {
    let path = request.app_data::<BasePath>().map_or(request.path(), |base| base.strip(request.path()));
    let mut handshake = Handshake::new(address, path);
    handshake.port = request.peer_addr().map_or(0, |peer| peer.port());
    handshake.query = request.query_string().to_owned();
    handshake.headers = headers(request.headers());
    let params = request.match_info().iter();
    handshake.path_params = params.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
    handshake.subprotocols = offered(request.headers()).map(str::to_owned).collect();
    handshake
}

/// Returns the address of the TCP peer; IPv4-mapped IPv6 addresses as IPv4.
pub fn peer_address(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical())
}

/// Asks the app, and then whoever decides asynchronously, whether the client may connect.
///
/// # Errors
/// With the response to give instead of the upgrade.
pub async fn admit<P: Protocol>(handle: &AppHandle<P>, handshake: &Handshake) -> Result<Admitted, HttpResponse> {
    let decided = catch_unwind(AssertUnwindSafe(|| P::admit(handshake))).map_err(|_| panicked())?;
    let admitted = decided.map_err(|denied| response(&denied))?;
    let Some(decide) = handle.admit() else { return Ok(admitted) };
    let decided = AssertUnwindSafe(async { decide(handshake.clone()).await }).catch_unwind();
    match timeout(ADMIT_WITHIN, decided).await {
        Ok(Ok(decided)) => decided.map_err(|denied| response(&denied)),
        Ok(Err(_)) => Err(panicked()),
        Err(_) => {
            error!("a client was refused: its admission was not decided within {} s", ADMIT_WITHIN.as_secs());
            let error = HttpError::new(StatusCode::SERVICE_UNAVAILABLE, "admission took too long: try again later");
            Err(error.with(&[("retry-after", "5")]).into())
        }
    }
}

fn panicked() -> HttpResponse {
    error!("an app panicked over a handshake: that client is refused (500)");
    HttpError::new(StatusCode::INTERNAL_SERVER_ERROR, "an error of the server").into()
}

fn response(denied: &Denied) -> HttpResponse {
    let status = StatusCode::from_u16(denied.status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = HttpResponse::build(status);
    response.insert_header(ContentType::plaintext());
    for (name, value) in &denied.headers {
        // A name or a value that HTTP doesn't allow is left out.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str())) {
            if name == header::CONTENT_TYPE {
                response.insert_header((name, value));
            } else {
                response.append_header((name, value));
            }
        }
    }
    response.body(denied.body.clone())
}

fn headers(all: &HeaderMap) -> Vec<(String, String)> {
    let readable = all.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let mut bytes = 0;
    let fits = readable.filter(|(name, value)| {
        bytes += name.len() + value.len();
        bytes <= HEADER_BYTES_MAX
    });
    fits.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The router has decoded all but `%`, `/` and `+`.
fn decoded(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}
