//! Plain HTTP: the page, health and metrics.

mod asset;
mod assets;
mod compare;
mod headers;
mod health;
mod metrics;
mod shelf;
mod watched;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, HttpServer, Resource, Responder};

pub use assets::kept_for_ever;
pub use shelf::{OtherVersions, Shelf, pack};
pub use watched::Watched;

/// Adds what operators and their programs ask the server itself for, at the root of a server with a base path: `/healthz`,
/// `/readyz`, `/metrics` if it has no listener of its own, and the `robots.txt` of the whole server.
pub fn configure_root(config: &mut ServiceConfig, server: &Watched, serves_metrics: bool, base_path: &str) {
    config
        .app_data(web::Data::new(server.clone()))
        .service(readable("/healthz", health::alive).wrap(headers::secure()))
        .service(readable("/readyz", health::ready).wrap(headers::secure()))
        .service(readable("/robots.txt", robots(base_path)).wrap(headers::secure()));
    if serves_metrics {
        config.service(readable("/metrics", metrics::serve).wrap(headers::secure()));
    }
}

/// Tells crawlers what is not for them: the sessions.
fn robots(base_path: &str) -> impl Handler<(), Output = HttpResponse> {
    let text = format!("User-agent: *\nDisallow: {base_path}api/\n");
    move || {
        let text = text.clone();
        async { HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text) }
    }
}

/// Parts of the pages that not every server has.
#[derive(Clone, Default)]
pub struct Extras {
    /// The time for which browsers are told to come by `https:` alone.
    pub hsts: Option<Duration>,
    /// The files of nodes of other versions.
    pub other_versions: Option<Arc<OtherVersions>>,
}

/// Adds the page, `/healthz`, `/readyz` and, if it has no listener of its own, `/metrics` of this server.
pub fn configure(config: &mut ServiceConfig, server: &Watched, serves_metrics: bool, extras: Extras) {
    let Extras { hsts, other_versions } = extras;
    let mut rest = web::scope("")
        .wrap(from_fn(move |request, next| headers::strict_transport(hsts, request, next)))
        .wrap(headers::secure())
        .app_data(web::Data::new(server.clone()))
        .app_data(web::Data::new(other_versions))
        .service(readable("/healthz", health::alive))
        .service(readable("/readyz", health::ready))
        .service(web::resource("/compare/head").route(web::to(compare::head)))
        .default_service(web::to(assets::serve));
    if serves_metrics {
        rest = rest.service(readable("/metrics", metrics::serve));
    }
    config.service(rest);
}

/// Serves `/metrics` alone, whatever the `Host`.
///
/// # Errors
/// If the listener can't be used.
pub fn serve_metrics(listener: TcpListener, server: Watched) -> io::Result<actix_web::dev::Server> {
    let app = move || {
        let server = server.clone();
        let serve = move |request: HttpRequest| {
            let server = server.clone();
            async move { metrics::answer(&request, &server).await }
        };
        actix_web::App::new().service(readable("/metrics", serve))
    };
    Ok(HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run())
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
