//! Headers of every answer.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::{DefaultHeaders, Next};

use super::assets::{INLINE_SCRIPT, INLINE_STYLE};

/// The page loads and runs only its own files, and no other page frames it. What stands in its HTML is named by hash.
fn content_security_policy() -> String {
    format!(
        "default-src 'none'; script-src 'self' '{INLINE_SCRIPT}'; style-src 'self' '{INLINE_STYLE}'; img-src 'self' data:; \
         connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

pub fn secure() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, content_security_policy()))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add(("cross-origin-opener-policy", "same-origin"))
}

/// Tells browsers to come by `https:` alone for so long (RFC 6797), unless the host has no name of its own.
pub async fn strict_transport(
    age: Option<Duration>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let value = age.filter(|_| host.is_some_and(has_name)).and_then(|age| {
        let seconds = age.as_secs();
        HeaderValue::try_from(format!("max-age={seconds}")).ok()
    });
    let mut response = next.call(request).await?;
    if let Some(value) = value {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    Ok(response)
}

/// Returns whether a `Host` is a name other than localhost. Browsers ignore the header for IP addresses (RFC 6797 §8.1.1);
/// localhost is shared by all programs of a machine.
fn has_name(host: &str) -> bool {
    if host.starts_with('[') {
        return false;
    }
    let name = host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    !name.is_empty() && name.parse::<IpAddr>().is_err() && name != "localhost" && !name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_are_told_to_browsers() {
        for host in ["chat.example", "chat.example:8443", "CHAT.example."] {
            assert!(has_name(host), "{host}");
        }
        for host in ["localhost", "localhost:8443", "a.localhost", "127.0.0.1", "127.0.0.1:1", "[::1]:1", "", ":1"] {
            assert!(!has_name(host), "{host}");
        }
    }
}
