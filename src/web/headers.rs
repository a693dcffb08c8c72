//! Headers of every answer.

use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;

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
