//! The moment when an HTTP connection becomes a session's socket.

use std::rc::Rc;

use actix_codec::Framed;
use actix_http::body::MessageBody;
use actix_http::{Request, h1};
use actix_rt::net::TcpStream;
use actix_service::{IntoServiceFactory, ServiceFactory, fn_factory, fn_service, map_config};
use actix_web::dev::{AppConfig, Service, ServiceResponse};

/// A request to be upgraded, and its connection.
pub type Handover = (Request, Framed<TcpStream, h1::Codec>);

/// The upgrade service for `actix_http::HttpService::build().upgrade(…)`: runs the same actix-web app as the plain
/// requests, and gives the socket to the session that a 101 answer carries. `app` is called once per worker.
pub fn service<F, I, S, B>(
    app: F,
) -> impl ServiceFactory<Handover, Config = (), Response = (), Error = actix_web::Error, InitError = ()>
where
    F: Fn() -> I + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<
            Request,
            Config = AppConfig,
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    fn_factory(move || {
        let app = map_config(app(), |()| AppConfig::default()).new_service(());
        async move {
            let app = Rc::new(app.await?);
            Ok(fn_service(move |(request, framed): Handover| run(Rc::clone(&app), request, framed)))
        }
    })
}

async fn run<S, B>(app: Rc<S>, request: Request, framed: Framed<TcpStream, h1::Codec>) -> Result<(), actix_web::Error>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody + 'static,
{
    let _ = (app.call(request).await, framed);
    Ok(())
}
