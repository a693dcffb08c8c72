//! The WebSocket endpoint of one app: who may come in, and the handshake (RFC 6455 §4.2).

use actix_web::{HttpRequest, HttpResponse, Route, web};

use crate::kit::app::App;
use crate::kit::server::handle::AppHandle;

/// Serves WebSockets for an app, at whatever path it is mounted: with `App::route`, `Resource::route`, or as
/// `App::default_service` for any path. It answers every method, and works only under
/// [`upgrade::service`](crate::kit::transport::upgrade::service).
pub fn route<A: App>(handle: AppHandle<A>) -> Route {
    web::to(move |request: HttpRequest| {
        let handle = handle.clone();
        async move { answer(&handle, &request) }
    })
}

fn answer<A: App>(_handle: &AppHandle<A>, _request: &HttpRequest) -> HttpResponse {
    HttpResponse::NotImplemented().finish()
}
