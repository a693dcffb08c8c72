//! `/healthz` and `/readyz`, for operators and their monitoring.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};

use super::watched::Watched;

/// Answers that the process lives.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body("ok")
}

/// Answers whether every app can do its work; if not, 503 with the reasons.
pub async fn ready(server: web::Data<Watched>) -> HttpResponse {
    let troubles: Vec<String> = server.server.apps().iter().filter_map(|app| app.check().err()).collect();
    if troubles.is_empty() {
        HttpResponse::Ok().content_type(ContentType::plaintext()).body("ready")
    } else {
        HttpResponse::ServiceUnavailable().content_type(ContentType::plaintext()).body(troubles.join("\n"))
    }
}
