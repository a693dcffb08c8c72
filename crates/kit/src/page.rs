//! HTML pages beside the apps.

use actix_web::http::header::UPGRADE;
use actix_web::web::{self, Html, ServiceConfig};
use actix_web::{Route, guard};

/// A page, and where it is.
#[derive(Clone)]
pub(crate) struct Page {
    pub path: String,
    pub html: &'static str,
}

impl Page {
    /// To be called before the apps' routes are added: what the guards refuse goes on to them.
    pub fn configure(&self, config: &mut ServiceConfig) {
        config.route(&self.path, route(self.html));
    }
}

fn route(html: &'static str) -> Route {
    web::route()
        .guard(guard::Any(guard::Get()).or(guard::Head()))
        .guard(guard::fn_guard(|request| !request.head().headers().contains_key(UPGRADE)))
        .to(move || std::future::ready(Html::new(html)))
}
