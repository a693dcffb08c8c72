//! Pages of other origins: the origins that may open a WebSocket may use sessions over HTTP (the Fetch standard, CORS).

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::server::handle::AppHandle;
use crate::server::protocol::Protocol;
use crate::transport::entrance;
use crate::transport::http_sessions::problem::Problem;
use parlor_core::Origins;

/// The origin that an answer names.
pub struct Cors {
    origin: Option<HeaderValue>,
    /// True if the page may send cookies: its origin is listed.
    credentials: bool,
}

/// Headers that a page may send: all that these requests know, and those that admissions usually read.
const ALLOWED_HEADERS: &str = "content-type, last-event-id, authorization";
/// Seconds for which a browser needs not ask again.
const MAX_AGE: &str = "7200";

impl Cors {
    /// Checks the origin of a request.
    ///
    /// # Errors
    /// If pages of that origin may not use the app.
    pub fn check<P: Protocol>(handle: &AppHandle<P>, request: &HttpRequest) -> Result<Self, Problem> {
        entrance::check_origin(handle, request).map_err(|rejection| entrance::reject(handle, rejection))?;
        let credentials = matches!(handle.limits().origins, Origins::Same { .. });
        Ok(Cors { origin: request.headers().get(header::ORIGIN).cloned(), credentials })
    }

    /// Names the origin in an answer.
    pub fn apply(&self, headers: &mut HeaderMap) {
        if let Some(origin) = &self.origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            let exposed = HeaderValue::from_static("retry-after");
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
            if self.credentials {
                headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            }
        }
    }

    /// Adds what a browser asks before it sends a request of a page of another origin.
    pub fn allow(headers: &mut HeaderMap, methods: &'static str) {
        let allowed: [(HeaderName, &'static str); 4] = [
            (header::ALLOW, methods),
            (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
        ];
        for (name, value) in allowed {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
