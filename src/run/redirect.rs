//! The listener that sends plain HTTP to `https:`.

use std::io;
use std::net::TcpListener;
use std::thread;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::config::Config;
use crate::run::{access, hosts};
use parlor_kit::{Server, ServerHandle};

/// Serves on a thread of its own until it is stopped. `port`: the port of `https:`.
///
/// # Errors
/// If there is no thread.
pub fn start(listener: TcpListener, port: u16, config: &Config) -> io::Result<ServerHandle> {
    let server = Server::new().workers(1).access(access::rules(config)).allowed_hosts(hosts::allowed(config)).routes(
        move |routes| {
            routes.default_service(web::to(move |request: HttpRequest| async move { answer(&request, port) }));
        },
    );
    let handle = server.handle();
    thread::Builder::new().name("redirect".into()).spawn(move || {
        if let Err(error) = server.run_blocking(listener) {
            log::error!("HTTP is redirected no more: {error}");
        }
    })?;
    Ok(handle)
}

fn answer(request: &HttpRequest, port: u16) -> HttpResponse {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    match location(host, port, request.uri().path_and_query().map_or("/", |path| path.as_str())) {
        // The method and the body stay what they were (RFC 9110 §15.4.9).
        Some(location) => HttpResponse::PermanentRedirect().insert_header((header::LOCATION, location)).finish(),
        None => HttpResponse::BadRequest().body("a Host header is needed to send this request to https:\n"),
    }
}

/// Returns the same place at `https:`. `None` without a host.
fn location(host: &str, port: u16, path: &str) -> Option<String> {
    // The colons inside an IPv6 address's brackets are not a port's.
    let end = host.rfind(':').filter(|at| !host[*at..].contains(']')).unwrap_or(host.len());
    let name = Some(&host[..end]).filter(|name| !name.is_empty())?;
    // `//elsewhere` behind the host would be another host to a browser that joins them; behind a whole address it is a path.
    let path = if path.starts_with('/') { path } else { "/" };
    Some(if port == 443 { format!("https://{name}{path}") } else { format!("https://{name}:{port}{path}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_sent_to_the_same_place() {
        assert_eq!(location("chat.example:80", 443, "/a?b=c").as_deref(), Some("https://chat.example/a?b=c"));
        assert_eq!(location("chat.example", 8443, "/").as_deref(), Some("https://chat.example:8443/"));
        assert_eq!(location("[::1]:80", 8443, "/").as_deref(), Some("https://[::1]:8443/"));
        assert_eq!(location("[::1]", 443, "*").as_deref(), Some("https://[::1]/"));
        assert_eq!(location("", 443, "/"), None);
        assert_eq!(location(":80", 443, "/"), None);
    }
}
