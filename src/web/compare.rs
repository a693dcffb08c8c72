//! A figure for the page that compares transports, which a browser does not tell its pages.

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

/// Answers with the length of the request's own head in bytes.
pub async fn head(request: HttpRequest, _body: Bytes) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).body(head_bytes(&request).to_string())
}

/// The request line and the headers, as they came over HTTP/1.1 (RFC 9112 §2.1).
fn head_bytes(request: &HttpRequest) -> usize {
    let line = request.method().as_str().len() + request.uri().to_string().len() + "  HTTP/1.1\r\n".len();
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    line + fields.sum::<usize>() + "\r\n".len()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_head_is_as_long_as_it_was_on_the_wire() {
        let wire = "GET /compare/head?x HTTP/1.1\r\nhost: a\r\naccept: */*\r\n\r\n";
        let request = TestRequest::get().uri("/compare/head?x").insert_header(("host", "a"));
        assert_eq!(head_bytes(&request.insert_header(("accept", "*/*")).to_http_request()), wire.len());
    }
}
