//! The page: the files that the build made of `static/`, in the encoding that the browser likes best.

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};

/// A file as it is served.
pub struct File {
    pub path: &'static str,
    /// Changes with the content.
    pub tag: &'static str,
    /// The `Cache-Control`.
    pub keep: &'static str,
    pub identity: &'static [u8],
    pub brotli: Option<&'static [u8]>,
    pub gzip: Option<&'static [u8]>,
}

/// Written by `build/`: `FILES`, by path, and the hashes of what stands in the HTML.
mod built {
    use super::File;

    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}

pub use built::{INLINE_SCRIPT, INLINE_STYLE};

pub async fn serve(request: HttpRequest) -> HttpResponse {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish();
    }
    // What is left of the path behind the server's base path.
    let path = match request.match_info().unprocessed().trim_start_matches('/') {
        "" => "index.html",
        "compare" => "compare.html",
        path => path,
    };
    match built::FILES.binary_search_by(|file| file.path.cmp(path)).ok().and_then(|at| built::FILES.get(at)) {
        Some(file) => answer(&request, file),
        None => HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("404: there is no such page\n"),
    }
}

fn answer(request: &HttpRequest, file: &File) -> HttpResponse {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let (encoding, body) = choose(file, accepted.unwrap_or_default());
    // Each encoding is a representation of its own, RFC 9110 §8.8.3.
    let tag = header::EntityTag::new_strong(format!("{}{}", file.tag, encoding.map_or("", |(_, suffix)| suffix)));
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known =
        known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag.to_string()));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag.to_string())).insert_header((header::CACHE_CONTROL, file.keep));
    if file.brotli.is_some() || file.gzip.is_some() {
        response.insert_header((header::VARY, "accept-encoding"));
    }
    if is_known {
        return response.finish();
    }
    if let Some((name, _)) = encoding {
        response.insert_header((header::CONTENT_ENCODING, name));
    }
    response.content_type(content_type(file.path)).body(body)
}

/// An encoding's name, and what tells its entity tag from the others.
type Encoding = (&'static str, &'static str);

/// Brotli before gzip before neither, as far as the browser takes them.
fn choose(file: &File, accepted: &str) -> (Option<Encoding>, &'static [u8]) {
    let takes = |name: &str| {
        accepted.split(',').any(|one| {
            let (coding, quality) = one.split_once(';').unwrap_or((one, ""));
            let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0));
            coding.trim().eq_ignore_ascii_case(name) && !refused
        })
    };
    match (file.brotli, file.gzip) {
        (Some(body), _) if takes("br") => (Some(("br", "-br")), body),
        (_, Some(body)) if takes("gzip") => (Some(("gzip", "-gz")), body),
        (_, _) => (None, file.identity),
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> &'static File {
        built::FILES.iter().find(|file| file.path == path).unwrap()
    }

    #[test]
    fn every_file_has_a_type() {
        for file in built::FILES {
            assert_ne!(content_type(file.path), "application/octet-stream", "{}", file.path);
        }
    }

    #[test]
    fn files_are_sorted_and_found() {
        assert!(built::FILES.is_sorted_by(|one, other| one.path < other.path));
        for path in
            ["index.html", "client.js", "client/outbox.js", "js/session.js", "sw.js", "robots.txt", "favicon.ico"]
        {
            assert!(!file(path).identity.is_empty());
        }
    }

    #[test]
    fn the_page_asks_for_one_script_that_is_kept_for_ever() {
        let html = std::str::from_utf8(file("index.html").identity).unwrap();
        let (_, rest) = html.split_once("<script type=\"module\" src=\"").unwrap();
        let (app, _) = rest.split_once('"').unwrap();
        assert!(file(app).keep.contains("immutable"), "{app}");
        assert_eq!(file("index.html").keep, "no-cache");
        assert!(!html.contains("rel=\"stylesheet\""));
    }

    #[test]
    fn the_first_visit_is_light() {
        let html = file("index.html").brotli.unwrap().len();
        let app = built::FILES.iter().find(|file| file.path.starts_with("app.")).unwrap().brotli.unwrap().len();
        assert!(html + app < 60 * 1024, "{html} + {app}");
    }

    #[test]
    fn encodings_are_chosen_by_what_is_taken() {
        let html = file("index.html");
        let chosen = |accepted| choose(html, accepted).0.map(|(name, _)| name);
        assert_eq!(chosen("gzip, deflate, br, zstd"), Some("br"));
        assert_eq!(chosen("GZIP"), Some("gzip"));
        assert_eq!(chosen("br;q=0, gzip;q=0.5"), Some("gzip"));
        assert_eq!(chosen(""), None);
        assert_eq!(choose(file("favicon.ico"), "br, gzip").0, None);
    }
}
