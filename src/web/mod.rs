//! Plain HTTP: the page, health and metrics.

mod assets;
mod headers;
mod health;
mod metrics;

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder};

use parlor_kit::RunningApp;

/// Adds the page, `/healthz`, `/readyz` and `/metrics` for the apps of this server.
pub fn configure(config: &mut ServiceConfig, apps: &Arc<Vec<RunningApp>>) {
    let rest = web::scope("")
        .wrap(headers::secure())
        .app_data(web::Data::from(apps.clone()))
        .service(readable("/healthz", health::alive))
        .service(readable("/readyz", health::ready))
        .service(readable("/metrics", metrics::serve))
        .default_service(web::to(assets::serve));
    config.service(rest);
}

/// A resource that GET and HEAD read (RFC 9110 §9.1); other methods get 405.
fn readable<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let refuse = || async { HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish() };
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .default_service(web::to(refuse))
}
