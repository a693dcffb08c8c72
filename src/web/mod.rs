//! What the server says over plain HTTP: the page, its health and its figures.

mod assets;
mod headers;
mod health;
mod metrics;

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};

use parlor_kit::RunningApp;

/// Adds the page, `/healthz`, `/readyz` and `/metrics` for the apps of this server.
pub fn configure(config: &mut ServiceConfig, apps: &Arc<Vec<RunningApp>>) {
    let rest = web::scope("")
        .wrap(headers::secure())
        .app_data(web::Data::from(apps.clone()))
        .route("/healthz", web::get().to(health::alive))
        .route("/readyz", web::get().to(health::ready))
        .route("/metrics", web::get().to(metrics::serve))
        .default_service(web::to(assets::serve));
    config.service(rest);
}
